"""Real browsers before real servers: each person has a profile of her own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import pytest
from playwright.async_api import Browser

from tests.makers.browsers import open_chromium
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world

Opener = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """This machine's Chromium."""
    async with open_chromium() as opened:
        yield opened


@pytest.fixture
def at_door(browser: Browser) -> Opener:
    """Opens a browser profile before a server: `async with at_door(house.base, language="en")`."""

    def opener(base: str, **options: object) -> AbstractAsyncContextManager[Screen]:
        return open_screen(browser, base, **options)  # type: ignore[arg-type] # checked by open_screen

    return opener


@pytest.fixture(scope="session")
def world_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A server with a whole world in it, for tests that spoil nothing in it."""
    with open_world(tmp_path_factory.mktemp("world") / "data") as opened:
        yield opened
