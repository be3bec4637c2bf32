"""The only SQL of calls."""

import dataclasses
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.referrals.calls import Call
from consult.referrals.tables import CallRow

_COLUMNS = tuple(field.name for field in dataclasses.fields(Call))


def save_new(session: Session, call: Call) -> None:
    """Write a call."""
    session.add(CallRow(**{name: getattr(call, name) for name in _COLUMNS}))
    session.flush()


def list_calls(
    session: Session, referral_id: str, *, limit: int, since: datetime | None = None
) -> list[Call]:
    """The calls about a referral, from this moment on, the newest first."""
    statement = select(CallRow).where(CallRow.referral_id == referral_id)
    if since is not None:
        statement = statement.where(CallRow.called_at >= since)
    statement = statement.order_by(CallRow.called_at.desc(), CallRow.id.desc()).limit(limit)
    return [_call(row) for row in session.scalars(statement)]


def count_calls(session: Session, referral_ids: Collection[str]) -> dict[str, int]:
    """How often was called about each of these referrals."""
    statement = (
        select(CallRow.referral_id, func.count())
        .where(CallRow.referral_id.in_(sorted(referral_ids)))
        .group_by(CallRow.referral_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _call(row: CallRow) -> Call:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    return Call(**values)
