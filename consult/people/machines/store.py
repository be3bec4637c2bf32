"""The only SQL of machines."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from consult.people.machines.tables import MachineRow

MOST_LISTED = 500


def save_machine(session: Session, row: MachineRow) -> None:
    """Write a new machine."""
    session.add(row)
    session.flush()


def find_by_token(session: Session, token_hash: str) -> MachineRow | None:
    """The machine of this token."""
    return session.scalar(select(MachineRow).where(MachineRow.token_hash == token_hash))


def find_machine(session: Session, machine_id: str) -> MachineRow | None:
    """A machine by its id."""
    return session.get(MachineRow, machine_id)


def list_machines(session: Session, reached: Select[str] | None) -> Sequence[MachineRow]:
    """The machines of these institutions, or all; the living first, then the newest."""
    order = (MachineRow.revoked_at.is_not(None), MachineRow.added_at.desc(), MachineRow.id)
    statement = select(MachineRow).order_by(*order).limit(MOST_LISTED)
    if reached is not None:
        statement = statement.where(MachineRow.institution_id.in_(reached))
    return session.scalars(statement).all()


def save_seen(session: Session, machine_id: str, *, now: datetime) -> None:
    """The token was used."""
    session.execute(update(MachineRow).where(MachineRow.id == machine_id).values(seen_at=now))


def save_revoked(session: Session, machine_id: str, *, at: datetime) -> bool:
    """Shut a machine out; False where it was already."""
    statement = (
        update(MachineRow)
        .where(MachineRow.id == machine_id, MachineRow.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(MachineRow.id)
    )
    return session.scalar(statement) is not None
