"""The only SQL of what lies under the address of a study or series."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.studies.tables import InstanceRow, SeriesRow, StudyRow


def list_ids(
    session: Session,
    *,
    seen: ColumnElement[bool],
    institution_id: str,
    study_uid: str,
    series_uid: str | None,
    limit: int,
) -> list[str]:
    """The ids of what is shown of a study, or of one of its series, in a steady order."""
    statement = (
        select(InstanceRow.id)
        .join(SeriesRow, InstanceRow.series_id == SeriesRow.id)
        .join(StudyRow, SeriesRow.study_id == StudyRow.id)
        .where(
            StudyRow.institution_id == institution_id,
            StudyRow.study_instance_uid == study_uid,
            InstanceRow.withdrawn_at.is_(None),
            seen,
        )
        .order_by(SeriesRow.id, InstanceRow.id)
        .limit(limit)
    )
    if series_uid is not None:
        statement = statement.where(SeriesRow.series_instance_uid == series_uid)
    return list(session.scalars(statement))
