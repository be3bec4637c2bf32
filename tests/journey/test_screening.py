"""The photographer's morning: a pasted list, then patient after patient in one page (U1, U18)."""

import base64
from pathlib import Path

import pytest
from playwright.async_api import Page

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number
from tests.makers.pictures import own_copy
from tests.makers.screen import Screen
from tests.makers.workbooks import make_workbook
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
FIRST, SECOND = "项根娣", "叶金凤"
MOST_CLICKS, MOST_KEYS = 15, 40
_FILES_MS = 120_000
_COUNT = """addEventListener("pointerdown", (event) => {
  if (event.isTrusted) { window.clicks = (window.clicks ?? 0) + 1; }
}, true);
addEventListener("keydown", (event) => {
  if (event.isTrusted) { window.keys = (window.keys ?? 0) + 1; }
}, true);"""
_DROP = """async ([row, names, files]) => {
  const carried = new DataTransfer();
  for (const [at, name] of names.entries()) {
    const bytes = Uint8Array.from(atob(files[at]), (letter) => letter.charCodeAt(0));
    carried.items.add(new File([bytes], name, { type: "image/jpeg" }));
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


def pasted(first: int) -> str:
    """Two patients in order, one whose check digit is wrong, and one who stands there twice."""
    numbers = [citizen_number(first + step, birth="19580203") for step in range(2)]
    wrong = numbers[0][:-1] + ("1" if numbers[0][-1] != "1" else "2")
    lines = [(FIRST, numbers[0]), (SECOND, numbers[1]), ("丁一", wrong), (FIRST, numbers[0])]
    return "\n".join(["姓名\t身份证号", *("\t".join(line) for line in lines)])


async def paste(screen: Screen, text: str) -> None:
    """Look at the report, then put on the list who is in order."""
    await screen.go("/screening/list")
    await screen.at("[name=q]").fill(text)
    await screen.at("#paste-form button[type=submit]").click()
    await screen.at("#list-report tr[data-line]").first.wait_for()


async def counts(page: Page) -> tuple[int, int]:
    """Clicks and keys since the page was loaded."""
    return tuple(await page.evaluate("[window.clicks ?? 0, window.keys ?? 0]"))


async def test_a_pasted_list_says_of_every_line_what_becomes_of_it(
    world_house: WorldHouse, at_door: Opener
) -> None:
    async with at_door(world_house.base) as nurse:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await paste(nurse, pasted(301))
        lines = await nurse.at("#list-report tr[data-line] .list-why").all_inner_texts()
        assert nurse.say("建档并列入名单", "registered") in lines[0]
        assert nurse.say("校验", "check digit") in lines[2]
        assert nurse.say("与第 2 行为同一人", "line 2") in lines[3]
        await nurse.assert_accessible()
        await nurse.shoot("screening-report")
        await nurse.press(nurse.at("#list-report form button[type=submit]"))
        assert nurse.path == "/screening"
        names = await nurse.at(".desk-list .name").all_inner_texts()
        assert names[-2:] == [FIRST, SECOND]
        assert await nurse.find_overflow() == []


async def test_a_list_in_a_workbook_is_checked_as_if_it_had_been_pasted(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    book = tmp_path / "名单.xlsx"
    number = citizen_number(331, birth="19580203")
    book.write_bytes(make_workbook([["姓名", "身份证号"], ["钟阿妹", number]]))
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    async with at_door(world_house.base) as nurse:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await nurse.go("/screening/list")
        async with nurse.refused(422, "/lists/read"):
            await nurse.at("input[type=file]").set_input_files(broken)
        await nurse.assert_said("无法读取该工作簿", "cannot be read")
        await nurse.at("input[type=file]").set_input_files(book)
        line = nurse.at('#list-report tr[data-line="2"]')
        await line.wait_for()
        assert "钟阿妹" in await line.inner_text()


async def test_patients_follow_one_another_without_a_page_load_and_within_the_counts(
    world_house: WorldHouse, at_door: Opener, real_files: Path
) -> None:
    async with at_door(world_house.base) as nurse, at_door(world_house.base) as doctor:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await paste(nurse, pasted(311))
        await nurse.page.add_init_script(_COUNT)
        await nurse.press(nurse.at("#list-report form button[type=submit]"))
        key = str(await nurse.at(".desk-list tr", has_text=SECOND).last.get_attribute("data-key"))
        await come(doctor, world_house, Role.REQUESTING_PHYSICIAN)
        await doctor.go("/screening")
        await doctor.at('.live[data-state="live"]').wait_for()
        loads: list[str] = []
        nurse.page.on("load", lambda page: loads.append(page.url))
        before = await counts(nurse.page)
        await prepare(nurse, key, real_files / "image" / "fundus")
        for screen in (nurse, doctor):
            said = screen.say("待提交", "Ready")
            await screen.at(f'tr[data-key="{key}"] .badge', has_text=said).wait_for()
        after = await counts(nurse.page)
        assert after[0] - before[0] <= MOST_CLICKS, after
        assert after[1] - before[1] <= MOST_KEYS, after
        await nurse.assert_accessible()
        await nurse.shoot("screening-open")
        await go_on(nurse, key)
        assert loads == []
        await print_papers(nurse)
        await send_all(doctor, key)


async def prepare(nurse: Screen, key: str, fundus: Path) -> None:
    """Everything for one patient: begun, consent, history, photographs, their eyes."""
    await nurse.at(f'tr[data-key="{key}"]').get_by_role("button").click()
    await nurse.at("#desk-open form").first.wait_for()
    assert SECOND in await nurse.at("#desk-banner").inner_text()
    await consent(nurse)
    await history(nurse)
    names = ["OD_macula.jpg", "OD_disc.jpg", "OS_macula.jpg", "OS_disc.jpg"]
    chosen = [f"HRF_{number}_h_downscaled.jpg" for number in ("01", "07", "02", "10")]
    photographs = [own_copy((fundus / name).read_bytes()) for name in chosen]
    await drop(nurse, f'tr[data-key="{key}"]', names, photographs)
    await nurse.at("#case-images .shot").nth(3).wait_for(timeout=_FILES_MS)
    confirm = nurse.at('#case-images button[data-act-url-value$="/images/confirm"]')
    await confirm.click()
    await confirm.wait_for(state="detached")


async def go_on(nurse: Screen, key: str) -> None:
    """A scan leads to a patient's row, one key to the one after her; what was typed was kept."""
    scan = nurse.at("#scan")
    await scan.fill(citizen_number(311, birth="19580203"))
    await scan.press("Enter")
    await nurse.at("#desk-banner", has_text=FIRST).wait_for()
    await nurse.page.keyboard.press("F2")
    await nurse.at("#desk-banner", has_text=SECOND).wait_for()
    assert nurse.page.url.endswith(f"?row={key}")
    kept = nurse.at('#desk-open [name="answers.va_left.value"]')
    assert await kept.input_value() == "4.7"


async def print_papers(nurse: Screen) -> None:
    """The list with bar codes, and a consent form for who has signed none."""
    await nurse.go("/screening/print")
    assert {FIRST, SECOND} <= set(await nurse.at(".paper-table .name").all_inner_texts())
    await nurse.shoot("screening-paper")
    await nurse.go("/screening/consents")
    named = await nurse.at(".consent-sheet .name").all_inner_texts()
    assert len(named) == await nurse.at(".consent-sheet svg.bar-code").count() > 0
    await nurse.shoot("screening-consents")


async def send_all(doctor: Screen, key: str) -> None:
    """The physician looks at all photographs, chooses what is ready and sends it: three clicks."""
    await doctor.press(doctor.at('a[href="/screening/sheet"]'))
    row = doctor.at(f'.sheet-row[data-key="{key}"]')
    assert await row.locator("img.sheet-shot").count() == 4
    await doctor.assert_accessible()
    await doctor.shoot("screening-sheet")
    form = doctor.at('button[form="sheet-form"]')
    async with doctor.refused(422, "/screening/submit"):
        await form.click()
    await doctor.at("[data-choose-all-for]").click()
    await doctor.press(form)
    assert await doctor.at(f'.sheet-row[data-key="{key}"]').count() == 0
    assert doctor.say("已提交 1 例", "Sent: 1") in await doctor.at(".notice-ok").inner_text()


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
    await form.locator('[name="cost_yuan"]').press_sequentially("0")
    await form.locator("button[type=submit]").click()
    await nurse.at("#consent .b-ok").wait_for()


async def history(nurse: Screen) -> None:
    """The few answers of a screening read."""
    form = nurse.at('#desk-open form[data-controller~="autosave"]')
    await nurse.fill(form, {"answers.diabetes": "yes", "answers.red_flags": ["none"]})
    for eye, seen in (("right", "0.6"), ("left", "4.7")):
        control = form.locator(f'[name="answers.va_{eye}.value"]')
        await control.focus()
        await control.press_sequentially(seen)


async def drop(nurse: Screen, row: str, names: list[str], photographs: list[bytes]) -> None:
    """Drop files on a row, as from the camera's folder."""
    files = [base64.b64encode(each).decode() for each in photographs]
    await nurse.page.evaluate(_DROP, [row, names, files])
