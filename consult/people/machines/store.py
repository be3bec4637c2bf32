"""The only SQL of machines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update
from sqlalchemy.orm import Session

from consult.db.base import table_of
from consult.db.prepared import Prepared
from consult.db.reading import lasting
from consult.kernel.ids import InstitutionId
from consult.people.machines.model import Heartbeat, Machine, Right
from consult.people.machines.tables import HeartbeatRow, MachineRow

MOST_LISTED = 500

_MACHINE = table_of(MachineRow)
_BY_TOKEN = Prepared(select(_MACHINE).where(_MACHINE.c.token_hash == bindparam("token_hash")))


def save_machine(session: Session, row: MachineRow) -> None:
    """Write a new machine."""
    session.add(row)
    session.flush()


def find_by_token(session: Session, token_hash: str) -> Machine | None:
    """The machine of this token."""
    return lasting(session, ("machine", token_hash), lambda: _find_by_token(session, token_hash))


def _find_by_token(session: Session, token_hash: str) -> Machine | None:
    found = _BY_TOKEN.ask(session, {"token_hash": token_hash})
    return as_machine(found[0]) if found else None


def as_machine(row: MachineRow | Row[Any]) -> Machine:
    """The row as a machine."""
    return Machine(
        id=row.id,
        institution_id=InstitutionId(row.institution_id),
        name=row.name,
        rights=frozenset(Right(each) for each in row.rights),
        added_at=row.added_at,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
        revoked_at=row.revoked_at,
    )


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


def list_of_institution(session: Session, institution_id: str) -> Sequence[MachineRow]:
    """The machines of an institution that are not shut out, by name."""
    statement = (
        select(MachineRow)
        .where(MachineRow.institution_id == institution_id, MachineRow.revoked_at.is_(None))
        .order_by(MachineRow.name, MachineRow.id)
        .limit(MOST_LISTED)
    )
    return session.scalars(statement).all()


def names_of(session: Session, machine_ids: Collection[str]) -> Mapping[str, str]:
    """What these machines are called."""
    statement = select(MachineRow.id, MachineRow.name).where(MachineRow.id.in_(sorted(machine_ids)))
    return {row.id: row.name for row in session.execute(statement)}


def save_heartbeat(session: Session, machine_id: str, told: Heartbeat) -> str:
    """Write what a machine says of itself; the error that it told before."""
    row = session.get(HeartbeatRow, machine_id, populate_existing=True)
    before = "" if row is None else row.error
    session.merge(
        HeartbeatRow(
            machine_id=machine_id,
            told_at=told.told_at,
            version=told.version,
            waiting=told.waiting,
            waiting_bytes=told.waiting_bytes,
            oldest_at=told.oldest_at,
            refused=told.refused,
            error=told.error,
        )
    )
    session.flush()
    return before


def list_heartbeats(session: Session, machine_ids: Collection[str]) -> Mapping[str, Heartbeat]:
    """What each of these machines last said of itself."""
    statement = select(HeartbeatRow).where(HeartbeatRow.machine_id.in_(sorted(machine_ids)))
    return {
        row.machine_id: Heartbeat(
            told_at=row.told_at,
            version=row.version,
            waiting=row.waiting,
            waiting_bytes=row.waiting_bytes,
            oldest_at=row.oldest_at,
            refused=row.refused,
            error=row.error,
        )
        for row in session.scalars(statement)
    }
