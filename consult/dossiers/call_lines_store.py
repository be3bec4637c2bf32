"""The only SQL of what browsers measured in calls, over cases and rooms at once."""

from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from consult.cases.tables import CaseRow
from consult.dossiers.statistics_store import Cohort
from consult.rooms.tables import RoomRow, SampleRow, StayRow

MOST_SAMPLES: Final = 200_000
"""The newest ones count, where there are more."""


def list_samples(session: Session, cohort: Cohort) -> list[Any]:
    """Each measurement with the site for which its person was in the room."""
    stays = select(StayRow.room_id, StayRow.person_id, StayRow.institution_id).distinct().subquery()
    is_hers = and_(stays.c.room_id == SampleRow.room_id, stays.c.person_id == SampleRow.person_id)
    statement = (
        select(
            stays.c.institution_id,
            SampleRow.taken_at,
            SampleRow.lost_per_mille,
            SampleRow.round_trip_ms,
            SampleRow.height,
        )
        .join(RoomRow, RoomRow.id == SampleRow.room_id)
        .join(stays, is_hers)
        .where(RoomRow.case_id.in_(cohort.over(CaseRow.id)))
    )
    newest = statement.order_by(SampleRow.id.desc(), stays.c.institution_id)
    return list(session.execute(newest.limit(MOST_SAMPLES)))
