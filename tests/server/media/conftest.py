"""One media process for the tests of rooms; each test opens rooms of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.makers.media_house import MediaHouse, make_hasty_config, open_media


@pytest.fixture(scope="session")
async def media(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaHouse]:
    """A media process, started alone, with room for every test that opens one."""
    async with open_media(tmp_path_factory.mktemp("media"), media_rooms="500") as house:
        yield house


@pytest.fixture(scope="session")
async def media_slow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaHouse]:
    """The same, told to go the long way."""
    async with open_media(tmp_path_factory.mktemp("slow"), media_path="c1") as house:
        yield house


@pytest.fixture(scope="session")
async def media_hasty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaHouse]:
    """The same with little patience and two rooms."""
    folder = tmp_path_factory.mktemp("hasty")
    config = make_hasty_config(folder / "config")
    async with open_media(folder / "data", config_dir=str(config), media_rooms="2") as house:
        yield house
