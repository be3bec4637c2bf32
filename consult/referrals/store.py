"""The only SQL of referrals."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.eyes import Eye
from consult.referrals.criteria import Meets
from consult.referrals.errors import ReferralChangedError
from consult.referrals.model import REFERRAL_ENDS, ReferralStatus, is_live
from consult.referrals.records import (
    COMING,
    AssessedReason,
    DeskView,
    Referral,
    StoredAssessment,
    VisitOutcome,
)
from consult.referrals.tables import AppointmentRow, ReferralRow

_PLAIN = tuple(
    field.name
    for field in dataclasses.fields(Referral)
    if field.name not in {"assessment", "outcome"}
)
_MOVES = ("status", "ended_at", "end_reason", "revision")


@dataclasses.dataclass(frozen=True, slots=True)
class DeskDay:
    """The day at the office, and until which due date it is warned."""

    red_until: date
    begins_at: datetime
    over_at: datetime


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


def save_step(session: Session, before: Referral, after: Referral) -> None:
    """Write `after` only if the row still looks like `before`."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _MOVES}
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
    if session.scalar(statement) is None:
        raise ReferralChangedError(before.id)


def find_referral(session: Session, referral_id: str) -> Referral | None:
    """One referral."""
    row = session.get(ReferralRow, referral_id, populate_existing=True)
    return None if row is None else _referral(row)


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
    session: Session,
    *,
    institution_id: str,
    view: DeskView,
    today: DeskDay,
    visible: Select[str],
    limit: int,
) -> list[Referral]:
    """The referrals to an institution of one tab, the soonest due first; the done newest first."""
    order = (
        (ReferralRow.ended_at.desc(), ReferralRow.id)
        if view is DeskView.DONE
        else (ReferralRow.due_on, ReferralRow.id)
    )
    statement = (
        select(ReferralRow)
        .where(
            ReferralRow.to_institution_id == institution_id,
            ReferralRow.id.in_(visible),
            _in_view(view, today),
        )
        .order_by(*order)
        .limit(limit)
    )
    return _list(session, statement)


def _in_view(view: DeskView, today: DeskDay) -> ColumnElement[bool]:
    match view:
        case DeskView.OPEN:
            return ReferralRow.status.not_in(sorted(REFERRAL_ENDS))
        case DeskView.RED:
            waiting = ReferralRow.status == ReferralStatus.REQUESTED
            return and_(waiting, ReferralRow.due_on <= today.red_until)
        case DeskView.TODAY:
            return ReferralRow.id.in_(
                select(AppointmentRow.referral_id).where(
                    AppointmentRow.status.in_(sorted(COMING)),
                    AppointmentRow.starts_at >= today.begins_at,
                    AppointmentRow.starts_at < today.over_at,
                )
            )
        case DeskView.DONE:
            return ReferralRow.status.in_(sorted(REFERRAL_ENDS))


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
