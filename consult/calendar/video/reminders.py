"""Reminders of a session: jobs that wait for their time, each told once whatever happens to it."""

from datetime import timedelta
from typing import Final

from consult.calendar.video import ending, store
from consult.calendar.video.model import SessionAct, VideoRules, VideoSession
from consult.jobs import service as jobs
from consult.kernel.work import Work

REMIND: Final = "remind_session"


def queue_reminders(work: Work, session: VideoSession, rules: VideoRules) -> None:
    """Have both sides reminded of a session as it is now; one whose time has passed is left out."""
    for before in rules.remind:
        at = session.starts_at - before
        if at > work.now:
            minutes = int(before / timedelta(minutes=1))
            payload: dict[str, str | int | None] = {
                "session": session.id,
                "sequence": session.sequence,
                "minutes": minutes,
            }
            jobs.queue_job(work, REMIND, payload, at=at)


def remind(work: Work, *, session_id: str, sequence: int, minutes: int) -> bool:
    """Tell both sides that a session comes; False where it was moved, ended, or told before.

    What is told is written with the session in one unit: a job that is done again tells nothing.
    """
    session = store.find_session(work.session, session_id)
    if session is None or not session.is_booked or session.sequence != sequence:
        return False
    word = f"{sequence}:{minutes}"
    told = session.reminded.split()
    if word in told or session.ends_at <= work.now:
        return False
    # those of earlier times are past: the column stays short however often a session is moved
    kept = [each for each in told if each.startswith(f"{sequence}:")]
    values = {
        "reminded": " ".join([*kept, word]),
        "act": SessionAct.REMINDED,
        "acted_by": None,
    }
    if not store.save_change(work.session, session, values):
        return False
    ending.note(work, session, "video_session.reminded", minutes=minutes)
    return True
