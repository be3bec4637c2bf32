"""The only SQL of files that collide with stored objects."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.studies.tables import ConflictRow, InstanceRow


def save_conflict(session: Session, row: ConflictRow) -> None:
    """Write a new conflict."""
    session.add(row)
    session.flush()


def find_conflict(session: Session, conflict_id: str) -> ConflictRow | None:
    """A conflict by its id."""
    return session.get(ConflictRow, conflict_id)


def find_same(session: Session, *, case_id: str, instance_id: str, sha256: str) -> str | None:
    """The id of the conflict that this file made before."""
    return session.scalar(
        select(ConflictRow.id).where(
            ConflictRow.case_id == case_id,
            ConflictRow.instance_id == instance_id,
            ConflictRow.source_sha256 == sha256,
        )
    )


def list_open(session: Session, case_ids: Collection[str], *, limit: int) -> Sequence[ConflictRow]:
    """What waits for a person in these cases, the oldest first."""
    statement = (
        select(ConflictRow)
        .where(ConflictRow.case_id.in_(sorted(case_ids)), ConflictRow.settled_at.is_(None))
        .order_by(ConflictRow.found_at, ConflictRow.id)
        .limit(limit)
    )
    return session.scalars(statement).all()


def list_received(
    session: Session, *, institution_id: str, case_id: str, limit: int
) -> Sequence[ConflictRow]:
    """What came to this institution without a case and waits, the oldest first."""
    statement = (
        select(ConflictRow)
        .join(InstanceRow, InstanceRow.id == ConflictRow.instance_id)
        .where(
            ConflictRow.case_id == case_id,
            InstanceRow.institution_id == institution_id,
            ConflictRow.settled_at.is_(None),
        )
        .order_by(ConflictRow.found_at, ConflictRow.id)
        .limit(limit)
    )
    return session.scalars(statement).all()


def save_settled(
    session: Session, conflict_id: str, *, at: datetime, by: str | None, reason: str
) -> bool:
    """Settle once; False when somebody was first."""
    statement = (
        update(ConflictRow)
        .where(ConflictRow.id == conflict_id, ConflictRow.settled_at.is_(None))
        .values(settled_at=at, settled_by=by, reason=reason)
        .returning(ConflictRow.key)
    )
    return session.scalar(statement) is not None


def delete_open(session: Session, instance_id: str) -> list[tuple[str, int, str]]:
    """Forget the open conflicts with an instance: key and size of each second file, its case."""
    statement = (
        delete(ConflictRow)
        .where(ConflictRow.instance_id == instance_id, ConflictRow.settled_at.is_(None))
        .returning(ConflictRow.key, ConflictRow.size_bytes, ConflictRow.case_id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def named_keys(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys hold a file that still waits for a person."""
    statement = select(ConflictRow.key).where(
        ConflictRow.key.in_(sorted(keys)), ConflictRow.settled_at.is_(None)
    )
    return frozenset(session.scalars(statement))
