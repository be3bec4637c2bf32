"""The one computer of a clinic's photographer: its browser is closed and opened, its line cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from playwright.async_api import CDPSession, Page

from consult.kernel.work import Role
from tests.makers.browsers import open_profile
from tests.makers.screen import DESKTOP, Screen
from tests.makers.screening_morning import COUNT, come
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import PASSWORD

WHOLE: Final = {
    "offline": False,
    "latency": 0,
    "downloadThroughput": -1,
    "uploadThroughput": -1,
}
"""A line without bounds, in the words of the browser's own tools."""
THIN: Final = {
    "offline": False,
    "latency": 200,
    "downloadThroughput": 125_000,
    "uploadThroughput": 125_000,
}
"""1 Mbit/s each way, and 200 ms."""
_IDLE_MS: Final = 56 * 60 * 1000
_ASK: Final = "fetch('/api/account').then((told) => told.status)"
_CUT: Final = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")


@dataclass
class ClinicPc:
    """A browser whose profile stays; the photographer sits before it."""

    house: WorldHouse
    folder: Path
    line: Mapping[str, Any] = field(default_factory=lambda: WHOLE)
    loads: int = 0
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _screen: Screen | None = None
    _session: CDPSession | None = None
    _has_clock: bool = False

    @property
    def screen(self) -> Screen:
        """The window that stands open."""
        assert self._screen is not None
        return self._screen

    async def open(self) -> None:
        """Start the browser, and be signed in."""
        size = {"width": DESKTOP[0], "height": DESKTOP[1]}
        here = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": size}
        context = await self._stack.enter_async_context(open_profile(self.folder, **here))
        context.set_default_timeout(60_000)
        chosen = {"name": "lianzhen_lang", "value": "zh-Hans", "url": self.house.base}
        await context.add_cookies([chosen])
        self._screen = Screen(context.pages[0], self.house.base, "zh", DESKTOP)
        self.screen.listen()
        await come(self.screen, self.house, Role.PHOTOGRAPHER)
        await self.screen.page.add_init_script(COUNT)
        self._session, self._has_clock = None, False
        await self.use_line(self.line)
        self.screen.page.on("load", self._loaded)

    async def close(self) -> None:
        """The browser goes, without a word to the page."""
        await self._stack.aclose()

    async def use_line(self, conditions: Mapping[str, Any]) -> None:
        """What the line bears from now on."""
        session = self._session
        if session is None:
            page = self.screen.page
            session = self._session = await page.context.new_cdp_session(page)
            await session.send("Network.enable")
        await session.send("Network.emulateNetworkConditions", dict(conditions))

    @contextlib.asynccontextmanager
    async def cut_off(self) -> AsyncIterator[None]:
        """Nothing goes through for the time of a block; the browser complains, and may."""
        await self.use_line({**self.line, "offline": True})
        try:
            yield
        finally:
            await self.use_line(self.line)

    async def fall_idle(self) -> None:
        """Nobody touches the computer until its lock falls."""
        page = self.screen.page
        if not self._has_clock:
            await page.clock.install()
            self._has_clock = True
        await page.clock.fast_forward(_IDLE_MS)
        await page.locator("html.is-locked").wait_for(state="attached")
        # the page is covered at once, and the server learns of it a moment later
        async with asyncio.timeout(60):
            while await page.evaluate(_ASK) != HTTPStatus.UNAUTHORIZED:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def unlock(self) -> None:
        """The photographer is back."""
        page = self.screen.page
        await page.fill("#lock-password", PASSWORD)
        await page.click("#lock button[type=submit]")
        await page.locator("html.is-locked").wait_for(state="detached")

    def assert_quiet(self) -> None:
        """No complaint but of the line that was cut and the lock that fell."""
        told = [each for each in self.screen.complaints if not any(word in each for word in _CUT)]
        assert told == [], told
        refused = [each for each in self.screen.refusals if not each.startswith("401 ")]
        assert refused == [], refused

    def _loaded(self, _page: Page) -> None:
        self.loads += 1
