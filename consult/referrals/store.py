"""The only SQL of referrals."""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.eyes import Eye
from consult.referrals.criteria import Meets
from consult.referrals.desk import DeskDay, DeskView
from consult.referrals.errors import ReferralChangedError
from consult.referrals.model import REFERRAL_ENDS, ReferralStatus, RequeueCause, is_live
from consult.referrals.records import (
    COMING,
    AssessedReason,
    Referral,
    StoredAssessment,
    VisitOutcome,
)
from consult.referrals.tables import AppointmentRow, ReferralRow
from consult.reports.model import ReferralUrgency

_PLAIN = tuple(
    field.name
    for field in dataclasses.fields(Referral)
    if field.name not in {"assessment", "outcome"}
)
_MOVES = (
    *("status", "ended_at", "end_reason", "requeued_at", "requeued_because", "was_booked_at"),
    *("answer_by", "escalated_at", "accepted_at", "triage", "triage_note", "triaged_at"),
    *("to_institution_id", "clinic_id", "specialty", "urgency", "due_on", "revision"),
)
_URGENCY = case(
    {urgency: rank for rank, urgency in enumerate(ReferralUrgency)}, value=ReferralRow.urgency
)
_WAITS = ReferralRow.status == ReferralStatus.REQUESTED


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """Whose list it is, on which day, and what its people may see."""

    institution_id: str
    today: DeskDay
    seen: ColumnElement[bool]


def next_number(session: Session, day: str) -> int:
    """The next number of this day; the statement settles who is first."""
    return int(
        session.execute(
            text(
                "INSERT INTO referral_counters (day, last) VALUES (:day, 1) ON CONFLICT (day) "
                "DO UPDATE SET last = referral_counters.last + 1 RETURNING last"
            ),
            {"day": day},
        ).scalar_one()
    )


def save_new(session: Session, referral: Referral, *, live_key: str | None) -> bool:
    """Write a new referral; False where the case, or the person at that specialty, has one."""
    values: dict[str, Any] = {name: getattr(referral, name) for name in _PLAIN}
    row = ReferralRow(
        **values,
        live_case_id=referral.case_id,
        live_key=live_key,
        assessment=_plain_assessment(referral.assessment),
        outcome=None,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def save_step(
    session: Session, before: Referral, after: Referral, *, live_key: str | None = None
) -> None:
    """Write `after` only if the row still looks like `before`; `live_key`: where it is another."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _MOVES}
    if live_key is not None:
        values["live_key"] = live_key
    if not is_live(after.status):
        values |= {"live_case_id": None, "live_key": None}
    if after.outcome is not None:
        values["outcome"] = dataclasses.asdict(after.outcome)
    statement = (
        update(ReferralRow)
        .where(ReferralRow.id == before.id, ReferralRow.revision == before.revision)
        .values(**values)
        .returning(ReferralRow.id)
        .execution_options(synchronize_session=False)
    )
    try:
        with session.begin_nested():
            found = session.scalar(statement)
    except IntegrityError:
        # another request of this person to that specialty came first
        raise ReferralChangedError(before.id) from None
    if found is None:
        raise ReferralChangedError(before.id)


def find_referral(session: Session, referral_id: str) -> Referral | None:
    """One referral."""
    row = session.get(ReferralRow, referral_id, populate_existing=True)
    return None if row is None else _referral(row)


def referrals_by_id(session: Session, ids: Collection[str]) -> dict[str, Referral]:
    """These referrals."""
    found = _list(session, select(ReferralRow).where(ReferralRow.id.in_(sorted(ids))))
    return {referral.id: referral for referral in found}


def find_live(session: Session, case_id: str) -> Referral | None:
    """The live referral of a case."""
    found = _list(session, select(ReferralRow).where(ReferralRow.live_case_id == case_id))
    return found[0] if found else None


def find_live_by_key(session: Session, live_key: str) -> Referral | None:
    """The live referral of a person to a specialty."""
    found = _list(session, select(ReferralRow).where(ReferralRow.live_key == live_key))
    return found[0] if found else None


def list_of_case(session: Session, case_id: str, *, limit: int) -> list[Referral]:
    """The referrals of a case, the newest first."""
    statement = select(ReferralRow).where(ReferralRow.case_id == case_id)
    return _list(session, statement.order_by(ReferralRow.id.desc()).limit(limit))


def list_of_desk(
    session: Session, desk: Desk, *, view: DeskView, limit: int, offset: int
) -> list[Referral]:
    """A page of the referrals to an institution of one tab, each in its order."""
    statement = select(ReferralRow).where(*_of_desk(desk, view))
    statement = statement.order_by(*_order(view, desk.today), ReferralRow.id)
    return _list(session, statement.limit(limit).offset(offset))


def count_of_desk(session: Session, desk: Desk, *, view: DeskView) -> int:
    """How many referrals stand in one tab."""
    statement = select(func.count()).select_from(ReferralRow).where(*_of_desk(desk, view))
    return session.scalar(statement) or 0


def _of_desk(desk: Desk, view: DeskView) -> tuple[ColumnElement[bool], ...]:
    return (
        ReferralRow.to_institution_id == desk.institution_id,
        desk.seen,
        _in_view(view, desk.today),
    )


def list_unanswered(session: Session, *, now: datetime, limit: int) -> list[Referral]:
    """Referrals whose promised time has passed without an appointment, not yet told to anybody."""
    statement = select(ReferralRow).where(
        ReferralRow.status == ReferralStatus.REQUESTED,
        ReferralRow.answer_by <= now,
        ReferralRow.escalated_at.is_(None),
    )
    return _list(session, statement.order_by(ReferralRow.answer_by, ReferralRow.id).limit(limit))


def _order(view: DeskView, today: DeskDay) -> tuple[Any, ...]:
    """What waits: the red first; the done: newest first; who lost a time: by urgency."""
    match view:
        case DeskView.WAITING:
            return (case((_is_due(today), 0), else_=1), ReferralRow.due_on, _URGENCY)
        case DeskView.DONE:
            return (ReferralRow.ended_at.desc(),)
        case DeskView.REBOOK:
            return (_URGENCY, ReferralRow.due_on, ReferralRow.was_booked_at)
        case DeskView.ASKED:
            return (ReferralRow.answer_by,)
        case _:
            return (ReferralRow.due_on,)


def _is_due(today: DeskDay) -> ColumnElement[bool]:
    return or_(ReferralRow.due_on <= today.red_until, ReferralRow.answer_by <= today.now)


def _in_view(view: DeskView, today: DeskDay) -> ColumnElement[bool]:
    because = ReferralRow.requeued_because
    is_asked = or_(because.is_(None), because != RequeueCause.STOPPED)
    visits_today = select(AppointmentRow.referral_id).where(
        AppointmentRow.status.in_(sorted(COMING)),
        AppointmentRow.starts_at >= today.begins_at,
        AppointmentRow.starts_at < today.over_at,
    )
    return {
        DeskView.WAITING: _WAITS,
        DeskView.OPEN: ReferralRow.status.not_in(sorted(REFERRAL_ENDS)),
        DeskView.RED: and_(_WAITS, _is_due(today)),
        DeskView.REBOOK: and_(_WAITS, ReferralRow.requeued_at.is_not(None)),
        DeskView.ASKED: and_(_WAITS, ReferralRow.answer_by.is_not(None), is_asked),
        DeskView.TODAY: ReferralRow.id.in_(visits_today),
        DeskView.DONE: ReferralRow.status.in_(sorted(REFERRAL_ENDS)),
    }[view]


def _list(session: Session, statement: Select[ReferralRow]) -> list[Referral]:
    fresh = statement.execution_options(populate_existing=True)
    return [_referral(row) for row in session.scalars(fresh)]


def _referral(row: ReferralRow) -> Referral:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    outcome = None if row.outcome is None else VisitOutcome(**row.outcome)
    return Referral(**values, assessment=_assessment(row.assessment), outcome=outcome)


def _plain_assessment(assessment: StoredAssessment) -> dict[str, object]:
    return dataclasses.asdict(assessment)


def _assessment(stored: Mapping[str, Any]) -> StoredAssessment:
    reasons = tuple(
        AssessedReason(
            eye=Eye(reason["eye"]),
            code=reason["code"],
            meets=Meets(reason["meets"]),
            why_zh=reason["why_zh"],
            why_en=reason["why_en"],
        )
        for reason in stored["reasons"]
    )
    return StoredAssessment(**{**stored, "meets": Meets(stored["meets"]), "reasons": reasons})
