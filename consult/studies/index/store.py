"""The only SQL that writes the index."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from consult.db.base import table_of
from consult.db.lists import batched, named, padded, parameters
from consult.db.prepared import Prepared
from consult.db.reading import known
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow
from imaging.places import Places, parse_places

_INSTANCE = table_of(InstanceIndexRow).c
_METADATA = select(_INSTANCE.instance_id, _INSTANCE.made_from, _INSTANCE.metadata_sealed)
_PLACES = Prepared(
    select(_INSTANCE.made_from, _INSTANCE.places).where(
        _INSTANCE.instance_id == bindparam("wanted_id")
    )
)

_STUDY, _SERIES = table_of(StudyIndexRow), table_of(SeriesIndexRow)
_WRITE = Prepared(insert(table_of(InstanceIndexRow)))
_STUDY_HASH = select(_STUDY.c.told_hash).where(_STUDY.c.study_id == bindparam("study_id"))
_SERIES_HASH = select(_SERIES.c.told_hash).where(_SERIES.c.series_id == bindparam("series_id"))


def save_new(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is known of new instances."""
    _WRITE.write(session, *rows)


def find_study_hash(session: Session, study_id: str) -> str | None:
    """The likeness of what is known of a study."""
    return session.scalar(_STUDY_HASH, {"study_id": study_id})


def find_series_hash(session: Session, series_id: str) -> str | None:
    """The likeness of what is known of a series."""
    return session.scalar(_SERIES_HASH, {"series_id": series_id})


def find_place(
    session: Session, instance_id: str
) -> tuple[InstanceRow, SeriesRow, StudyRow] | None:
    """The instance with its series and study."""
    statement = (
        select(InstanceRow, SeriesRow, StudyRow)
        .join(SeriesRow, InstanceRow.series_id == SeriesRow.id)
        .join(StudyRow, SeriesRow.study_id == StudyRow.id)
        .where(InstanceRow.id == instance_id)
    )
    found = session.execute(statement).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


def find_study(session: Session, study_id: str) -> StudyIndexRow | None:
    """What is known of a study."""
    return session.get(StudyIndexRow, study_id)


def find_series(session: Session, series_id: str) -> SeriesIndexRow | None:
    """What is known of a series."""
    return session.get(SeriesIndexRow, series_id)


def list_metadata(
    session: Session, instance_ids: Sequence[str]
) -> dict[str, tuple[str, bytes | None]]:
    """The kept metadata of these instances, and of which bytes they are."""
    told: dict[str, tuple[str, bytes | None]] = {}
    for some in batched(instance_ids):
        wanted = padded(some)
        rows = _metadata(len(wanted)).ask(session, named("id", wanted))
        told |= {row[0]: (row[1], row[2]) for row in rows}
    return told


@cache
def _metadata(how_many: int) -> Prepared:
    return Prepared(_METADATA.where(_INSTANCE.instance_id.in_(parameters("id", how_many))))


def find_places(session: Session, instance_id: str) -> tuple[str, Places] | None:
    """Of which bytes, and where in them the frames of an instance lie."""
    return known(session, ("places", instance_id), lambda: _find_places(session, instance_id))


def _find_places(session: Session, instance_id: str) -> tuple[str, Places] | None:
    for made_from, places in _PLACES.ask(session, {"wanted_id": instance_id}):
        return None if places is None else (made_from, parse_places(places))
    return None


def list_missing(session: Session, *, limit: int) -> list[str]:
    """Instances of which nothing is known yet."""
    statement = (
        select(InstanceRow.id)
        .outerjoin(InstanceIndexRow, InstanceIndexRow.instance_id == InstanceRow.id)
        .where(InstanceIndexRow.instance_id.is_(None))
        .order_by(InstanceRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def save(session: Session, row: StudyIndexRow | SeriesIndexRow | InstanceIndexRow) -> None:
    """Write what is known now in the place of what was."""
    session.merge(row)
    session.flush()
