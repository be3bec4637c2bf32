"""The only SQL of studies that wait for a person to say whose they are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.studies.index.tables import StudyIndexRow
from consult.studies.model import NOBODY_YET
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

Waiting = tuple[StudyRow, StudyIndexRow | None, int, datetime]


def list_waiting(session: Session, institution_id: str, *, limit: int) -> Sequence[Waiting]:
    """The studies of an institution that are nobody's and hold something, the newest first."""
    newest = func.max(InstanceRow.received_at)
    statement = (
        select(StudyRow, StudyIndexRow, func.count(InstanceRow.id), newest)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .outerjoin(StudyIndexRow, StudyIndexRow.study_id == StudyRow.id)
        .where(StudyRow.institution_id == institution_id, StudyRow.patient_id == NOBODY_YET)
        .group_by(StudyRow.id, StudyIndexRow.study_id)
        .order_by(newest.desc(), StudyRow.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(statement)]


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
