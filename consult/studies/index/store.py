"""The only SQL that writes the index."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow


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


def find_instance(session: Session, instance_id: str) -> InstanceIndexRow | None:
    """What is known of an instance."""
    return session.get(InstanceIndexRow, instance_id)


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
