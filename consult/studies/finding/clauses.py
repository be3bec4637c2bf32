"""What a question asks of rows, as conditions of SQL."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from consult.studies.finding.model import (
    Question,
    date_range,
    is_wild,
    like_pattern,
    time_range,
)
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose studies are asked for, which of them are seen, and names as the index holds them."""

    institution_id: str
    seen: ColumnElement[bool]
    number_hash: str
    person: str = field(default="", repr=False)
    referring: str = field(default="", repr=False)
    description: str = ""


def of_place(question: Question) -> list[ColumnElement[bool]]:
    """What is asked of series and objects."""
    clauses: list[ColumnElement[bool]] = [InstanceRow.withdrawn_at.is_(None)]
    if question.series_uids:
        clauses.append(SeriesRow.series_instance_uid.in_(question.series_uids))
    if question.instance_uids:
        clauses.append(InstanceRow.sop_instance_uid.in_(question.instance_uids))
    if question.class_uids:
        clauses.append(InstanceRow.sop_class_uid.in_(question.class_uids))
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


def of_study(question: Question, keys: Keys) -> list[ColumnElement[bool]]:
    """What is asked of studies and of whose they are."""
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
    if keys.description:
        clauses.append(_is_like(StudyIndexRow.description, keys.description))
    if keys.referring:
        clauses.append(_is_named(StudyIndexRow.referring, keys.referring))
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
        clauses.append(_is_named(StudyIndexRow.person, keys.person))
    days = date_range(question.birth_date)
    if question.birth_date and days is not None:
        clauses.append(StudyIndexRow.birth_date.between(*days))
    if question.sex:
        clauses.append(_is_like(StudyIndexRow.sex, question.sex))
    return clauses


def _is_named(column: InstrumentedAttribute[str], name: str) -> ColumnElement[bool]:
    """Whether a name is written so in one of its component groups."""
    return column.like(f"%={like_pattern(name)}=%", escape=_ESCAPE)
