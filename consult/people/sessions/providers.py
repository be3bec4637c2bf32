"""Sessions that an identity provider vouches for: proved again there, and ended from there."""

from datetime import timedelta

from consult.kernel.work import Entry, Work
from consult.people.sessions import provider_store as store
from consult.people.sessions import windows
from consult.people.sessions.errors import ProofMissingError, SignOutKnownError
from consult.people.sessions.model import WayIn


def note_proof(work: Work, *, way: WayIn) -> bool:
    """The provider has just asked the actor who she is; False where it knows her as another.

    Asking may have begun another sitting there: the session ends with that one from now on.
    """
    session_id = work.actor.session_id or ""
    if not store.save_proof(work.session, session_id, way=way, at=work.now):
        return False
    codes = {"by": "provider", "factors": 2 if way.is_by_two else 1}
    work.journal(Entry("session.proved", "session", session_id, codes=codes))
    return True


def is_proved_by_two(work: Work, *, lasts: timedelta) -> bool:
    """Whether the proof is one of two factors; raises ProofMissingError where there is none."""
    session_id = work.actor.session_id or ""
    found = store.find_proof(work.session, session_id, after=work.now - lasts)
    if found is None:
        raise ProofMissingError
    return found


def spend_proof(work: Work, *, lasts: timedelta) -> None:
    """Use the proof for one act; raises ProofMissingError where there is none, or an old one."""
    session_id = work.actor.session_id or ""
    if not store.spend_proof(work.session, session_id, after=work.now - lasts):
        raise ProofMissingError


def sign_out_from_provider(work: Work, *, token_hash: str, sub: str | None, sid: str | None) -> int:
    """End the sessions that the provider names, and say how many (Back-Channel Logout 1.0, 2.7).

    Raises SignOutKnownError for a token that was taken before.
    """
    if not store.save_sign_out(work.session, token_hash, at=work.now):
        raise SignOutKnownError
    ended = store.end_named(work.session, sub=sub, sid=sid, at=work.now)
    for session_id in ended:
        windows.end_window_of(work, session_id=session_id, why="provider")
        codes = {"why": "provider"}
        work.journal(Entry("session.ended", "session", session_id, codes=codes))
    return len(ended)
