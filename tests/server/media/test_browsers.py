"""Two pages of real Chromium see and hear each other through the media process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright

from tests.makers.browsers import chromium_path
from tests.makers.media_house import MediaHouse, eventually
from tests.makers.room_script import ROOM_FLAGS, ROOM_SCRIPT

pytestmark = [pytest.mark.server, pytest.mark.browser]
_PAGE = f"""<!doctype html><title>room</title><body><script>{ROOM_SCRIPT}</script></body>"""


class Door:
    """The small web server of the test, which passes WebSockets through as web will."""

    def __init__(self, media: MediaHouse) -> None:
        self.media = media
        self.port = 0

    async def page(self, _request: web.Request) -> web.Response:
        """The page."""
        return web.Response(text=_PAGE, content_type="text/html")

    async def line(self, request: web.Request) -> web.WebSocketResponse:
        """One participant's line, both ways."""
        room, person = request.match_info["room"], request.match_info["person"]
        outer = web.WebSocketResponse()
        await outer.prepare(request)
        inner = await self.media.desk.join(room, self.media.token(room, person))

        async def pass_out() -> None:
            while (told := await inner.receive()) is not None:
                await outer.send_json(told)

        passing = asyncio.get_running_loop().create_task(pass_out())
        async for message in outer:
            inner.send(message.json())
        passing.cancel()
        inner.end()
        return outer


@pytest.fixture
async def door(media: MediaHouse) -> AsyncIterator[Door]:
    served = Door(media)
    app = web.Application()
    app.add_routes([web.get("/", served.page), web.get("/{room}/{person}", served.line)])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    yield served
    await runner.cleanup()


@pytest.fixture
async def pages() -> AsyncIterator[list[Page]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(ROOM_FLAGS)
        )
        yield [await (await browser.new_context()).new_page() for _ in range(2)]
        await browser.close()


@pytest.mark.parametrize("codecs", [("VP8", "VP8"), ("H264", "H264"), ("VP8", "H264")])
async def test_two_browsers_see_and_hear_each_other(
    door: Door, pages: list[Page], codecs: tuple[str, str]
) -> None:
    room = await door.media.open_room()
    for page, person, codec in zip(pages, ("ann", "bob"), codecs, strict=True):
        await page.goto(f"http://localhost:{door.port}/")
        await page.evaluate("([path, codec]) => enter(path, codec)", [f"/{room}/{person}", codec])
    for page, codec in zip(pages, reversed(codecs), strict=True):
        seen: dict[str, Any] = await eventually(lambda page=page: sees_and_hears(page))
        assert seen["codec"] == f"video/{codec}"
    counted = await door.media.stats(room)
    sent = {each["codec"].partition("/")[0] for one in counted.values() for each in one["sends"]}
    assert sent == {"opus", *(codec.lower() for codec in codecs)}


async def sees_and_hears(page: Page) -> dict[str, Any] | None:
    """What a page has counted, once it has seen and heard enough to be sure."""
    found: dict[str, Any] = await page.evaluate("counted()")
    return found if found["video"] > 30 and found["audio"] > 50 else None
