"""What the experts do: see the case come, take it, look at every picture, write, sign."""

import asyncio

from playwright.async_api import Locator

from tests.journey.acts.administration import PASSWORD
from tests.makers.screen import Screen

_PICTURES_MS = 60_000
_WATCH = """() => { window.lianzhenRows = {};
  const note = () => document.querySelectorAll("#worklist [data-key]").forEach((row) => {
    window.lianzhenRows[row.dataset.key] ??= Date.now(); });
  note();
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true }); }"""
_ARRIVED = "(key) => window.lianzhenRows[key]"
REFERABLE = {
    "right": {"eye_status": "present", "quality": "good", "icdr": "2", "dme": "none"},
    "left": {"eye_status": "present", "quality": "gradable", "icdr": "2", "dme": "suspected"},
}


async def watch_list(expert: Screen, tab: str = "read") -> None:
    """Leave the work list open; the page notes when each row comes."""
    await expert.go(f"/worklist?tab={tab}")
    await expert.at('.live[data-state="live"]').wait_for()
    await expert.page.evaluate(_WATCH)


async def row_arrived_at(expert: Screen, case_id: str) -> float:
    """When the row stood in the open list, in ms of this machine's clock; no page was loaded."""
    await expert.at(f'#worklist [data-key="{case_id}"]').wait_for()
    return float(await expert.page.evaluate(_ARRIVED, case_id))


async def take_at_once(one: Screen, other: Screen, case_id: str) -> tuple[Screen, Screen]:
    """Both press at the same moment: one reads, the other is told who does."""
    take = f'button[data-act-url-value="/api/queue/{case_id}/claim"]'
    await asyncio.gather(one.at(take).click(), other.at(take).click())
    room = f"**/cases/{case_id}/reading"
    races = [asyncio.create_task(each.page.wait_for_url(room)) for each in (one, other)]
    _done, waiting = await asyncio.wait(races, return_when=asyncio.FIRST_COMPLETED)
    for race in waiting:
        race.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    winner, loser = (one, other) if one.path.endswith("/reading") else (other, one)
    loser.awaited.append("409 ")
    return winner, loser


async def take(expert: Screen, case_id: str) -> None:
    """Take a case from the open list."""
    await expert.press(expert.at(f'button[data-act-url-value="/api/queue/{case_id}/claim"]'))
    assert expert.path == f"/cases/{case_id}/reading"


async def look_at_all(expert: Screen) -> int:
    """Open every photograph until it was shown in full; how many there are."""
    films = expert.at(".film:has(img)")
    for film in await films.all():
        await film.click()
        seen = film.and_(expert.at('[data-seen="full"]'))
        await seen.wait_for(timeout=_PICTURES_MS)
    return await films.count()


async def write(expert: Screen, eyes: dict[str, dict[str, str]], **rest: str) -> None:
    """Fill in the structured report; the draft is kept by itself."""
    form = expert.at("#report-form")
    facts = {f"{eye}.{name}": value for eye, said in eyes.items() for name, value in said.items()}
    async with expert.page.expect_response("**/report/draft", timeout=_PICTURES_MS) as kept:
        await expert.fill(form, facts | rest)
    assert (await kept.value).status == 200


async def diagnose(expert: Screen, code: str) -> None:
    """Find a diagnosis by its code and tick it."""
    await expert.at("[data-pick-list-target=find]").fill(code)
    tick = expert.at(f'#f-diagnoses label:has(input[value="{code}"])')
    await tick.click()


async def press_normal_and_undo(expert: Screen) -> None:
    """One key says that both eyes show nothing; one button takes it back."""
    await expert.at("#report-form [data-action='normal#both']").click()
    right = expert.at('[name="right.icdr"]')
    assert await right.input_value() == "0"
    await expert.at("[data-action='normal#undo']").click()
    assert not await right.input_value()


async def assert_nothing_preselected(expert: Screen) -> None:
    """A fresh report says nothing about any eye."""
    chosen = await expert.page.evaluate(
        """() => [...document.querySelectorAll("#report-form select, #report-form :checked")]
          .filter((it) => it.tagName === "SELECT" ? it.value !== "" : it.type === "checkbox"
            || it.type === "radio").map((it) => it.name)"""
    )
    assert chosen == []


async def put_back_and_take_again(expert: Screen) -> None:
    """The draft stays its author's, whole."""
    before = await _report(expert)
    case_id = expert.path.split("/")[2]
    await expert.press(expert.at('button[data-act-url-value$="/release"]'))
    assert expert.path == "/worklist"
    await take(expert, case_id)
    assert await _report(expert) == before


async def sign(expert: Screen) -> None:
    """See in words what is signed, and sign with the password again; a wrong one signs nothing."""
    button = expert.at('button[data-sign-target="button"][aria-disabled="false"]')
    await button.click()
    dialog = expert.at("#sign-dialog")
    await dialog.wait_for()
    await expert.assert_accessible()
    await expert.shoot("sign")
    async with expert.refused(422, "/sign"):
        await dialog.locator("[name=password]").fill("not-the-password")
        await dialog.locator("button[type=submit]").click()
    await expert.problems()
    await dialog.locator("[name=password]").fill(PASSWORD)
    await press_and_leave(expert, dialog.locator("button[type=submit]"))


async def press_and_leave(expert: Screen, button: Locator) -> None:
    """Press what ends her work on a case: the list stands there, or the next case of her row."""
    room = f"/cases/{expert.path.split('/')[2]}"
    await expert.press(button)
    left_for_next = expert.path.endswith("/reading") and not expert.path.startswith(room)
    assert left_for_next or expert.path == "/worklist"


async def _report(expert: Screen) -> object:
    return await expert.page.evaluate(
        """() => [...new FormData(document.getElementById("report-form"))]
          .filter(([name]) => name !== "version")"""
    )
