"""The only SQL of custody and grants."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import ColumnElement

from consult.access.model import ObjectType, Party, Ref
from consult.access.tables import CustodyRow, GrantRow

Parties = dict[Party, set[str]]


def save_custody(session: Session, ref: Ref, custodian: tuple[Party, str]) -> None:
    """Write who holds the object."""
    session.add(
        CustodyRow(
            object_type=ref.type,
            object_id=ref.id,
            custodian_type=custodian[0],
            custodian_id=custodian[1],
        )
    )
    session.flush()


def find_custodian(session: Session, ref: Ref) -> tuple[Party, str] | None:
    """Who holds the object."""
    row = session.get(CustodyRow, (ref.type, ref.id))
    return None if row is None else (row.custodian_type, row.custodian_id)


def list_parties(
    session: Session, object_type: ObjectType, ids: Collection[str], *, now: datetime
) -> dict[str, set[tuple[Party, str]]]:
    """Who holds each of these objects, and to whom it is open by a live grant."""
    held = select(CustodyRow.object_id, CustodyRow.custodian_type, CustodyRow.custodian_id).where(
        CustodyRow.object_type == object_type, CustodyRow.object_id.in_(sorted(ids))
    )
    granted = select(GrantRow.object_id, GrantRow.grantee_type, GrantRow.grantee_id).where(
        GrantRow.object_type == object_type, GrantRow.object_id.in_(sorted(ids)), _is_live(now)
    )
    found: dict[str, set[tuple[Party, str]]] = {}
    for statement in (held, granted):
        for object_id, kind, party_id in session.execute(statement):
            found.setdefault(object_id, set()).add((kind, party_id))
    return found


def save_grant(session: Session, row: GrantRow) -> None:
    """Write a grant."""
    session.add(row)
    session.flush()


def list_grants(session: Session, ref: Ref, *, now: datetime) -> list[GrantRow]:
    """The live grants of this object, oldest first."""
    statement = select(GrantRow).where(
        GrantRow.object_type == ref.type, GrantRow.object_id == ref.id, _is_live(now)
    )
    return list(session.scalars(statement.order_by(GrantRow.granted_at, GrantRow.id)))


def end_grants(session: Session, ref: Ref, *, why: str, now: datetime) -> None:
    """End the live grants of this object that were given for this reason."""
    session.execute(
        update(GrantRow)
        .where(
            GrantRow.object_type == ref.type,
            GrantRow.object_id == ref.id,
            GrantRow.why == why,
            _is_live(now),
        )
        .values(until=now)
    )


def end_every_grant(
    session: Session, *, why: str, now: datetime, besides: frozenset[ObjectType] = frozenset()
) -> None:
    """End the live grants that were given for this reason, but those on these types of object."""
    session.execute(
        update(GrantRow)
        .where(GrantRow.why == why, GrantRow.object_type.not_in(besides), _is_live(now))
        .values(until=now)
    )


def select_visible(object_type: ObjectType, parties: Parties, *, now: datetime) -> Select[str]:
    """The ids of this type that any of the parties holds or was granted."""
    held = select(CustodyRow.object_id).where(
        CustodyRow.object_type == object_type,
        _matches(CustodyRow.custodian_type, CustodyRow.custodian_id, parties),
    )
    granted = select(GrantRow.object_id).where(
        GrantRow.object_type == object_type,
        _matches(GrantRow.grantee_type, GrantRow.grantee_id, parties),
        _is_live(now),
    )
    both = union(held, granted).subquery()
    return select(both.c.object_id)


def visible_clause(
    object_type: ObjectType,
    object_id: InstrumentedAttribute[str],
    parties: Parties,
    *,
    now: datetime,
) -> ColumnElement[bool]:
    """Whether any of the parties holds or was granted the object of a row."""
    held = exists().where(
        CustodyRow.object_type == object_type,
        CustodyRow.object_id == object_id,
        _matches(CustodyRow.custodian_type, CustodyRow.custodian_id, parties),
    )
    granted = exists().where(
        GrantRow.object_type == object_type,
        GrantRow.object_id == object_id,
        _matches(GrantRow.grantee_type, GrantRow.grantee_id, parties),
        _is_live(now),
    )
    return or_(held, granted)


def list_grantees(session: Session, ref: Ref, *, now: datetime) -> list[str]:
    """To whom this object is open by a grant."""
    statement = select(GrantRow.grantee_id).where(
        GrantRow.object_type == ref.type, GrantRow.object_id == ref.id, _is_live(now)
    )
    return sorted(set(session.scalars(statement)))


def select_last_end(
    party: tuple[Party, InstrumentedAttribute[str]], *, now: datetime
) -> Select[datetime | None]:
    """When the last of a party's live grants ends."""
    return select(func.max(GrantRow.until)).where(
        GrantRow.grantee_type == party[0], GrantRow.grantee_id == party[1], _is_live(now)
    )


def is_visible(session: Session, ref: Ref, parties: Parties, *, now: datetime) -> bool:
    """Whether any of the parties holds the object or has a live grant."""
    asked = {kind: sorted(ids) for kind, ids in parties.items() if ids}
    named: dict[str, object] = {"object_type": ref.type, "object_id": ref.id}
    named |= {_ids_of(kind): ids for kind, ids in asked.items()}
    held, granted = _questions(tuple(asked))
    if session.scalar(held, named) is not None:
        return True
    return session.scalar(granted, named | {"now": now}) is not None


@cache
def _questions(kinds: tuple[Party, ...]) -> tuple[Select[str], Select[str]]:
    """What `is_visible` asks: made once for these kinds of party, as every page asks it often."""

    def ours(
        of: InstrumentedAttribute[Party], ids: InstrumentedAttribute[str]
    ) -> ColumnElement[bool]:
        held = (and_(of == kind, ids.in_(_given(kind))) for kind in kinds)
        return or_(false(), *held)

    held = select(CustodyRow.object_id).where(
        CustodyRow.object_type == bindparam("object_type"),
        CustodyRow.object_id == bindparam("object_id"),
        ours(CustodyRow.custodian_type, CustodyRow.custodian_id),
    )
    granted = select(GrantRow.id).where(
        GrantRow.object_type == bindparam("object_type"),
        GrantRow.object_id == bindparam("object_id"),
        ours(GrantRow.grantee_type, GrantRow.grantee_id),
        _is_live(bindparam("now")),
    )
    return held, granted.limit(1)


def _given(kind: Party) -> BindParameter[Any]:
    return bindparam(_ids_of(kind), expanding=True)


def _ids_of(kind: Party) -> str:
    return f"{kind.value}_ids"


def _matches(
    party_type: InstrumentedAttribute[Party],
    party_id: InstrumentedAttribute[str],
    parties: Parties,
) -> ColumnElement[bool]:
    clauses = [
        and_(party_type == kind, party_id.in_(sorted(ids))) for kind, ids in parties.items() if ids
    ]
    return or_(false(), *clauses)


def _is_live(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(GrantRow.granted_at <= now, or_(GrantRow.until.is_(None), GrantRow.until > now))
