"""The only SQL of custody and grants."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import ColumnElement

from consult.access.model import ObjectType, Party, Ref
from consult.access.tables import CustodyRow, GrantRow
from consult.db.base import UtcTime, table_of
from consult.db.prepared import Prepared
from consult.db.reading import known

Parties = frozenset[tuple[Party, str]]

# The policy is asked many times in each request: these are built once, not each time
_CUSTODY, _GRANTS = table_of(CustodyRow).c, table_of(GrantRow).c
_CUSTODIAN = select(_CUSTODY.custodian_type, _CUSTODY.custodian_id).where(
    _CUSTODY.object_type == bindparam("type"), _CUSTODY.object_id == bindparam("id")
)
_PARTIES = Prepared(
    union_all(
        select(_GRANTS.grantee_type, _GRANTS.grantee_id, _GRANTS.granted_at, _GRANTS.until).where(
            _GRANTS.object_type == bindparam("type"), _GRANTS.object_id == bindparam("id")
        ),
        _CUSTODIAN.add_columns(null(), null()),
    )
)


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
    row = session.execute(_CUSTODIAN, {"type": ref.type, "id": ref.id}).first()
    return None if row is None else (row[0], row[1])


def find_parties(session: Session, ref: Ref, *, now: datetime) -> Parties:
    """Who holds this object, and to whom it is open by a live grant."""

    def find() -> tuple[tuple[Party, str, datetime | None, datetime | None], ...]:
        asked = {"type": ref.type, "id": ref.id}
        return tuple((row[0], row[1], row[2], row[3]) for row in _PARTIES.ask(session, asked))

    return frozenset(
        (kind, party_id)
        for kind, party_id, begins, until in known(session, ("parties", ref), find)
        if (begins is None or begins <= now) and (until is None or until > now)
    )


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
    told = {f"{object_type}_parties": sorted(parties), f"{object_type}_now": now}
    return _visible(object_type).params(told)


@cache
def _visible(object_type: ObjectType) -> Select[str]:
    """Its parameters bear the type's name, since one list may join the ids of two types."""
    parties: BindParameter[Any] = bindparam(f"{object_type}_parties", expanding=True)
    now = bindparam(f"{object_type}_now", type_=UtcTime())
    held = select(_CUSTODY.object_id).where(
        _CUSTODY.object_type == object_type,
        tuple_(_CUSTODY.custodian_type, _CUSTODY.custodian_id).in_(parties),
    )
    granted = select(_GRANTS.object_id).where(
        _GRANTS.object_type == object_type,
        tuple_(_GRANTS.grantee_type, _GRANTS.grantee_id).in_(parties),
        _is_live(now),
    )
    both = union_all(held, granted).subquery()
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
        tuple_(CustodyRow.custodian_type, CustodyRow.custodian_id).in_(sorted(parties)),
    )
    granted = exists().where(
        GrantRow.object_type == object_type,
        GrantRow.object_id == object_id,
        tuple_(GrantRow.grantee_type, GrantRow.grantee_id).in_(sorted(parties)),
        _is_live(now),
    )
    return or_(held, granted)


def seen_by(
    object_type: ObjectType, object_id: ColumnElement[str], *, parties: int
) -> ColumnElement[bool]:
    """The same for a question that is built once: parties and time are bound when it runs.

    The names of its values are those of `seers`.
    """
    held = exists().where(
        _CUSTODY.object_type == object_type,
        _CUSTODY.object_id == object_id,
        _is_one_of(_CUSTODY.custodian_type, _CUSTODY.custodian_id, parties),
    )
    granted = exists().where(
        _GRANTS.object_type == object_type,
        _GRANTS.object_id == object_id,
        _is_one_of(_GRANTS.grantee_type, _GRANTS.grantee_id, parties),
        _is_live(bindparam("seen_at", type_=UtcTime())),
    )
    return or_(held, granted)


def seers(parties: Parties, *, now: datetime) -> dict[str, object]:
    """The values of `seen_by` for these parties."""
    told: dict[str, object] = {"seen_at": now}
    for place, (kind, party_id) in enumerate(sorted(parties)):
        told |= {f"party{place}_type": kind, f"party{place}": party_id}
    return told


def _is_one_of(kind: Column[Any], party_id: Column[Any], parties: int) -> ColumnElement[bool]:
    """Whether it is any of so many parties; of none it is nobody."""
    each = (
        and_(kind == bindparam(f"party{place}_type"), party_id == bindparam(f"party{place}"))
        for place in range(parties)
    )
    return or_(false(), *each)


def list_grantees(session: Session, ref: Ref, *, now: datetime) -> list[str]:
    """To whom this object is open by a grant."""
    statement = select(GrantRow.grantee_id).where(
        GrantRow.object_type == ref.type, GrantRow.object_id == ref.id, _is_live(now)
    )
    return sorted(set(session.scalars(statement)))


def select_last_end(
    party: tuple[Party, InstrumentedAttribute[str]], *, now: datetime | BindParameter[datetime]
) -> Select[datetime | None]:
    """When the last of a party's live grants ends."""
    return select(func.max(GrantRow.until)).where(
        GrantRow.grantee_type == party[0], GrantRow.grantee_id == party[1], _is_live(now)
    )


def _is_live(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(GrantRow.granted_at <= now, or_(GrantRow.until.is_(None), GrantRow.until > now))
