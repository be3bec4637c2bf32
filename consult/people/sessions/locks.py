"""A session that is locked while nobody sits before it (U18)."""

from consult.kernel.work import Entry, Work
from consult.people.sessions import store, windows


def lock_session(work: Work) -> None:
    """Lock the actor's session; locking it twice is no second entry."""
    session_id = work.actor.session_id or ""
    windows.end_window(work, why="locked")
    if store.save_lock(work.session, session_id, at=work.now):
        work.journal(Entry("session.locked", "session", session_id))


def unlock_session(work: Work, *, by: str) -> None:
    """Open the actor's session again; the door has asked for the password or the code."""
    session_id = work.actor.session_id or ""
    windows.end_window(work, why="locked")  # a silent screen was locked without being told
    if store.save_unlock(work.session, session_id, now=work.now):
        work.journal(Entry("session.unlocked", "session", session_id, codes={"by": by}))
