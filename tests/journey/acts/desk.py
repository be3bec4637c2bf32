"""The referral office and the clinic beside each other: what one books, the other sees."""

from playwright.async_api import Locator

from tests.makers.screen import Screen

_COUNT = '#desk-tabs a[href$="view=open"] .count'


async def watch_tabs(desk: Screen) -> int:
    """Leave the office's list open; how many are under way now."""
    await desk.go("/desk?view=open")
    await desk.at('.live[data-state="live"]').wait_for()
    await desk.page.evaluate("() => { window.wasHere = true; }")
    return int(await desk.at(_COUNT).inner_text())


async def wait_for_row(desk: Screen, patient: str, *, count: int) -> Locator:
    """The new booking stands in the list and is counted in the tab; nothing was reloaded."""
    row = desk.at("#desk tr[data-key]", has_text=patient)
    await row.locator(".badge.b-accent").first.wait_for()
    await desk.at(_COUNT, has_text=str(count)).wait_for()
    assert await desk.page.evaluate("() => window.wasHere")
    return row


async def move(desk: Screen, row: Locator) -> str:
    """From the row to another time, by the keyboard alone; the time that stands on the new slip."""
    await row.locator("a.row-link").focus()
    await desk.page.keyboard.press("Enter")
    await desk.at("#office-open").wait_for()
    await desk.assert_accessible()
    await desk.shoot("desk-referral")
    await desk.at('a[href$="/booking?change=1"]').focus()
    await strike(desk, "Enter")
    await desk.at("button.slot").last.focus()
    await desk.page.keyboard.press("Enter")
    await desk.at("#hold").wait_for()
    await desk.assert_accessible()
    await desk.shoot("desk-held")
    await desk.at('#hold button[form="refer"]').focus()
    await strike(desk, "Enter")
    return await desk.at(".paper-slip-when").inner_text()


async def strike(screen: Screen, key: str) -> None:
    """Press a key after which another page stands there."""
    async with screen.page.expect_event("load"):
        await screen.page.keyboard.press(key)
