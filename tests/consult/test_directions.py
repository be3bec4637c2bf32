"""Whose a camera's file is: the patient's in whose turn it was written and seen, or nobody's."""

from datetime import UTC, datetime, timedelta

import pytest

from consult.cases.directions.model import Direction, find_patient_of
from consult.kernel.ids import CaseId, PractitionerId

NINE = datetime(2026, 3, 4, 9, tzinfo=UTC)
LATEST = timedelta(minutes=30)


def minutes(count: float) -> datetime:
    """So long after nine."""
    return NINE + timedelta(minutes=count)


def direction(case: str, begun: float, ended: float | None) -> Direction:
    """A camera with a patient, at most for half an hour."""
    return Direction(
        id=f"{case}{begun}",
        machine_id="m",
        case_id=CaseId(case),
        begun_by=PractitionerId("p"),
        begun_at=minutes(begun),
        ends_at=minutes(begun + 30),
        ended_at=None if ended is None else minutes(ended),
    )


TURNS = [direction("c", 40, None), direction("b", 10, 20), direction("a", 0, 10)]


@pytest.mark.parametrize(
    ("seen", "written", "now", "whose"),
    [
        (5, 5, 6, "a"),
        (5, None, 6, "a"),
        (11, 9.9, 12, None),  # written for one patient, seen in the turn of the next
        (12, 12, 41, "b"),  # still hers when it comes late
        (12, 12, 43, None),  # too late: nobody looks at that page any more
        (25, 25, 26, None),  # the camera was with nobody
        (41, -1440, 42, None),  # a card of yesterday
        (41, 5, 42, None),  # another patient's, put in later
        (69.9, 69.9, 70, "c"),
        (70.1, 70.1, 71, None),  # her time was over
        (10, 10, 11, "b"),  # the turn begins with its first instant
    ],
)
def test_whose_a_file_is(seen: float, written: float | None, now: float, whose: str | None) -> None:
    found = find_patient_of(
        TURNS,
        seen_at=minutes(seen),
        written_at=None if written is None else minutes(written),
        now=minutes(now),
        latest=LATEST,
    )
    assert (None if found is None else found.case_id) == whose


def test_the_same_patient_called_again_stays_the_same_patient() -> None:
    turns = [direction("a", 5, None), direction("a", 0, 5)]
    found = find_patient_of(
        turns, seen_at=minutes(6), written_at=minutes(4), now=minutes(7), latest=LATEST
    )
    assert found is not None
    assert found.case_id == "a"


def test_two_turns_at_once_are_not_guessed_about() -> None:
    turns = [direction("a", 0, None), direction("b", 0, None)]
    found = find_patient_of(turns, seen_at=NINE, written_at=None, now=NINE, latest=LATEST)
    assert found is None
