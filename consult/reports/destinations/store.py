"""The only SQL of destinations."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId
from consult.reports.destinations.errors import DestinationChangedError
from consult.reports.destinations.model import Destination, Line
from consult.reports.destinations.tables import DestinationRow

_MOST_LISTED = 500


def save_destination(session: Session, row: DestinationRow) -> None:
    """Write a new destination."""
    session.add(row)
    session.flush()


def find_destination(session: Session, destination_id: str) -> Destination | None:
    """A destination that was not removed."""
    row = session.get(DestinationRow, destination_id, populate_existing=True)
    return None if row is None or row.removed_at is not None else as_destination(row)


def find_token(session: Session, destination_id: str) -> bytes | None:
    """The sealed token of a destination."""
    statement = select(DestinationRow.token).where(DestinationRow.id == destination_id)
    return session.scalar(statement)


def list_destinations(session: Session, institution_ids: Collection[str]) -> Sequence[Destination]:
    """The destinations of these institutions that were not removed, by name."""
    statement = (
        select(DestinationRow)
        .where(
            DestinationRow.institution_id.in_(sorted(institution_ids)),
            DestinationRow.removed_at.is_(None),
        )
        .order_by(DestinationRow.name, DestinationRow.id)
        .limit(_MOST_LISTED)
    )
    return [as_destination(row) for row in session.scalars(statement)]


def count_destinations(session: Session, institution_id: str) -> int:
    """How many an institution has."""
    statement = select(func.count()).where(
        DestinationRow.institution_id == institution_id, DestinationRow.removed_at.is_(None)
    )
    return session.scalar(statement) or 0


def names_of(session: Session, destination_ids: Collection[str]) -> Mapping[str, str]:
    """What these are called, removed ones as well."""
    statement = select(DestinationRow.id, DestinationRow.name).where(
        DestinationRow.id.in_(sorted(destination_ids))
    )
    return {row.id: row.name for row in session.execute(statement)}


def save_changed(
    session: Session, destination_id: str, values: Mapping[str, Any], *, revision: int
) -> None:
    """Write what was changed; raises DestinationChangedError."""
    statement = (
        update(DestinationRow)
        .where(
            DestinationRow.id == destination_id,
            DestinationRow.revision == revision,
            DestinationRow.removed_at.is_(None),
        )
        .values(**values, revision=revision + 1)
        .returning(DestinationRow.id)
    )
    if session.scalar(statement) is None:
        raise DestinationChangedError


def save_line(session: Session, destination_id: str, line: Line) -> None:
    """Write how it goes with the connection."""
    statement = (
        update(DestinationRow)
        .where(DestinationRow.id == destination_id)
        .values(
            tries=line.tries,
            rests_until=line.rests_until,
            failing_since=line.failing_since,
            failure=line.failure,
            sent_at=line.sent_at,
            tried_at=line.tried_at,
            tried=line.tried,
        )
    )
    session.execute(statement)


def as_destination(row: DestinationRow) -> Destination:
    """The row as a destination."""
    return Destination(
        id=row.id,
        institution_id=InstitutionId(row.institution_id),
        name=row.name,
        way=row.way,
        scope=row.scope,
        url=row.url,
        has_token=row.token is not None,
        authority=row.authority,
        host=row.host,
        port=row.port,
        called=row.called,
        calling=row.calling,
        over_tls=row.over_tls,
        certificate=row.certificate,
        is_on=row.is_on,
        added_at=row.added_at,
        revision=row.revision,
        line=Line(
            tries=row.tries,
            rests_until=row.rests_until,
            failing_since=row.failing_since,
            failure=row.failure,
            sent_at=row.sent_at,
            tried_at=row.tried_at,
            tried=row.tried,
        ),
    )
