"""A house in which cases are prepared, and the browser of the physician who prepares them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.makers.case_doors import Numbers
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.visitor import Visitor


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A running server with a small consortium."""
    with open_image_house(tmp_path_factory.mktemp("cases") / "house") as opened:
        yield opened


@pytest.fixture
async def doctor(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The requesting physician's browser, in Chinese."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("chen", PASSWORD)
        yield visitor


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    """Numbers of this module."""
    return Numbers()
