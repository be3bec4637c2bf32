"""Real browsers before real servers: each person has a profile of her own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.makers.browsers import chromium_path, open_chromium
from tests.makers.image_house import ImageHouse, open_image_house
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world

_GRAPHICS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader")
Opener = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The Chromium of the machine that runs the tests."""
    async with open_chromium() as opened:
        yield opened


@pytest.fixture
def at_door(browser: Browser) -> Opener:
    """How somebody with a browser of her own comes to a server's door."""

    def opener(base: str, **options: Any) -> AbstractAsyncContextManager[Screen]:
        return open_screen(browser, base, **options)

    return opener


@pytest.fixture(scope="module")
def world_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A server with a whole world in it, for the tests of one file."""
    with open_world(tmp_path_factory.mktemp("world") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
async def graphics() -> AsyncIterator[Browser]:
    """Chromium that draws by WebGL, in software where the machine has no card."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=[*_GRAPHICS, "--enable-unsafe-swiftshader"]
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house whose cases are read."""
    with open_image_house(tmp_path_factory.mktemp("room") / "house") as opened:
        yield opened
