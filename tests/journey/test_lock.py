"""A computer that nobody uses: every page is covered, nothing typed is lost (U18)."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.journey.conftest import Opener
from tests.makers.house import open_house
from tests.makers.installation import OWN_PASSWORD, SET_UP, Installation, Person
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(180)]
_TYPED = "听风的患者"
_PAUSE_MS = 11 * 60 * 1000


async def is_covered(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.matches('.is-locked')"))


async def wait_covered(page: Page, *, covered: bool = True) -> None:
    await page.locator("html.is-locked").wait_for(state="attached" if covered else "detached")


async def unlock(page: Page, password: str) -> None:
    await page.fill("#lock-password", password)
    await page.click("#lock button[type=submit]")


async def test_two_tabs_lock_together_and_keep_what_was_typed(
    tmp_path: Path, at_door: Opener
) -> None:
    with open_house(tmp_path / "house") as house:
        async with Visitor(house.base) as admin:
            assert (await admin.send("/api/setup", SET_UP))[0] == 200
            await admin.read_token()
            installation = Installation(house, admin)
            async with installation.person("requesting_physician") as person:
                async with at_door(house.base) as screen:
                    # what the locked session asks for
                    screen.awaited += [*["401 "] * 8, "422 "]
                    await walk(screen.page, house.base, person, installation)


async def walk(page: Page, base: str, person: Person, installation: Installation) -> None:
    other = await page.context.new_page()
    for each in (page, other):
        await each.clock.install()
    await sign_in(page, base, person.login)
    await page.goto(f"{base}/patients/new")
    await other.goto(f"{base}/account")
    await page.fill("[name=name]", _TYPED)
    await other.fill("[name=password]", "half a password")
    await page.clock.fast_forward(_PAUSE_MS)
    await wait_covered(page)
    await wait_covered(other)
    await check_unreadable(page)
    fresh = await page.context.new_page()
    await fresh.goto(f"{base}/patients")
    assert await is_covered(fresh)
    await unlock(page, "not the password")
    await page.locator("#lock .error").wait_for()
    await unlock(page, OWN_PASSWORD)
    for each in (page, other):
        await wait_covered(each, covered=False)
    assert await page.input_value("[name=name]") == _TYPED
    await fresh.wait_for_selector("h1:has-text('患者')")
    assert not await is_covered(fresh)
    await come_back_after_the_end(page, person, installation)


async def sign_in(page: Page, base: str, login: str) -> None:
    await page.goto(f"{base}/sign-in")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", OWN_PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_url(lambda url: "sign-in" not in url)


async def is_refused(page: Page) -> bool:
    answer = await page.evaluate("fetch('/api/account').then((told) => told.status)")
    return bool(answer == 401)


async def check_unreadable(page: Page) -> None:
    text = await page.inner_text("body")
    assert _TYPED not in text
    assert "患者" not in text
    assert await page.title() == "已锁定"
    for _ in range(2):
        await page.keyboard.press("Escape")
    assert await page.locator("#lock").is_visible()
    # the page is covered at once, and the server learns of it a moment later
    async with asyncio.timeout(60):
        while not await is_refused(page):  # noqa: ASYNC110 - another process makes it so
            await asyncio.sleep(0.1)
    assert not await page.locator("[name=name]").is_visible()
    assert await page.input_value("[name=name]") == _TYPED


async def come_back_after_the_end(page: Page, person: Person, installation: Installation) -> None:
    """The session is over as well; signing in over the page loses nothing."""
    async with installation.visitor() as elsewhere:
        await elsewhere.sign_in(person.login, OWN_PASSWORD)
        await elsewhere.send("/api/account/sessions/revoke-others")
    await page.clock.fast_forward(_PAUSE_MS)
    await wait_covered(page)
    await unlock(page, OWN_PASSWORD)
    await wait_covered(page, covered=False)
    assert await page.input_value("[name=name]") == _TYPED
    answer = await page.evaluate(
        """async () => (await fetch("/api/session/here", { method: "POST", body: "{}", headers: {
          "Content-Type": "application/json",
          "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content,
        } })).status"""
    )
    assert answer == 200
