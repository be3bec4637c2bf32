"""Chromium in a clinic's network, in a room of a media process elsewhere.

Only media goes over the network of the test: page and line are handed to the browser by hand.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from playwright.async_api import Page, Playwright, Route, WebSocketRoute, async_playwright

from server.media.line import Line
from tests.makers.media_house import MediaHouse
from tests.makers.media_networks import MediaNetwork
from tests.makers.room_script import ROOM_FLAGS, ROOM_SCRIPT

SMALL: Final = {"width": 320, "height": 240, "frameRate": 15}
LARGE: Final = {"width": 640, "height": 480, "frameRate": 30}
"""What sends more than 800 kbit/s where it may."""
_ADDRESS: Final = "https://room.test/"
_PAGE: Final = f"<!doctype html><title>room</title><body><script>{ROOM_SCRIPT}</script></body>"


class FarPage:
    """One participant's page, and what it has counted."""

    def __init__(self, page: Page, media: MediaHouse, room: str, person: str) -> None:
        self.page = page
        self._media, self._room, self._person = media, room, person
        self._inner: Line | None = None
        self._passing: asyncio.Task[None] | None = None

    async def enter(self, size: Mapping[str, int], codec: str = "VP8") -> None:
        """Come in, and send a picture of this size."""
        await self.page.route(f"{_ADDRESS}**", _hand_page)
        await self.page.route_web_socket("**/line", self._serve)
        await self.page.goto(_ADDRESS)
        await self.page.evaluate(
            "([told, codec]) => { size = told; enter('/line', codec); }", [size, codec]
        )

    async def counted(self) -> dict[str, Any]:
        """What it has seen and heard since it came."""
        found: dict[str, Any] = await self.page.evaluate("counted()")
        return found

    async def sees_and_hears(self, *, pictures: int = 30, sounds: int = 50) -> bool:
        """Whether it has shown and heard so much."""
        found = await self.counted()
        return bool(found["video"] > pictures and found["audio"] > sounds)

    def end(self) -> None:
        """Hang up."""
        if self._inner is not None:
            self._inner.end()
        if self._passing is not None:
            self._passing.cancel()

    async def _serve(self, outer: WebSocketRoute) -> None:
        media = self._media
        inner = await media.desk.join(self._room, media.token(self._room, self._person))
        self._inner = inner

        async def pass_out() -> None:
            while (told := await inner.receive()) is not None:
                outer.send(json.dumps(told))

        outer.on_message(lambda text: inner.send(json.loads(text)))
        self._passing = asyncio.get_running_loop().create_task(pass_out())


@contextlib.asynccontextmanager
async def meeting_of_browsers(
    network: MediaNetwork, media: MediaHouse, *people: str, size: Mapping[str, int] = SMALL
) -> AsyncIterator[list[FarPage]]:
    """A browser in each clinic, all of them in one room."""
    room = await media.open_room()
    async with async_playwright() as playwright, contextlib.AsyncExitStack() as stack:
        pages = []
        for number, person in enumerate(people):
            page = await _open_page(playwright, network.browser(number), stack)
            pages.append(FarPage(page, media, room, person))
            stack.callback(pages[-1].end)
            await pages[-1].enter(size)
        yield pages


async def _open_page(
    playwright: Playwright, program: str, stack: contextlib.AsyncExitStack
) -> Page:
    browser = await playwright.chromium.launch(executable_path=program, args=list(ROOM_FLAGS))
    stack.push_async_callback(browser.close)
    return await browser.new_page()


async def _hand_page(route: Route) -> None:
    await route.fulfill(body=_PAGE, content_type="text/html")
