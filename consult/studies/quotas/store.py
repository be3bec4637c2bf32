"""The only SQL of what institutions keep: one row each, so that nothing is ever summed up."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Row, String, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from consult.db.base import table_of
from consult.db.prepared import Prepared
from consult.kernel.ids import InstitutionId
from consult.studies.quotas.model import Usage
from consult.studies.quotas.tables import UsageRow

_T = table_of(UsageRow)
_SIZE = bindparam("add_bytes", type_=BigInteger)
_COUNT = bindparam("add_instances", type_=BigInteger)
_WHO = bindparam("who", type_=String)
_ADD = (
    update(_T)
    .where(_T.c.institution_id == _WHO)
    .values(size_bytes=_T.c.size_bytes + _SIZE, instances=_T.c.instances + _COUNT)
)
_ADD_IN_BOUNDS = _ADD.where(
    or_(_T.c.most_bytes.is_(None), _T.c.size_bytes + _SIZE <= _T.c.most_bytes),
    or_(_T.c.most_instances.is_(None), _T.c.instances + _COUNT <= _T.c.most_instances),
)
_COUNT_UP, _COUNT_IN_BOUNDS = Prepared(_ADD), Prepared(_ADD_IN_BOUNDS)
_FIND = select(
    _T.c.institution_id, _T.c.size_bytes, _T.c.instances, _T.c.most_bytes, _T.c.most_instances
)
_FIND_ONE = _FIND.where(_T.c.institution_id == _WHO)


def add(
    session: Session, institution_id: str, *, size_bytes: int, instances: int, is_bound: bool
) -> bool:
    """Count what comes or goes; False, and nothing counted, where it would pass a bound.

    The row is locked until the unit ends, so two that come at once are counted one by one.
    """
    statement = _COUNT_IN_BOUNDS if is_bound else _COUNT_UP
    values = {"who": institution_id, "add_bytes": size_bytes, "add_instances": instances}
    if statement.write(session, values):
        return True
    if find(session, institution_id) is not None:
        return False
    make(session, institution_id)
    return bool(statement.write(session, values))


def make(session: Session, institution_id: str) -> None:
    """The row of an institution that keeps nothing yet; one that is there stays."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    nothing = {"institution_id": institution_id, "size_bytes": 0, "instances": 0}
    session.execute(insert(_T).values(**nothing).on_conflict_do_nothing())


def find(session: Session, institution_id: str) -> Usage | None:
    """What an institution keeps; None before its first image."""
    row = session.execute(_FIND_ONE, {"who": institution_id}).first()
    return None if row is None else _usage(row)


def list_usage(session: Session, institution_ids: Collection[str]) -> dict[str, Usage]:
    """The same of several."""
    statement = _FIND.where(_T.c.institution_id.in_(sorted(institution_ids)))
    return {row[0]: _usage(row) for row in session.execute(statement)}


def save_bounds(
    session: Session, institution_id: str, *, most_bytes: int | None, most_instances: int | None
) -> None:
    """Write how much an institution may keep."""
    session.execute(
        update(UsageRow)
        .where(UsageRow.institution_id == institution_id)
        .values(most_bytes=most_bytes, most_instances=most_instances)
        .execution_options(synchronize_session=False)
    )


def _usage(row: Row[*tuple[Any, ...]]) -> Usage:
    institution_id, size_bytes, instances, most_bytes, most_instances = row
    return Usage(InstitutionId(institution_id), size_bytes, instances, most_bytes, most_instances)
