"""A reader before a case, and the pixels that stand on her screen."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from playwright.async_api import Browser, Page

from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.screen import Screen, open_screen
from tests.makers.viewing import ReadCase
from tests.makers.visitor import Visitor

_PIXELS = """
(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return [canvas.width, canvas.height, btoa(text)];
}
"""


@asynccontextmanager
async def at_the_case(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, *, way: str = "webgl"
) -> AsyncIterator[Screen]:
    """The reader before the case."""
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
    async with open_screen(graphics, room.house.base) as screen:
        await screen.come_as(token)
        query = "?render=cpu" if way == "cpu" else ""
        await screen.go(f"/cases/{read_case.case.id}/reading{query}")
        yield screen


async def shown(page: Page, film: str = "") -> np.ndarray:
    """The picture that stands in the place of a film, as red, green and blue."""
    place = f'[data-room-target=shot][data-film="{film}"] ' if film else ""
    canvas = page.locator(f"{place}.view-img canvas").first
    await canvas.wait_for(state="visible")
    width, height, text = await canvas.evaluate(_PIXELS)
    pixels = np.frombuffer(base64.b64decode(text), np.uint8)
    return pixels.reshape(height, width, 4)[:, :, :3].astype(int)


async def open_film(screen: Screen, film: str) -> None:
    """Take a film of the strip up, and wait until it was drawn."""
    await screen.at(f'.film[data-film="{film}"]').click()
    drawn = screen.at(f'.film[data-film="{film}"][aria-current=true]')
    await drawn.wait_for()
    await screen.at('.read-shell[data-way="webgl"], .read-shell[data-way="cpu"]').wait_for()


async def standing(screen: Screen, film: str, frame: int) -> np.ndarray:
    """The same of one frame, once it stands there."""
    place = f'[data-room-target=shot][data-film="{film}"]'
    drawn = screen.at(f'{place} .view[data-spot-film="{film}"][data-spot-frame="{frame}"]')
    await drawn.wait_for()
    return await shown(screen.page, film)
