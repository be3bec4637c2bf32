"""One installation, anchored half-way and at its end; each test has a copy of its own."""

from pathlib import Path

import pytest

from tests.makers.tampered import Tampered
from tests.makers.tampered_records import add_records
from tests.makers.tampering import note
from tests.makers.world_story import make_world


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Tampered:
    """An installation, anchored half-way and at its end."""
    place = Tampered(tmp_path_factory.mktemp("origin") / "data")
    world = make_world(place.folder)
    add_records(world)
    place.anchor(world.clinic)
    for _ in range(3):
        world.clinic.system(note)
    place.anchor(world.clinic)
    world.clinic.units.close()
    return place


@pytest.fixture
def place(origin: Tampered, tmp_path: Path) -> Tampered:
    return origin.copy_to(tmp_path / "data")
