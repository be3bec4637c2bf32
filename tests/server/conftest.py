"""One set-up server for every test of a worker that asks only for people, not for a fresh house."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from consult.people.machines.model import Right
from tests.makers.dicomweb import Machine, make_sample, open_machine
from tests.makers.house import House, open_house
from tests.makers.installation import ADMIN, ADMIN_PASSWORD, SET_UP, Installation
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world


@pytest.fixture(scope="session")
def founded_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running server."""
    with open_house(tmp_path_factory.mktemp("founded")) as opened:
        yield opened


@pytest.fixture(scope="session")
def whole_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of which every byte is there: whoever uses it adds no picture made without a jail."""
    with open_world(tmp_path_factory.mktemp("whole")) as opened:
        yield opened


@pytest.fixture
async def installation(founded_house: House) -> AsyncIterator[Installation]:
    """The server after its set-up, and its administrator's browser."""
    async with Visitor(founded_house.base) as admin:
        status, _answer = await admin.send("/api/setup", SET_UP)
        if status == 200:
            await admin.read_token()
        else:
            await admin.sign_in(ADMIN, ADMIN_PASSWORD)
        yield Installation(founded_house, admin)


@pytest.fixture(scope="session")
def machine(house: WorldHouse) -> Machine:
    """An archive of the centre, by hand."""
    return open_machine(house, *Right)


@pytest.fixture
def sample(real_files: Path) -> Dataset:
    """An object that nobody has seen before."""
    return make_sample(real_files)
