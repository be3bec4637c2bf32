"""The only SQL of passes over stored bytes, and of the faults that they find."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.storage.model import Checked, FaultKind, Pass, PassName, StorageFault
from consult.storage.tables import FaultRow, PassRow


def find_pass(session: Session, name: PassName) -> Pass | None:
    """Where this pass stands; None in a house that has not begun with it."""
    row = session.get(PassRow, name, populate_existing=True)
    return None if row is None else _pass(row)


def make_pass(session: Session, name: PassName, *, due_at: datetime) -> None:
    """A pass that waits for its first time."""
    row = PassRow(
        name=name,
        due_at=due_at,
        is_asked=False,
        position="",
        checked=0,
        checked_bytes=0,
        found=0,
        last_checked=0,
        last_found=0,
        last_removed=0,
    )
    session.add(row)
    session.flush()


def save_pass(session: Session, name: PassName, **values: object) -> None:
    """Write where it stands."""
    session.execute(
        update(PassRow)
        .where(PassRow.name == name)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def save_fault(session: Session, checked: Checked, kind: FaultKind, *, now: datetime) -> bool:
    """Write a fault; False where it was known before."""
    named = checked.named
    row = session.get(FaultRow, named.blob.key, populate_existing=True)
    if row is not None:
        was, row.kind = row.kind, kind
        session.flush()
        return was is not kind
    session.add(
        FaultRow(
            key=named.blob.key,
            kind=kind,
            object_type=named.object_type,
            object_id=named.object_id,
            part=named.part,
            found_at=now,
        )
    )
    session.flush()
    return True


def delete_faults(session: Session, keys: Collection[str]) -> list[StorageFault]:
    """Forget the faults of these; what they were."""
    found = session.scalars(select(FaultRow).where(FaultRow.key.in_(sorted(keys)))).all()
    faults = [_fault(row) for row in found]
    if faults:
        gone = [fault.key for fault in faults]
        session.execute(
            delete(FaultRow)
            .where(FaultRow.key.in_(gone))
            .execution_options(synchronize_session=False)
        )
    return faults


def list_faults(session: Session, *, limit: int, after: str = "") -> Sequence[StorageFault]:
    """The oldest first, or, behind a key, by key."""
    statement = select(FaultRow).limit(limit)
    if after:
        statement = statement.where(FaultRow.key > after).order_by(FaultRow.key)
    else:
        statement = statement.order_by(FaultRow.found_at, FaultRow.key)
    return [_fault(row) for row in session.scalars(statement)]


def count_faults(session: Session) -> int:
    """How many stored objects are not whole."""
    return session.scalar(select(func.count()).select_from(FaultRow)) or 0


def _fault(row: FaultRow) -> StorageFault:
    return StorageFault(row.key, row.kind, row.object_type, row.object_id, row.part, row.found_at)


def _pass(row: PassRow) -> Pass:
    return Pass(
        name=row.name,
        due_at=row.due_at,
        is_asked=row.is_asked,
        begun_at=row.begun_at,
        position=row.position,
        checked=row.checked,
        checked_bytes=row.checked_bytes,
        found=row.found,
        last_begun_at=row.last_begun_at,
        last_ended_at=row.last_ended_at,
        last_checked=row.last_checked,
        last_found=row.last_found,
        last_removed=row.last_removed,
    )
