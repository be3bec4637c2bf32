"""The only SQL of questions about stored studies."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, distinct, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from consult.studies.finding.model import (
    Question,
    date_range,
    is_wild,
    like_pattern,
    time_range,
)
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import ConflictRow, InstanceRow, SeriesRow, StudyRow

Counts = dict[str, tuple[int, int]]
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose studies are asked for, which of them are seen, and the person as the index holds it."""

    institution_id: str
    seen: ColumnElement[bool]
    number_hash: str
    person: str


def list_studies(
    session: Session,
    question: Question,
    keys: Keys,
    *,
    limit: int,
) -> Sequence[tuple[StudyRow, StudyIndexRow]]:
    """The institution's studies that are seen, match and hold something, the newest first.

    Whoever asks refuses more than a limit, so the order is not asked of SQL: an index of it would
    be taken in place of the one that names the patient.
    """
    holds = exists(
        select(InstanceRow.id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_id)
        .where(SeriesRow.study_id == StudyRow.id, *_of_place(question))
    )
    statement = (
        select(StudyRow, StudyIndexRow)
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .where(
            *_of_study(question, keys),
            keys.seen,
            holds,
        )
        .limit(limit)
    )
    found = [(row[0], row[1]) for row in session.execute(statement)]
    return sorted(found, key=lambda each: (each[1].study_date, each[0].id), reverse=True)


def list_series(
    session: Session, study_ids: Sequence[str], question: Question, *, limit: int
) -> Sequence[tuple[SeriesRow, SeriesIndexRow | None]]:
    """The series of these studies that match."""
    holds = exists(
        select(InstanceRow.id).where(InstanceRow.series_id == SeriesRow.id, *_of_place(question))
    )
    statement = (
        select(SeriesRow, SeriesIndexRow)
        .outerjoin(SeriesIndexRow, SeriesIndexRow.series_id == SeriesRow.id)
        .where(SeriesRow.study_id.in_(study_ids), holds)
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


def _of_place(question: Question) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [InstanceRow.withdrawn_at.is_(None)]
    if question.series_uids:
        clauses.append(SeriesRow.series_instance_uid.in_(question.series_uids))
    if question.instance_uids:
        clauses.append(InstanceRow.sop_instance_uid.in_(question.instance_uids))
    if question.modalities:
        clauses.append(or_(*(_is_like(SeriesRow.modality, each) for each in question.modalities)))
    if question.series_number is not None:
        clauses.append(
            exists()
            .where(
                SeriesIndexRow.series_id == SeriesRow.id,
                SeriesIndexRow.number == question.series_number,
            )
            .correlate(SeriesRow)
        )
    if question.instance_number is not None:
        clauses.append(
            exists()
            .where(
                InstanceIndexRow.instance_id == InstanceRow.id,
                InstanceIndexRow.number == question.instance_number,
            )
            .correlate(InstanceRow)
        )
    return clauses


def _is_like(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return column.like(like_pattern(text), escape=_ESCAPE) if is_wild(text) else column == text


def _of_study(question: Question, keys: Keys) -> list[ColumnElement[bool]]:
    clauses = _of_person(question, keys)
    if question.study_uids:
        clauses.append(StudyRow.institution_id == keys.institution_id)
        clauses.append(StudyRow.study_instance_uid.in_(question.study_uids))
    if question.instance_uids:
        clauses.append(StudyIndexRow.study_id.in_(_holding(question, keys)))
    else:
        clauses.append(StudyIndexRow.institution_id == keys.institution_id)
    if question.accession:
        clauses.append(_is_like(StudyIndexRow.accession, question.accession))
    if question.study_number:
        clauses.append(_is_like(StudyIndexRow.study_number, question.study_number))
    return clauses + _of_moment(question)


def _of_moment(question: Question) -> list[ColumnElement[bool]]:
    """Date and time each by itself, or as one moment where both are ranges and that was agreed.

    A time that is not told is the beginning of its day.
    """
    day, time = StudyIndexRow.study_date, StudyIndexRow.study_time
    days, times = date_range(question.study_date), time_range(question.study_time)
    clauses: list[ColumnElement[bool]] = []
    if question.study_date and days is not None:
        clauses.append(day.between(*days))
    if not question.study_time or times is None:
        return clauses
    if not (question.is_combined and "-" in question.study_date and "-" in question.study_time):
        return [*clauses, time.between(*times)]
    if days is not None:
        clauses.append(or_(day > days[0], time >= times[0]))
        clauses.append(or_(day < days[1], time <= times[1]))
    return clauses


def _holding(question: Question, keys: Keys) -> Select[str]:
    """The studies of these objects, found by the objects' own index."""
    return (
        select(SeriesRow.study_id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .where(
            InstanceRow.institution_id == keys.institution_id,
            InstanceRow.sop_instance_uid.in_(question.instance_uids),
        )
    )


def _of_person(question: Question, keys: Keys) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if is_wild(question.patient_number):
        clauses.append(_is_like(StudyIndexRow.patient_number, question.patient_number))
    elif question.patient_number:
        clauses.append(StudyIndexRow.patient_hash == keys.number_hash)
    if keys.person:
        clauses.append(
            StudyIndexRow.person.like(f"%={like_pattern(keys.person)}=%", escape=_ESCAPE)
        )
    return clauses
