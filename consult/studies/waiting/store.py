"""The only SQL of studies that wait for a person to say whose they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.studies.index.tables import StudyIndexRow
from consult.studies.model import NOBODY_YET
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow
from consult.studies.waiting.tables import PutAsideRow

Waiting = tuple[StudyRow, StudyIndexRow | None, int, datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the studies that wait: from a place on, put aside, or naming somebody.

    `naming` is an accession number, and the ways in which the index may have a name.
    """

    offset: int = 0
    is_aside: bool = False
    naming: tuple[str, Collection[str]] | None = field(default=None, repr=False)


def list_waiting(
    session: Session, institution_id: str, *, limit: int, asked: Asked | None = None
) -> Sequence[Waiting]:
    """The studies of an institution that are nobody's and hold something, the newest first."""
    asked = asked or Asked()
    newest = func.max(InstanceRow.received_at)
    aside = exists().where(PutAsideRow.study_id == StudyRow.id)
    statement = (
        select(StudyRow, StudyIndexRow, func.count(InstanceRow.id), newest)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .outerjoin(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .where(
            StudyRow.institution_id == institution_id,
            StudyRow.patient_id == NOBODY_YET,
            aside if asked.is_aside else ~aside,
            *_naming(asked),
        )
        .group_by(StudyRow.id, StudyIndexRow.study_id)
        .order_by(newest.desc(), StudyRow.id)
        .offset(asked.offset)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(statement)]


def _naming(asked: Asked) -> list[ColumnElement[bool]]:
    """Whose header has the number, or one of the names as a whole word."""
    if asked.naming is None:
        return []
    accession, names = asked.naming
    keys = StudyIndexRow.name_keys
    return [
        or_(
            StudyIndexRow.accession == accession,
            *(keys.contains(f" {name} ", autoescape=True) for name in names),
        )
    ]


def save_aside(session: Session, study_id: str, *, at: datetime, by: str, reason: str) -> bool:
    """Put a study aside; False where it was already."""
    row = PutAsideRow(study_id=study_id, put_at=at, put_by=by, reason=reason)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def delete_aside(session: Session, study_id: str) -> bool:
    """Let it wait again; False where it was not aside."""
    statement = (
        delete(PutAsideRow)
        .where(PutAsideRow.study_id == study_id)
        .returning(PutAsideRow.study_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def find_aside(session: Session, study_ids: Collection[str]) -> dict[str, PutAsideRow]:
    """Which of these were put aside, and why."""
    found = session.scalars(select(PutAsideRow).where(PutAsideRow.study_id.in_(sorted(study_ids))))
    return {row.study_id: row for row in found}


def list_instance_ids(
    session: Session, institution_id: str, study_id: str, *, limit: int
) -> Sequence[str]:
    """The objects of a waiting study, as they came."""
    statement = (
        select(InstanceRow.id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_id)
        .join(StudyRow, StudyRow.id == SeriesRow.study_id)
        .where(
            StudyRow.id == study_id,
            StudyRow.institution_id == institution_id,
            StudyRow.patient_id == NOBODY_YET,
        )
        .order_by(InstanceRow.received_at, InstanceRow.id)
        .limit(limit)
    )
    return session.scalars(statement).all()
