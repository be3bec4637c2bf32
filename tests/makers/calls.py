"""Two people on the page of a call, each with a camera and a microphone that are made up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, async_playwright

from tests.makers.browsers import chromium_path
from tests.makers.media_house import eventually
from tests.makers.room_script import ROOM_FLAGS
from tests.makers.screen import Screen

_COUNT: Final = """async () => {
  const tile = document.querySelector(".call-tile");
  const video = tile?.querySelector("video");
  const sounds = tile?.querySelector("audio")?.srcObject?.getAudioTracks() ?? [];
  return {
    frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
    width: video?.srcObject ? video.videoWidth : 0,
    loud: Number(tile?.dataset.loudest ?? 0),
    sounds: sounds.length,
    name: tile?.querySelector('[data-part="name"]')?.textContent ?? "",
    place: tile?.querySelector('[data-part="place"]')?.textContent ?? "",
  };
}"""
_LISTEN: Final = """() => {
  const tile = document.querySelector(".call-tile");
  const stream = tile?.querySelector("audio")?.srcObject;
  if (!stream || tile.dataset.loudest !== undefined) return;
  tile.dataset.loudest = "0";
  const context = new AudioContext();
  const ear = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  setInterval(() => {
    ear.getFloatTimeDomainData(wave);
    const peak = Math.max(...wave.map(Math.abs));
    tile.dataset.loudest = String(Math.max(Number(tile.dataset.loudest), peak));
  }, 50);
}"""


@asynccontextmanager
async def open_caller_browser(
    *, without: tuple[str, ...] = (), more: tuple[str, ...] = ()
) -> AsyncIterator[Browser]:
    """A browser with devices that are made up, but for the flags that are left out."""
    kept = [each for each in ROOM_FLAGS if not each.startswith(without)] if without else ROOM_FLAGS
    flags = (*kept, *more)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(flags)
        )
        try:
            yield browser
        finally:
            await browser.close()


async def counted(screen: Screen) -> dict[str, Any]:
    """What this person sees and hears of the other one."""
    found: dict[str, Any] = await screen.page.evaluate(_COUNT)
    return found


async def meets(screen: Screen) -> dict[str, Any]:
    """Wait until frames are drawn and energy is heard."""
    before = (await counted(screen))["frames"]

    async def has_met() -> dict[str, Any] | None:
        await screen.page.evaluate(_LISTEN)
        found = await counted(screen)
        enough = found["frames"] > before + 5 or found["frames"] > 30
        return found if enough and found["width"] and found["loud"] > 0 else None

    met: dict[str, Any] = await eventually(has_met)
    return met


async def phase(screen: Screen, name: str) -> None:
    """Wait until the page stands there."""
    await screen.at(f'.call[data-now="{name}"]').wait_for()


async def call_from_case(screen: Screen, case_id: str) -> None:
    """From the page of the case: the button, the check of the devices, and the call."""
    await screen.go(f"/cases/{case_id}")
    await screen.press(screen.at('#call-door a[href$="/room"]'))
    await screen.at('button[data-door]:not([hidden])[data-action="call#enter"]').click()
    await phase(screen, "call")
