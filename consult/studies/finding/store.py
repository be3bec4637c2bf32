"""The only SQL of questions about stored studies."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, distinct, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from consult.studies.finding.model import Question, date_range, is_wild, like_pattern
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import ConflictRow, InstanceRow, SeriesRow, StudyRow

Counts = dict[str, tuple[int, int]]
_ESCAPE = "\\"


def list_studies(
    session: Session,
    visible: Select[str],
    question: Question,
    *,
    number_hash: str,
    person: str,
    limit: int,
) -> Sequence[tuple[StudyRow, StudyIndexRow]]:
    """The visible studies that match and hold something, the newest first."""
    statement = (
        select(StudyRow, StudyIndexRow)
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .where(
            StudyRow.id.in_(visible),
            StudyRow.id.in_(_places(StudyRow.id, question)),
            *_of_study(question, number_hash=number_hash, person=person),
        )
        .order_by(StudyIndexRow.study_date.desc(), StudyRow.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def list_series(
    session: Session, study_ids: Sequence[str], question: Question, *, limit: int
) -> Sequence[tuple[SeriesRow, SeriesIndexRow | None]]:
    """The series of these studies that match."""
    statement = (
        select(SeriesRow, SeriesIndexRow)
        .outerjoin(SeriesIndexRow, SeriesIndexRow.series_id == SeriesRow.id)
        .where(SeriesRow.study_id.in_(study_ids), SeriesRow.id.in_(_places(SeriesRow.id, question)))
        .order_by(SeriesRow.study_id, SeriesRow.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def list_instances(
    session: Session, study_ids: Sequence[str], question: Question, *, limit: int
) -> Sequence[tuple[InstanceRow, SeriesRow, InstanceIndexRow | None]]:
    """The objects of these studies that match."""
    statement = (
        select(InstanceRow, SeriesRow, InstanceIndexRow)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_id)
        .outerjoin(InstanceIndexRow, InstanceIndexRow.instance_id == InstanceRow.id)
        .where(SeriesRow.study_id.in_(study_ids), *_of_place(question))
        .order_by(SeriesRow.study_id, SeriesRow.id, InstanceRow.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def count_studies(session: Session, study_ids: Sequence[str]) -> Counts:
    """How many series and objects each study holds."""
    statement = (
        select(SeriesRow.study_id, func.count(distinct(SeriesRow.id)), func.count(InstanceRow.id))
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .where(SeriesRow.study_id.in_(study_ids), InstanceRow.withdrawn_at.is_(None))
        .group_by(SeriesRow.study_id)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(statement)}


def count_series(session: Session, series_ids: Sequence[str]) -> dict[str, int]:
    """How many objects each series holds."""
    statement = (
        select(InstanceRow.series_id, func.count(InstanceRow.id))
        .where(InstanceRow.series_id.in_(series_ids), InstanceRow.withdrawn_at.is_(None))
        .group_by(InstanceRow.series_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def list_modalities(session: Session, study_ids: Sequence[str]) -> dict[str, list[str]]:
    """Which modalities each study holds."""
    statement = (
        select(SeriesRow.study_id, SeriesRow.modality)
        .where(SeriesRow.study_id.in_(study_ids), SeriesRow.modality != "")
        .distinct()
        .order_by(SeriesRow.study_id, SeriesRow.modality)
    )
    found: dict[str, list[str]] = {}
    for study_id, modality in session.execute(statement):
        found.setdefault(study_id, []).append(modality)
    return found


def list_stored(
    session: Session, *, institution_id: str, uids: Sequence[str]
) -> set[tuple[str, str]]:
    """Which of these objects the institution holds: class and instance.

    A UID under which other bytes came too is left out, settled or not: whoever asks may have sent
    the bytes that were not kept.
    """
    contested = exists().where(ConflictRow.instance_id == InstanceRow.id)
    statement = select(InstanceRow.sop_class_uid, InstanceRow.sop_instance_uid).where(
        InstanceRow.institution_id == institution_id,
        InstanceRow.sop_instance_uid.in_(uids),
        ~contested,
    )
    return {(row[0], row[1]) for row in session.execute(statement)}


def _places(column: InstrumentedAttribute[str], question: Question) -> Select[str]:
    """Of the studies or series those that hold an object that may be shown and matches."""
    return (
        select(column)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .select_from(StudyRow)
        .where(*_of_place(question))
    )


def _of_place(question: Question) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [InstanceRow.withdrawn_at.is_(None)]
    if question.series_uids:
        clauses.append(SeriesRow.series_instance_uid.in_(question.series_uids))
    if question.instance_uids:
        clauses.append(InstanceRow.sop_instance_uid.in_(question.instance_uids))
    if question.modalities:
        clauses.append(SeriesRow.modality.in_(question.modalities))
    return clauses


def _of_study(question: Question, *, number_hash: str, person: str) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if question.study_uids:
        clauses.append(StudyRow.study_instance_uid.in_(question.study_uids))
    if is_wild(question.patient_number):
        pattern = like_pattern(question.patient_number)
        clauses.append(StudyIndexRow.patient_number.like(pattern, escape=_ESCAPE))
    elif question.patient_number:
        clauses.append(StudyIndexRow.patient_hash == number_hash)
    if person:
        pattern = f"%={like_pattern(person)}=%"
        clauses.append(StudyIndexRow.person.like(pattern, escape=_ESCAPE))
    if question.accession:
        pattern = like_pattern(question.accession)
        clauses.append(StudyIndexRow.accession.like(pattern, escape=_ESCAPE))
    days = date_range(question.study_date) if question.study_date else None
    if days is not None:
        clauses.append(StudyIndexRow.study_date.between(*days))
    return clauses
