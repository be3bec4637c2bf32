"""The only SQL of follow-ups."""

import dataclasses
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from consult.referrals.errors import SalvageChangedError
from consult.referrals.salvage import Salvage, SalvageView
from consult.referrals.tables import SalvageRow

_COLUMNS = tuple(field.name for field in dataclasses.fields(Salvage))
_MOVES = ("owner_id", "outcome", "note", "closed_at", "closed_by_id", "revision")


def save_new(session: Session, salvage: Salvage) -> None:
    """Write a new follow-up; one is open a referral."""
    values = {name: getattr(salvage, name) for name in _COLUMNS}
    session.add(SalvageRow(**values, live_referral_id=salvage.referral_id))
    session.flush()


def save_step(session: Session, before: Salvage, after: Salvage) -> None:
    """Write `after` only if the row still looks like `before`."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _MOVES}
    if not after.is_open:
        values["live_referral_id"] = None
    statement = (
        update(SalvageRow)
        .where(SalvageRow.id == before.id, SalvageRow.revision == before.revision)
        .values(**values)
        .returning(SalvageRow.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(statement) is None:
        raise SalvageChangedError(before.referral_id)


def find_open(session: Session, referral_id: str) -> Salvage | None:
    """The open follow-up of a referral."""
    found = _list(session, select(SalvageRow).where(SalvageRow.live_referral_id == referral_id))
    return found[0] if found else None


def find_newest(session: Session, referral_id: str) -> Salvage | None:
    """The newest follow-up of a referral, open or done."""
    statement = select(SalvageRow).where(SalvageRow.referral_id == referral_id)
    found = _list(session, statement.order_by(SalvageRow.id.desc()).limit(1))
    return found[0] if found else None


def list_of_institution(
    session: Session,
    *,
    institution_id: str,
    view: SalvageView,
    seen: ColumnElement[bool],
    limit: int,
) -> list[Salvage]:
    """The follow-ups of an inviting institution: the soonest due first, the done newest first."""
    statement = select(SalvageRow).where(SalvageRow.institution_id == institution_id, seen)
    if view is SalvageView.OPEN:
        statement = statement.where(SalvageRow.outcome.is_(None))
        statement = statement.order_by(SalvageRow.due_on, SalvageRow.id)
    else:
        statement = statement.where(SalvageRow.outcome.is_not(None))
        statement = statement.order_by(SalvageRow.closed_at.desc(), SalvageRow.id)
    return _list(session, statement.limit(limit))


def list_owned(
    session: Session, *, owner_id: str, institution_id: str, limit: int
) -> list[Salvage]:
    """The open follow-ups that a person has at an institution."""
    statement = select(SalvageRow).where(
        SalvageRow.owner_id == owner_id,
        SalvageRow.institution_id == institution_id,
        SalvageRow.outcome.is_(None),
    )
    return _list(session, statement.order_by(SalvageRow.id).limit(limit))


def _list(session: Session, statement: Select[SalvageRow]) -> list[Salvage]:
    fresh = statement.execution_options(populate_existing=True)
    return [_salvage(row) for row in session.scalars(fresh)]


def _salvage(row: SalvageRow) -> Salvage:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    return Salvage(**values)
