"""Whose turn it was when a photograph was taken (U1)."""

from datetime import UTC, datetime, timedelta

import pytest

from consult.cases.images.model import QuestionKind
from consult.cases.images.windows import Opening, doubt_about, windows_of

NINE = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


MORNING = [Opening("wang", minutes(0)), Opening("li", minutes(10)), Opening("zhao", minutes(25))]


@pytest.mark.parametrize(
    ("patient", "at", "doubt"),
    [
        ("wang", 5, None),
        ("li", 12, None),
        ("li", 5, (QuestionKind.OTHER_WINDOW, "wang")),
        ("wang", 12, (QuestionKind.OTHER_WINDOW, "li")),
        ("wang", -5, None),
        ("wang", -31, (QuestionKind.OWN_WINDOW, None)),
        ("zhao", 25 + 60, None),
        ("zhao", 25 + 60 + 31, (QuestionKind.OWN_WINDOW, None)),
        ("nobody", 300, (QuestionKind.OWN_WINDOW, None)),
    ],
)
def test_a_time_raises_the_right_question(
    patient: str, at: float, doubt: tuple[QuestionKind, str | None] | None
) -> None:
    windows = windows_of(MORNING, longest_min=60)
    assert doubt_about(windows, minutes(at), patient_id=patient, own_window_min=30) == doubt


def test_a_patient_who_comes_back_has_both_times() -> None:
    windows = windows_of([*MORNING, Opening("wang", minutes(30))], longest_min=60)
    assert doubt_about(windows, minutes(35), patient_id="wang", own_window_min=30) is None
    assert doubt_about(windows, minutes(27), patient_id="wang", own_window_min=30) == (
        QuestionKind.OTHER_WINDOW,
        "zhao",
    )
