"""One byte is another one, a thousand times: verify names it every time (T14, T16, F24)."""

import random
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.tampered import Tampered, flipped_file, flipped_row
from tests.makers.tampered_columns import TABLES
from tests.makers.tampered_records import add_records
from tests.makers.world_story import make_world

FLIPS = 1000 if is_whole() else 80
KINDS = ("blob", *TABLES)
pytestmark = pytest.mark.timeout(0 if is_whole() else 600)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Tampered:
    """An installation with every kind of object, anchored and closed."""
    found = Tampered(tmp_path_factory.mktemp("tampered") / "data")
    world = make_world(found.folder)
    add_records(world)
    found.anchor(world.clinic)
    world.clinic.units.close()
    return found


def test_no_single_byte_changes_unseen(place: Tampered) -> None:
    seed = make_seed("tampering")
    assert place.findings().as_json()["faults"] == []
    unseen = []
    for turn in range(FLIPS):
        with _flipped(place, seed, KINDS[turn % len(KINDS)]) as what:
            if place.findings().is_clean:
                unseen.append(what)
    print(f"tampering: {FLIPS - len(unseen)} of {FLIPS} found")  # noqa: T201 - shown by -s
    assert unseen == []
    assert place.findings().is_clean, "the hand put everything back"


def _flipped(place: Tampered, seed: random.Random, kind: str) -> AbstractContextManager[str]:
    if kind == "blob":
        path: Path = seed.choice(place.blobs())
        return flipped_file(path, seed)
    return flipped_row(place, seed, kind)
