"""One real jail for the whole folder; tests that need other walls start their own."""

from collections.abc import Iterator

import pytest

from tests.makers.jails import RunningJail, running_jail


@pytest.fixture(scope="session")
def jail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningJail]:
    """The jail as the house runs it."""
    with running_jail(tmp_path_factory.mktemp("jail")) as running:
        yield running
