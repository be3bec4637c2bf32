"""A house that sends reports on, shared by the tests of one file."""

from collections.abc import Iterator

import pytest

from tests.makers.sending import SendingHouse, open_sending_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SendingHouse]:
    """A running server that tries again each second."""
    with open_sending_house(tmp_path_factory.mktemp("sending")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nowhere(house: SendingHouse) -> Iterator[None]:
    """After each test nothing is sent anywhere."""
    yield
    house.stop_all()
