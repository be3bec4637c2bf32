"""Whose turn it was when a photograph was taken (U1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.cases.images.model import QuestionKind


@dataclass(frozen=True, slots=True)
class Opening:
    """A patient's case was opened on a screen of the institution at this time."""

    patient_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """How long a patient was the current one."""

    patient_id: str
    start: datetime
    end: datetime

    def minutes_from(self, at: datetime) -> float:
        """How far a time lies from this window; 0 within it."""
        apart = max(self.start - at, at - self.end)
        return max(0.0, apart.total_seconds() / 60)


def windows_of(openings: Sequence[Opening], *, longest_min: int) -> list[Window]:
    """From each opening to the next one of another patient, at most `longest_min`.

    `openings` are those of one institution, the earliest first.
    """
    found: list[Window] = []
    for number, opening in enumerate(openings):
        end = opening.at + timedelta(minutes=longest_min)
        for later in openings[number + 1 :]:
            if later.patient_id != opening.patient_id:
                end = min(end, later.at)
                break
        found.append(Window(opening.patient_id, opening.at, end))
    return found


def doubt_about(
    windows: Sequence[Window], at: datetime, *, patient_id: str, own_window_min: int
) -> tuple[QuestionKind, str | None] | None:
    """Which question a capture time raises, and which other patient was current then (U1)."""
    own = [window.minutes_from(at) for window in windows if window.patient_id == patient_id]
    nearest = min(own, default=None)
    if nearest == 0:
        return None
    for window in windows:
        if window.patient_id != patient_id and window.start <= at < window.end:
            return QuestionKind.OTHER_WINDOW, window.patient_id
    if nearest is None or nearest > own_window_min:
        return QuestionKind.OWN_WINDOW, None
    return None
