"""People in a call without the clicks that lead there, and a watch on what each page shows."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser

from tests.makers.calls import phase
from tests.makers.media_house import eventually
from tests.makers.screen import DESKTOP, Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person

WATCH: Final = """
window.callPeers = [];
window.callLog = [];
if (window.RTCPeerConnection) {
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(made, given) {
      const peer = new made(...given);
      window.callPeers.push(peer);
      return peer;
    },
  });
}
setInterval(() => {
  const said = (what) =>
    document.querySelector(`.call [data-${what}]:not([hidden])`)?.dataset[what] ?? "";
  const videos = [...document.querySelectorAll(".call-tile video")];
  window.callLog.push({
    at: performance.timeOrigin + performance.now(),
    line: said("line"),
    cut: said("cut"),
    rung: said("rung"),
    frames: videos.reduce((all, each) => all + each.getVideoPlaybackQuality().totalVideoFrames, 0),
  });
}, 50);
"""
"""Keeps a page's connections, and what it has shown every 50 ms."""
SMALL: Final = """
if (navigator.mediaDevices) {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => {
    const small = { width: 320, height: 240, frameRate: 10, ...window.smaller };
    return open({ ...wanted, video: wanted.video && { ...wanted.video, ...small } });
  };
}
"""
"""A camera so small that a slow machine can draw several."""
TINY: Final = "window.smaller = { width: 160, height: 120, frameRate: 5 };"
"""Beside `SMALL`: one of which a slow machine can draw thirty."""
_STATS: Final = """async () => {
  const found = { packets: 0, lost: 0, samples: 0, concealed: 0, silent: 0, energy: 0,
    frames: 0, width: 0, limited: "" };
  for (const peer of window.callPeers) {
    if (peer.connectionState === "closed") continue;
    for (const each of (await peer.getStats()).values()) {
      if (each.type === "inbound-rtp") {
        found.packets += each.packetsReceived ?? 0;
        found.lost += each.packetsLost ?? 0;
        found.samples += each.totalSamplesReceived ?? 0;
        found.concealed += each.concealedSamples ?? 0;
        found.silent += each.silentConcealedSamples ?? 0;
        found.energy += each.totalAudioEnergy ?? 0;
        found.frames += each.framesDecoded ?? 0;
        found.width = Math.max(found.width, each.frameWidth ?? 0);
      } else if (each.type === "outbound-rtp" && each.kind === "video") {
        found.limited = each.qualityLimitationReason ?? "";
      }
    }
  }
  return found;
}"""


@dataclass(frozen=True)
class Moment:
    """What a page showed at one time; `at_s` since 1970."""

    at_s: float
    line: str
    cut: str
    rung: str
    frames: int


@contextlib.contextmanager
def open_video_world(folder: Path, **settings: str) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    told = {"media": "true", "media_ports": f"{first}-{first + 199}", **settings}
    with open_world(folder / "house", **told) as opened:
        yield opened


def secure_base(house: WorldHouse) -> str:
    """By a name that browsers take for this computer, so that there is a camera."""
    return house.base.replace("127.0.0.1", "localhost")


async def end_call(house: WorldHouse, host: Person) -> None:
    """For everybody: the next test finds no room open."""
    async with house.visitor(host) as caller:
        assert (await caller.send(f"/api/cases/{house.world.things['case']}/room/end"))[0] == 200


async def let_in_all(house: WorldHouse, host: Person, guests: Sequence[Person]) -> str:
    """Open the room of the case and let everybody in; the id of the room."""
    room = f"/api/cases/{house.world.things['case']}/room"
    async with house.visitor(host) as caller:

        async def is_called() -> str:
            status, told = await caller.send(room)
            return str(told["room_id"]) if status == 200 else ""

        room_id: str = await eventually(is_called)
        for guest in guests:
            async with house.visitor(guest) as visitor:
                assert (await visitor.send(f"{room}/knock"))[0] == 200
            body = {"person_id": guest.id, "admitted": True}
            assert (await caller.send(f"{room}/answer", body))[0] == 200
        return room_id


@contextlib.asynccontextmanager
async def open_caller(
    browser: Browser,
    base: str,
    person: Person,
    *,
    language: str = "zh",
    size: tuple[int, int] = DESKTOP,
    script: str = "",
) -> AsyncIterator[Screen]:
    """A person's own browser, watched; `script` runs before every page.

    Its camera is small, so that a slow machine can draw several.
    """
    async with open_screen(browser, base, language=language, size=size) as screen:
        for each in (WATCH, SMALL, script):
            await screen.page.context.add_init_script(each)
        await screen.come_as(person.token)
        yield screen


def forgive_cuts(screen: Screen) -> None:
    """What a browser says of lines that a test has cut is no fault of the page."""
    cut = ("net::ERR_", "WebSocket connection to", ": 502 ", ": 503 ")
    screen.complaints[:] = [
        each for each in screen.complaints if not any(part in each for part in cut)
    ]


async def take_place(screen: Screen, case_id: str) -> None:
    """From the door into the room, for whoever was let in."""
    await screen.go(f"/cases/{case_id}/room")
    await screen.at('button[data-door="join"]').click()
    await phase(screen, "call")


async def measured(screen: Screen) -> dict[str, Any]:
    """The browser's own counters of everything that comes and goes."""
    found: dict[str, Any] = await screen.page.evaluate(_STATS)
    return found


async def moments(screen: Screen) -> list[Moment]:
    """What the page has shown so far, every 50 ms."""
    told = await screen.page.evaluate("() => window.callLog")
    return [
        Moment(each["at"] / 1000, each["line"], each["cut"], each["rung"], each["frames"])
        for each in told
    ]


async def last_moment(screen: Screen) -> Moment:
    """What it shows now."""
    return (await moments(screen))[-1]


async def keeps_seeing(screen: Screen, *, more: int = 10) -> None:
    """So many pictures more are drawn."""
    before = (await last_moment(screen)).frames

    async def has_seen() -> bool:
        now = (await last_moment(screen)).frames
        nonlocal before
        before = min(before, now)  # a picture that was given up takes its count with it
        return now > before + more

    await eventually(has_seen)


async def writes(screen: Screen, text: str) -> None:
    """A remark in the discussion beside the call, which the page then shows."""
    await screen.at("#talk-text").fill(text)
    await screen.at('#talk-form button[data-mode="remark"]').click()
    await screen.at(".call-talk", has_text=text).wait_for()
