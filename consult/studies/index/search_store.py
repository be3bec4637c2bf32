"""The only SQL that reads the index: each question is one statement, and one that counts."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, from where, and how many; a narrow question finds few by a number.

    Few rows are sorted afterwards, so that no planner walks all studies of an institution by date
    to spare itself the sorting.
    """

    clauses: Sequence[ColumnElement[bool]]
    offset: int
    limit: int
    is_narrow: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One row; what belongs to a lower level than was asked for is None."""

    study_id: str
    study_uid: str
    study_told: bytes = field(repr=False)
    series_id: str | None = None
    series_uid: str | None = None
    modality: str | None = None
    series_told: bytes | None = field(default=None, repr=False)
    sop_uid: str | None = None
    instance_told: bytes | None = field(default=None, repr=False)


class Counted:
    """Series and instances of the studies that were found."""

    def __init__(self, rows: Sequence[tuple[str, str, str, int]]) -> None:
        self._studies: dict[str, list[tuple[str, int]]] = {}
        self._series: dict[str, int] = {}
        for study_id, series_id, modality, found in rows:
            self._studies.setdefault(study_id, []).append((modality, found))
            self._series[series_id] = found

    def modalities(self, study_id: str) -> set[str]:
        """Which kinds of series a study has."""
        return {modality for modality, _ in self._studies.get(study_id, []) if modality}

    def series(self, study_id: str) -> int:
        """How many series a study has."""
        return len(self._studies.get(study_id, []))

    def instances(self, study_id: str) -> int:
        """How many instances a study has."""
        return sum(found for _, found in self._studies.get(study_id, []))

    def in_series(self, series_id: str) -> int:
        """How many instances a series has."""
        return self._series.get(series_id, 0)


def find_studies(session: Session, wanted: Wanted) -> list[Hit]:
    """Studies of which an object is shown, the newest first."""
    shown = exists(
        select(InstanceRow.id)
        .join(SeriesRow, InstanceRow.series_id == SeriesRow.id)
        .where(SeriesRow.study_id == StudyRow.id, InstanceRow.withdrawn_at.is_(None))
    )
    statement = (
        select(StudyRow.id, StudyRow.study_instance_uid, StudyIndexRow.told_sealed)
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .where(shown, *wanted.clauses)
    )
    return [Hit(*row) for row in session.execute(_paged(statement, wanted))]


def find_series(session: Session, wanted: Wanted) -> list[Hit]:
    """Series of which an object is shown."""
    shown = exists().where(
        InstanceRow.series_id == SeriesRow.id, InstanceRow.withdrawn_at.is_(None)
    )
    statement = (
        select(
            StudyRow.id,
            StudyRow.study_instance_uid,
            StudyIndexRow.told_sealed,
            SeriesRow.id,
            SeriesRow.series_instance_uid,
            SeriesRow.modality,
            SeriesIndexRow.told_sealed,
        )
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(SeriesIndexRow, SeriesIndexRow.series_id == SeriesRow.id)
        .where(shown, *wanted.clauses)
    )
    ordered = _paged(statement, wanted, SeriesIndexRow.number, SeriesRow.id)
    return [Hit(*row) for row in session.execute(ordered)]


def find_instances(session: Session, wanted: Wanted) -> list[Hit]:
    """Objects that are shown."""
    statement = (
        select(
            StudyRow.id,
            StudyRow.study_instance_uid,
            StudyIndexRow.told_sealed,
            SeriesRow.id,
            SeriesRow.series_instance_uid,
            SeriesRow.modality,
            SeriesIndexRow.told_sealed,
            InstanceRow.sop_instance_uid,
            InstanceIndexRow.told_sealed,
        )
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(SeriesIndexRow, SeriesIndexRow.series_id == SeriesRow.id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .join(InstanceIndexRow, InstanceIndexRow.instance_id == InstanceRow.id)
        .where(InstanceRow.withdrawn_at.is_(None), *wanted.clauses)
    )
    order = (SeriesIndexRow.number, SeriesRow.id, InstanceIndexRow.number, InstanceRow.id)
    return [Hit(*row) for row in session.execute(_paged(statement, wanted, *order))]


def list_told(session: Session, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    """Every series that fits, with what it tells, as they are read."""
    statement = (
        select(SeriesRow.id, SeriesIndexRow.told_sealed)
        .select_from(StudyRow)
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(SeriesIndexRow, SeriesIndexRow.series_id == SeriesRow.id)
        .where(*wanted.clauses)
    )
    rows = session.execute(_paged(statement, wanted), execution_options={"yield_per": _AT_ONCE})
    for row in rows:
        yield row[0], row[1]


def count(session: Session, study_ids: Collection[str]) -> Counted:
    """The series of these studies, with how many objects each shows."""
    if not study_ids:
        return Counted([])
    statement = (
        select(SeriesRow.study_id, SeriesRow.id, SeriesRow.modality, func.count())
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .where(SeriesRow.study_id.in_(sorted(study_ids)), InstanceRow.withdrawn_at.is_(None))
        .group_by(SeriesRow.study_id, SeriesRow.id, SeriesRow.modality)
    )
    return Counted([(row[0], row[1], row[2], row[3]) for row in session.execute(statement)])


def _paged(statement: Any, wanted: Wanted, *within: Any) -> Any:
    date: ColumnElement[str] = StudyIndexRow.study_date.expression
    if wanted.is_narrow:
        date = func.coalesce(date, "")
    order = (date.desc(), StudyIndexRow.study_id.desc(), *within)
    return statement.order_by(*order).offset(wanted.offset).limit(wanted.limit)
