"""The only SQL of questions about stored studies."""

from collections.abc import Sequence

from sqlalchemy import distinct, exists, func, select
from sqlalchemy.orm import Session

from consult.studies.finding.clauses import Keys, of_place, of_study
from consult.studies.finding.model import Question
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import ConflictRow, InstanceRow, SeriesRow, StudyRow

Counts = dict[str, tuple[int, int]]


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
        .where(SeriesRow.study_id == StudyRow.id, *of_place(question))
    )
    statement = (
        select(StudyRow, StudyIndexRow)
        .join(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .where(
            *of_study(question, keys),
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
        select(InstanceRow.id).where(InstanceRow.series_id == SeriesRow.id, *of_place(question))
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
        .where(SeriesRow.study_id.in_(study_ids), *of_place(question))
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
