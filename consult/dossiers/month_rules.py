"""What counts in the page of a month: one clause for each figure, whether counted or listed."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, or_, true

from consult.cases.model import CaseStatus
from consult.cases.tables import CaseRow
from consult.dossiers.punctuality import punctual
from consult.referrals.model import AppointmentStatus
from consult.referrals.tables import AppointmentRow, ReferralRow
from consult.reports.figures.tables import CaseFigureRow
from consult.reports.model import ReferralNeed
from consult.reports.own.tables import WaitRow
from consult.reports.tellings.model import KNOWS, TellingState
from consult.reports.tellings.tables import TellingRow


class Figure(enum.StrEnum):
    """What may be said of a case that was submitted in the month."""

    CASES = "cases"
    ANSWERED = "answered"
    IN_TIME = "in_time"
    LATE = "late"
    OPEN = "open"
    ENDED = "ended"
    RATED = "rated"
    UNGRADABLE = "ungradable"
    REFERABLE = "referable"
    BOOKED = "booked"
    ARRIVED = "arrived"
    KNOWN = "known"
    TO_TELL = "to_tell"
    TOLD = "told"


FUNNEL: Final = (Figure.REFERABLE, Figure.BOOKED, Figure.ARRIVED, Figure.KNOWN)
"""Each is a part of the one before it."""
_NEEDS: Final = (ReferralNeed.REFER, ReferralNeed.URGENT)
_STILL_READ: Final = (CaseStatus.SECOND_READ, CaseStatus.ARBITRATION, CaseStatus.REPORT_REVIEW)
_THERE: Final = (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)
_EXPECTED: Final = (AppointmentStatus.BOOKED, AppointmentStatus.NOSHOW, *_THERE)


def clauses(*, now: datetime) -> Mapping[Figure, ColumnElement[bool]]:
    """The clause of every figure over a case, its figures and its wait, which may be missing.

    An opinion counts once its case is answered, and not while the requesting physician has yet to
    read for herself: the counts tell nothing that the report's own doors keep back.
    """
    answered = punctual(
        signed_at=CaseFigureRow.answered_at,
        report_by=CaseRow.report_by,
        status=CaseRow.status,
        now=now,
    )
    is_shown = or_(WaitRow.case_id.is_(None), WaitRow.ended_at.is_not(None))
    said = and_(CaseRow.status.not_in(_STILL_READ), is_shown)
    referable = and_(CaseFigureRow.need.in_(_NEEDS), said)
    arrived = and_(referable, _has_appointment(_THERE))
    return {
        Figure.CASES: true(),
        Figure.ANSWERED: CaseFigureRow.answered_at.is_not(None),
        Figure.IN_TIME: answered["in_time"],
        Figure.LATE: answered["late"],
        Figure.OPEN: answered["open"],
        Figure.ENDED: answered["ended"],
        Figure.RATED: and_(CaseFigureRow.eyes_rated > 0, said),
        Figure.UNGRADABLE: and_(CaseFigureRow.eyes_ungradable > 0, said),
        Figure.REFERABLE: referable,
        Figure.BOOKED: and_(referable, _has_appointment(_EXPECTED)),
        Figure.ARRIVED: arrived,
        Figure.KNOWN: and_(arrived, _has_outcome()),
        Figure.TO_TELL: and_(said, _is_to_be_told(TellingRow.state != TellingState.REPLACED)),
        Figure.TOLD: and_(CaseRow.told, said, _knows()),
    }


def _has_appointment(statuses: tuple[AppointmentStatus, ...]) -> ColumnElement[bool]:
    """Whether a referral of the case has an appointment that stands so."""
    return _of_case(
        AppointmentRow.referral_id == ReferralRow.id, AppointmentRow.status.in_(statuses)
    )


def _has_outcome() -> ColumnElement[bool]:
    """Whether the hospital wrote back what became of a referral of the case."""
    return _of_case(ReferralRow.outcome.is_not(None))


def _knows() -> ColumnElement[bool]:
    """Whether the patient knows, and no later version is to be told yet."""
    is_open = _is_to_be_told(TellingRow.state == TellingState.OPEN)
    return and_(_is_to_be_told(TellingRow.state.in_(sorted(KNOWS))), ~is_open)


def _is_to_be_told(state: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(TellingRow.case_id == CaseRow.id, state)


def _of_case(*told: Any) -> ColumnElement[bool]:
    return exists().where(ReferralRow.case_id == CaseRow.id, *told)
