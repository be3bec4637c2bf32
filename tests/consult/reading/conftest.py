"""A case before the panel: where the tests of queue and reports begin."""

from collections.abc import Iterator

import pytest

from consult.cases.model import Case
from tests.makers.consortium import Consortium
from tests.makers.owners import assert_one_owner_throughout
from tests.makers.reports import make_read_case


@pytest.fixture
def case(world: Consortium) -> Iterator[Case]:
    """A case that waits before the panel; when the test ends its story has one owner a line."""
    waiting = make_read_case(world)
    yield waiting
    assert_one_owner_throughout(world.clinic, waiting.id)
