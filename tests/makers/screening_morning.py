"""What a photographer's morning does on the screening desk, for tests and for the benchmark."""

import base64
from pathlib import Path

from playwright.async_api import Locator, Page

from consult.kernel.work import Role
from tests.makers.pictures import own_copy
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

FILES_MS = 120_000
COUNT = """for (const [kind, name] of [["pointerdown", "clicks"], ["keydown", "keys"]]) {
  addEventListener(kind, (event) => {
    if (event.isTrusted) { sessionStorage[name] = Number(sessionStorage[name] ?? 0) + 1; }
  }, true);
}"""
PAUSE = """localStorage.setItem("lianzhen-upload-pace", JSON.stringify({ paused: true }))"""
GO_ON = """localStorage.setItem("lianzhen-upload-pace", JSON.stringify({ paused: false }))"""
_DROP = """async ([row, names, files]) => {
  const carried = new DataTransfer();
  for (const [at, name] of names.entries()) {
    const bytes = Uint8Array.from(atob(files[at]), (letter) => letter.charCodeAt(0));
    const type = name.endsWith(".png") ? "image/png" : "image/jpeg";
    carried.items.add(new File([bytes], name, { type }));
  }
  for (const kind of ["dragover", "drop"]) {
    document.querySelector(row).dispatchEvent(
      new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""


async def come(screen: Screen, house: WorldHouse, role: Role) -> None:
    """Be signed in as somebody of the centre."""
    person = house.world.person(Side.HOME, role)
    await screen.come_as(let_in(house.world.now, person).token)


async def paste(screen: Screen, text: str) -> None:
    """Look at the report, then put on the list who is in order."""
    await screen.go("/screening/list")
    await screen.at("[name=q]").fill(text)
    await screen.at("#paste-form button[type=submit]").click()
    await screen.at("#list-report tr[data-line]").first.wait_for()


async def counts(page: Page) -> tuple[int, int]:
    """Clicks and keys in this window since it was opened."""
    made = "[Number(sessionStorage.clicks ?? 0), Number(sessionStorage.keys ?? 0)]"
    clicks, keys = await page.evaluate(made)
    return int(clicks), int(keys)


async def confirm_eyes(screen: Screen) -> None:
    """All four have arrived, and one act confirms whose eyes they are."""
    await screen.at("#case-images .shot").nth(3).wait_for(timeout=FILES_MS)
    confirm = screen.at('#case-images button[data-act-url-value$="/images/confirm"]')
    await confirm.click()
    await confirm.wait_for(state="detached")


async def consent(nurse: Screen) -> None:
    """What was signed on paper."""
    form = nurse.at('#desk-open form[data-form-url-value$="/consents"]')
    await nurse.fill(
        form,
        {
            "items": ["telemedicine", "data_sharing"],
            "scope": "single",
            "signer": "self",
            "method": "paper",
        },
    )
    await type_in(form.locator('[name="cost_yuan"]'), "0")
    await form.locator("button[type=submit]").click()
    await nurse.at("#consent .b-ok").wait_for()


async def type_in(control: Locator, text: str) -> None:
    """A hand goes to the field by a click, and types."""
    await control.click()
    await control.press_sequentially(text)


async def history(nurse: Screen, *, right: str = "0.6", left: str = "4.7") -> None:
    """The few answers of a screening read."""
    form = nurse.at('#desk-open form[data-controller~="autosave"]')
    await nurse.fill(form, {"answers.diabetes": "yes", "answers.red_flags": ["none"]})
    for eye, seen in (("right", right), ("left", left)):
        await type_in(form.locator(f'[name="answers.va_{eye}.value"]'), seen)


async def drop(nurse: Screen, row: str, names: list[str], photographs: list[bytes]) -> None:
    """Drop files on a row, as from the camera's folder."""
    files = [base64.b64encode(each).decode() for each in photographs]
    await nurse.page.evaluate(_DROP, [row, names, files])


def four(fundus: Path) -> tuple[list[str], list[bytes]]:
    """Macula and disc of either eye, as their names say, for one patient more."""
    names = ["OD_macula.jpg", "OD_disc.jpg", "OS_macula.jpg", "OS_disc.jpg"]
    chosen = [f"HRF_{number}_h_downscaled.jpg" for number in ("01", "07", "02", "10")]
    return names, [own_copy((fundus / name).read_bytes()) for name in chosen]
