"""A house in which reports are signed, and the browsers of those who write, get and check them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from consult.cases.model import Case
from server.transactions import utc_now
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.reports import make_read_case
from tests.makers.visitor import Visitor

_SEQUENCE = iter(range(300, 900, 2))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A running server with a small consortium."""
    with open_image_house(tmp_path_factory.mktemp("reports") / "house") as opened:
        yield opened


@pytest.fixture
def now(house: ImageHouse) -> Consortium:
    """The consortium, as its clock stands."""
    return replace(house.world, clinic=house.world.clinic.at(utc_now()))


@pytest.fixture
def case(now: Consortium) -> Case:
    """A fresh case before the panel."""
    return make_read_case(now, document_number=citizen_number(next(_SEQUENCE)))


@pytest.fixture
async def expert(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The expert's browser."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        yield visitor


@pytest.fixture
async def physician(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The requesting physician's browser, in Chinese again after a test in English."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("chen", PASSWORD)
        await visitor.send("/api/language", {"language": "zh-Hans"})
        yield visitor


@pytest.fixture
async def anybody(house: ImageHouse) -> AsyncIterator[Visitor]:
    """Whoever holds a paper."""
    async with Visitor(house.house.base) as visitor:
        yield visitor
