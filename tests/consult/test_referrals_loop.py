"""Whatever is done in whatever order: one accountable person, and no referral in a dead state.

REF-12 and Q-12: every referral can be brought to its end from wherever it stands.
"""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from consult.reports.seal import load_seal
from tests.makers.clinic import open_clinic
from tests.makers.referral_life import ACTS, Beginning
from tests.makers.referrals import (
    Office,
    make_decided,
    make_office,
    make_second,
    publish,
)
from tests.makers.twins import make_decided_twins


@pytest.fixture(scope="module")
def beginning(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> "Beginning":
    """Three decided cases of two patients and four slots, on a file that each example copies."""
    folder = tmp_path_factory.mktemp("loop")
    shutil.copy(sqlite_template, folder / "begin.db")
    seal = load_seal(folder / "seal")
    with open_clinic(f"sqlite:///{folder / 'begin.db'}") as clinic:
        office = make_office(clinic, seal)
        slots = publish(office)
        first = make_decided(office)
        twins = clinic.system(make_decided_twins, case_id=first.id, count=1)
        case_ids = [first.id, make_second(office).id, *twins]
    return Beginning(folder, office, [str(each) for each in case_ids], slots)


acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 3)), max_size=24)


@seed(20260105)
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=acts)
def test_no_order_of_acts_leaves_a_referral_dead_or_a_case_without_its_person(
    beginning: Beginning, told: list[tuple[str, int, int]]
) -> None:
    with beginning.open() as life:
        life.check()
        for act, case_no, slot_no in told:
            life.attempt(act, case_no, slot_no)
            life.check()
        life.finish()
        life.check()
        life.check_rows()


STORIES: tuple[tuple[str, ...], ...] = (
    (
        *("hold", "release", "hold", "press", "cancel", "hold", "confirm", "cancel_desk", "hold"),
        *("confirm", "day", "day", "arrive", "outcome", "close"),
    ),
    (
        *("hold", "minutes", "minutes", "expire", "refer", "hold", "confirm", "day", "day", "day"),
        *("noshow", "take", "call", "call", "day", "day", "call", "salvage_lost"),
    ),
    ("hold", "press", "hold 1", "move 1", "hold 2", "move_desk 2"),
    ("outside",),
    ("refused",),
    ("refer", "declined"),
    ("refer", "taken_back", "tell", "close"),
    ("refer", "lost"),
    ("refer", "accept", "upgrade", "redirect", "redirect", "returned", "refer"),
    *(
        (
            *("hold", "press", "stop", "reopen", "unanswered", "by_request", "write_back"),
            *("day", "day", "day", "day", "noshow", last, "by_pool"),
        )
        for last in ("salvage_refused", "salvage_elsewhere", "ask_again")
    ),
)
"""Ways through the loop; an act may name the slot that it is about."""


def test_every_act_can_succeed_in_some_order(beginning: Beginning) -> None:
    done: set[str] = set()
    for story in STORIES:
        with beginning.open() as life:
            for act, _, slot_no in (told.partition(" ") for told in story):
                life.attempt(act, 0, int(slot_no or 0))
            life.check()
            life.check_rows()
            done |= life.done
    assert done == set(ACTS)


def test_a_case_without_an_owner_would_be_noticed(beginning: Beginning) -> None:
    with beginning.open() as life:
        life.attempt("refer", 0, 0)
        life.office = Office(
            life.office.world, life.office.seal, life.office.world.expert, life.office.clinic_id
        )
        with pytest.raises(AssertionError):
            life.check()
