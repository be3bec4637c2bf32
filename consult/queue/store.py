"""The only SQL of claims."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, PractitionerId
from consult.queue.model import Claim, ClaimEnd
from consult.queue.tables import ClaimRow, ReaderRow

_MOST_READERS = 50


def save_claim(session: Session, row: ClaimRow) -> Claim:
    """Write a new claim."""
    session.add(row)
    session.flush()
    return _claim(row)


def find_live(session: Session, case_id: str) -> Claim | None:
    """The live claim of a case."""
    row = session.scalar(select(ClaimRow).where(ClaimRow.live_case_id == case_id))
    return None if row is None else _claim(row)


def list_live(session: Session, case_ids: Collection[str]) -> list[Claim]:
    """The live claims of these cases."""
    statement = select(ClaimRow).where(ClaimRow.live_case_id.in_(sorted(case_ids)))
    return [_claim(row) for row in session.scalars(statement.order_by(ClaimRow.id))]


def list_live_of(session: Session, practitioner_id: str, *, limit: int) -> set[str]:
    """The cases that this person has taken."""
    statement = select(ClaimRow.case_id).where(
        ClaimRow.practitioner_id == practitioner_id, ClaimRow.ended_at.is_(None)
    )
    return set(session.scalars(statement.limit(limit)))


def list_held(session: Session, practitioner_id: str, *, now: datetime, limit: int) -> list[Claim]:
    """What this person holds now."""
    statement = (
        select(ClaimRow)
        .where(
            ClaimRow.practitioner_id == practitioner_id,
            ClaimRow.ended_at.is_(None),
            ClaimRow.lease_until > now,
        )
        .order_by(ClaimRow.id)
        .limit(limit)
    )
    return [_claim(row) for row in session.scalars(statement)]


def list_reported(
    session: Session, practitioner_id: str, *, since: datetime, limit: int
) -> list[Claim]:
    """The claims of this person that ended in a report since then, the newest first."""
    statement = (
        select(ClaimRow)
        .where(
            ClaimRow.practitioner_id == practitioner_id,
            ClaimRow.ended_at >= since,
            ClaimRow.ended_how == ClaimEnd.REPORTED,
        )
        .order_by(ClaimRow.ended_at.desc(), ClaimRow.id)
        .limit(limit)
    )
    return [_claim(row) for row in session.scalars(statement)]


def list_signed_ids(
    session: Session, practitioner_id: str, *, since: datetime, limit: int
) -> list[str]:
    """The cases on which this person has signed since then, the newest first."""
    statement = (
        select(ClaimRow.case_id)
        .where(
            ClaimRow.practitioner_id == practitioner_id,
            ClaimRow.ended_at >= since,
            ClaimRow.ended_how == ClaimEnd.REPORTED,
        )
        .order_by(ClaimRow.ended_at.desc(), ClaimRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def save_opened(session: Session, claim_id: str, *, at: datetime) -> None:
    """Note when the reading room was opened."""
    session.execute(
        update(ClaimRow)
        .where(ClaimRow.id == claim_id)
        .values(opened_at=at)
        .execution_options(synchronize_session=False)
    )


def list_expired(session: Session, *, now: datetime, limit: int) -> list[Claim]:
    """Live claims whose lease has run out."""
    statement = (
        select(ClaimRow)
        .where(ClaimRow.ended_at.is_(None), ClaimRow.lease_until <= now)
        .order_by(ClaimRow.lease_until, ClaimRow.id)
        .limit(limit)
    )
    return [_claim(row) for row in session.scalars(statement)]


def list_longer(session: Session, *, until: datetime, limit: int) -> list[Claim]:
    """Live claims whose lease ends later than this."""
    statement = (
        select(ClaimRow)
        .where(ClaimRow.ended_at.is_(None), ClaimRow.lease_until > until)
        .order_by(ClaimRow.lease_until, ClaimRow.id)
        .limit(limit)
    )
    return [_claim(row) for row in session.scalars(statement)]


def save_lease(
    session: Session, case_id: str, *, practitioner_id: str, now: datetime, until: datetime
) -> bool:
    """Lengthen the lease if it still lives and is this person's."""
    statement = (
        update(ClaimRow)
        .where(
            ClaimRow.live_case_id == case_id,
            ClaimRow.practitioner_id == practitioner_id,
            ClaimRow.lease_until > now,
        )
        .values(lease_until=until)
        .returning(ClaimRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def save_end(session: Session, claim_id: str, *, at: datetime, how: ClaimEnd) -> None:
    """End a claim."""
    session.execute(
        update(ClaimRow)
        .where(ClaimRow.id == claim_id, ClaimRow.ended_at.is_(None))
        .values(live_case_id=None, ended_at=at, ended_how=how)
        .execution_options(synchronize_session=False)
    )


def save_reader(session: Session, case_id: str, practitioner_id: str, *, at: datetime) -> None:
    """Write that this person has read the case."""
    session.add(ReaderRow(case_id=case_id, practitioner_id=practitioner_id, read_at=at))
    session.flush()


def list_readers(session: Session, case_id: str) -> set[str]:
    """Who has read the case; a case has at most a handful of readers."""
    statement = select(ReaderRow.practitioner_id).where(ReaderRow.case_id == case_id)
    return set(session.scalars(statement.limit(_MOST_READERS)))


def list_read_by(session: Session, practitioner_id: str, case_ids: Collection[str]) -> set[str]:
    """Which of these cases this person has read."""
    statement = select(ReaderRow.case_id).where(
        ReaderRow.practitioner_id == practitioner_id, ReaderRow.case_id.in_(sorted(case_ids))
    )
    return set(session.scalars(statement))


def _claim(row: ClaimRow) -> Claim:
    return Claim(
        id=row.id,
        case_id=CaseId(row.case_id),
        practitioner_id=PractitionerId(row.practitioner_id),
        claimed_at=row.claimed_at,
        lease_until=row.lease_until,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
    )
