"""Real browsers before real servers: each person has a profile of her own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.makers.browsers import open_chromium
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world

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


@pytest.fixture(scope="session")
def world_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A server with a whole world in it, for tests that spoil nothing in it."""
    with open_world(tmp_path_factory.mktemp("world") / "data") as opened:
        yield opened
