"""One media process for the tests of rooms; each test opens rooms of its own."""

import resource
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.makers.janus import open_janus
from tests.makers.light_peer import LOOPBACK, use_address
from tests.makers.media_house import (
    MediaHouse,
    make_bounded_config,
    make_hasty_config,
    open_media,
)
from tests.makers.networks import open_clinic_network


@pytest.fixture(scope="session")
async def media(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaHouse]:
    """A media process, started alone, with room for every test that opens one."""
    async with open_media(tmp_path_factory.mktemp("media"), media_rooms="500") as house:
        yield house


@pytest.fixture(scope="session")
async def media_slow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaHouse]:
    """The same, told to go the long way."""
    folder = tmp_path_factory.mktemp("slow")
    config = make_bounded_config(folder / "config", {"most_rooms_long": 500})
    more = {"media_path": "c1", "media_rooms": "500", "config_dir": str(config)}
    async with open_media(folder / "house", **more) as house:
        yield house


@pytest.fixture(scope="session")
async def media_janus(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[MediaHouse, str]]:
    """A media process whose rooms a real Janus carries, and its address, which is no loopback's."""
    folder = tmp_path_factory.mktemp("janus")
    first = 20_000 + secrets.randbelow(39_000)
    with open_clinic_network(folder) as network:
        ports = range(first, first + 1000)
        with open_janus(folder / "engine", address=network.server, ports=ports) as socket:
            more = {"media_janus": str(socket), "media_rooms": "500"}
            async with open_media(folder / "house", **more) as house:
                yield house, network.server


@pytest.fixture(params=["c3", "c1"])
async def own(
    request: pytest.FixtureRequest, media: MediaHouse, media_slow: MediaHouse
) -> MediaHouse:
    """Our own engine by the short way and by the long one."""
    chosen = {"c3": media, "c1": media_slow}[request.param]
    assert (await chosen.desk.ask("health"))["way"] == request.param
    return chosen


@pytest.fixture(params=["c3", "c1", "janus"])
async def house(
    request: pytest.FixtureRequest,
    media: MediaHouse,
    media_slow: MediaHouse,
    media_janus: tuple[MediaHouse, str],
) -> AsyncIterator[MediaHouse]:
    """Every engine: what people notice of a room is the same (decision 0293)."""
    chosen = {"c3": media, "c1": media_slow, "janus": media_janus[0]}[request.param]
    assert (await chosen.desk.ask("health"))["way"] == request.param
    if request.param == "janus":
        use_address(media_janus[1])
    yield chosen
    use_address(LOOPBACK)


@pytest.fixture(scope="session")
async def media_hasty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaHouse]:
    """The same with little patience and two rooms."""
    folder = tmp_path_factory.mktemp("hasty")
    config = make_hasty_config(folder / "config")
    async with open_media(folder / "data", config_dir=str(config), media_rooms="2") as house:
        yield house


@pytest.fixture
async def media_own(tmp_path: Path) -> AsyncIterator[MediaHouse]:
    """A process of a test's own, which it may kill."""
    async with open_media(tmp_path / "house") as house:
        yield house


@pytest.fixture
def make_bounded(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[MediaHouse]]:
    """A process of a test's own whose recordings have other bounds."""

    def make(**bounds: int) -> AbstractAsyncContextManager[MediaHouse]:
        folder = tmp_path / secrets.token_hex(4)
        config = make_bounded_config(folder / "config", bounds)
        return open_media(folder / "data", config_dir=str(config))

    return make


@pytest.fixture
def limit_files() -> Iterator[Callable[[int], None]]:
    """Have no file of this process longer than so many bytes, until the test has ended."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(most_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
