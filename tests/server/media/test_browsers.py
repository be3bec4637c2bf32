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

pytestmark = [pytest.mark.server, pytest.mark.browser]
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run"),
    *("--use-fake-device-for-media-stream=fps=30", "--use-fake-ui-for-media-stream"),
    *("--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling"),
    *("--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"),
    *("--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection"),
)
_PAGE = """<!doctype html><title>room</title><body><script>
const frames = {};
let line, pub, sub;
function complete(peer) {
  return new Promise((done) => {
    const look = () => peer.iceGatheringState === "complete" && done();
    peer.onicegatheringstatechange = look;
    look();
  });
}
async function publish(codec) {
  pub = new RTCPeerConnection();
  const got = await navigator.mediaDevices.getUserMedia(
    { audio: true, video: { width: 320, height: 240, frameRate: 15 } });
  for (const track of got.getTracks()) {
    const section = pub.addTransceiver(track, { direction: "sendonly" });
    if (track.kind === "video") {
      const known = RTCRtpSender.getCapabilities("video").codecs;
      section.setCodecPreferences(
        known.filter((each) => [`video/${codec}`, "video/rtx"].includes(each.mimeType)));
    }
  }
  await pub.setLocalDescription();
  await complete(pub);
  const sources = {};
  for (const section of pub.getTransceivers()) {
    sources[section.mid] = section.sender.track.kind === "video" ? "camera" : "microphone";
  }
  line.send(JSON.stringify(
    { say: "publish", offer: pub.localDescription.sdp, sources, anew: true }));
}
async function takeOffer(told) {
  if (!sub) {
    sub = new RTCPeerConnection();
    sub.ontrack = (event) => {
      const show = document.createElement(event.track.kind);
      show.autoplay = true;
      show.muted = true;
      show.srcObject = new MediaStream([event.track]);
      document.body.append(show);
    };
  }
  await sub.setRemoteDescription({ type: "offer", sdp: told.offer });
  await sub.setLocalDescription();
  await complete(sub);
  line.send(JSON.stringify(
    { say: "answer", number: told.number, answer: sub.localDescription.sdp }));
}
function enter(path, codec) {
  line = new WebSocket(`ws://${location.host}${path}`);
  line.onmessage = async (event) => {
    const told = JSON.parse(event.data);
    if (told.told === "welcome") await publish(codec);
    if (told.told === "published") {
      await pub.setRemoteDescription({ type: "answer", sdp: told.answer });
    }
    if (told.told === "offer") await takeOffer(told);
  };
}
async function halve() {
  const sender = pub.getSenders().find((each) => each.track.kind === "video");
  const told = sender.getParameters();
  told.encodings[0].scaleResolutionDownBy = 2;
  await sender.setParameters(told);
}
async function counted() {
  const found = { video: 0, audio: 0, codec: "" };
  if (!sub) return found;
  const stats = await sub.getStats();
  for (const each of stats.values()) {
    if (each.type !== "inbound-rtp") continue;
    if (each.kind === "video") {
      found.video += each.framesDecoded || 0;
      found.codec = stats.get(each.codecId)?.mimeType || found.codec;
    } else found.audio += each.packetsReceived;
  }
  return found;
}
</script></body>"""


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
            executable_path=chromium_path(), args=list(_FLAGS)
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
