"""All sessions at once: which of them still hold, which are forgotten, and the end of every one."""

from datetime import date, datetime

from consult.kernel.work import Entry, Work
from consult.people.organisations.model import local_day
from consult.people.practitioners.sign_in_rules import SessionRules
from consult.people.sessions import store, windows
from consult.people.sessions.model import StandingSession


def list_standing(
    work: Work, *, token_hashes: list[str], rules: SessionRules
) -> list[StandingSession]:
    """Which of these tokens find_signed_in would still know, so that what is under way may go on.

    Whether their screens are locked is the door's to judge, as it is for each request.
    """
    return [
        StandingSession(row.token_hash, place.code, seen_at=row.seen_at, locked_at=row.locked_at)
        for row, affiliation, place in store.list_open_of(
            work.session, token_hashes, now=work.now, idle=rules.idle
        )
        if holds_today(affiliation.from_on, affiliation.until_on, zone=place.zone, now=work.now)
    ]


def holds_today(from_on: date, until_on: date | None, *, zone: str, now: datetime) -> bool:
    """Whether the person works there today, by the calendar of the place."""
    today = local_day(now, zone=zone)
    return from_on <= today <= (until_on or today)


def end_every(work: Work) -> None:
    """The house was restored: whoever was signed in when it was copied signs in again."""
    for session_id in store.end_everybodys(work.session, at=work.now):
        windows.end_window_of(work, session_id=session_id, why="restored")
        codes = {"why": "restored"}
        work.journal(Entry("session.revoked", "session", session_id, codes=codes))


def sweep_sessions(work: Work) -> None:
    """End the signing windows that are over, and forget what no longer counts."""
    windows.end_past(work)
    store.delete_old(work.session, now=work.now)
