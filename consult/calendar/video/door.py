"""When a booked session leads into its room."""

from datetime import datetime, timedelta
from typing import Final

from consult.calendar.video import service
from consult.calendar.video.model import VideoSession
from consult.cases.model import Case
from consult.kernel.work import Work

DOOR_OPENS: Final = timedelta(minutes=15)
"""So long before a session its room is there."""


def is_door_open(session: VideoSession, *, now: datetime) -> bool:
    """Whether one goes into the room of this session now: from a quarter of an hour before."""
    return session.is_booked and session.starts_at - DOOR_OPENS <= now < session.ends_at


def find_open_door(work: Work, case: Case) -> VideoSession | None:
    """The session of a case whose room one goes into now."""
    session = service.find_live(work, case)
    return session if session is not None and is_door_open(session, now=work.now) else None
