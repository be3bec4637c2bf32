"""Two pages of real Chromium see and hear each other through the media process."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright

from tests.makers import clips
from tests.makers.browsers import chromium_path
from tests.makers.media_house import MediaHouse, eventually
from tests.makers.recordings import take_parts
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


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_what_browsers_send_is_recorded_and_can_be_played(
    door: Door, pages: list[Page], codec: str, tmp_path: Path
) -> None:
    media, key = door.media, secrets.token_hex(32)
    room = await media.open_room()
    facts = {"room": room, "recording": room, "key": key}
    await media.desk.ask("record", **facts, consented=["ann", "bob"])
    for page, person in zip(pages, ("ann", "bob"), strict=True):
        await page.goto(f"http://localhost:{door.port}/")
        await page.evaluate("([path, codec]) => enter(path, codec)", [f"/{room}/{person}", codec])
    for page in pages:
        await eventually(lambda page=page: sees_and_hears(page))
        await page.evaluate("halve()")
    sizes = await eventually(lambda: two_sizes(media.data_dir, room))
    for page in pages:
        before = (await page.evaluate("counted()"))["video"]
        await eventually(lambda page=page, before=before: sees_more(page, before + 15))
    await media.desk.ask("record-stop", room=room)
    (part,) = await take_parts(media, room, key, tmp_path)
    for person in ("ann", "bob"):
        camera = part.track(f"{person}/first", "camera")
        sound = part.track(f"{person}/first", "microphone")
        assert camera.facts["codec"] == codec.lower()
        shown = clips.probe(camera.path)["frames"]
        assert len(shown) == camera.facts["frames"] > 45
        assert {(each["width"], each["height"]) for each in shown} >= sizes[camera.facts["file"]]
        assert len(clips.probe(sound.path)["frames"]) == sound.facts["frames"] > 50
        ends = [each.first_s + each.facts["length_ms"] / 1000 for each in (camera, sound)]
        assert abs(ends[0] - ends[1]) < 1


def two_sizes(data_dir: Path, recording: str) -> dict[str, set[tuple[int, int]]] | None:
    """The sizes of the pictures of each camera, once each has had two."""
    for path in (data_dir / "media" / "outbox").glob("*/manifest.json"):
        manifest = json.loads(path.read_text())
        if manifest["recording"] != recording:
            continue
        found = {
            each["file"]: {(size["width"], size["height"]) for size in each["sizes"]}
            for each in manifest["tracks"]
            if each["source"] == "camera"
        }
        if [len(sizes) >= 2 for sizes in found.values()] == [True, True]:
            return found
    return None


async def sees_more(page: Page, frames: int) -> bool:
    """Whether a page has shown so many."""
    return bool((await page.evaluate("counted()"))["video"] > frames)


async def sees_and_hears(page: Page) -> dict[str, Any] | None:
    """What a page has counted, once it has seen and heard enough to be sure."""
    found: dict[str, Any] = await page.evaluate("counted()")
    return found if found["video"] > 30 and found["audio"] > 50 else None
