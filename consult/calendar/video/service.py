"""Sessions of video consultations: booking, moving, cancelling, and who has which."""

from datetime import datetime, timedelta
from typing import Any

from consult.calendar.video import ending, store
from consult.calendar.video.ending import Ending
from consult.calendar.video.errors import (
    CaseHasSessionError,
    CaseWithoutSessionsError,
    SessionChangedError,
    SessionTakenError,
    TooManyError,
)
from consult.calendar.video.free import find_offer
from consult.calendar.video.model import (
    Offer,
    SessionAct,
    SessionStatus,
    VideoRules,
    VideoSession,
    Wish,
    ticks_of,
)
from consult.calendar.video.reminders import queue_reminders
from consult.calendar.video.tables import SessionRow
from consult.cases import service as cases
from consult.cases.model import Case, is_open
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations

LONGEST_LIST = 200
_OF_CASE = 20


def can_have(case: Case) -> bool:
    """Whether a session may be booked for a case."""
    return case.submitted_at is not None and case.panel_id is not None and is_open(case.status)


def book_session(work: Work, *, case_id: str, wish: Wish, rules: VideoRules) -> VideoSession:
    """Book a free session for a case of the acting institution.

    Raises CaseWithoutSessionsError, CaseHasSessionError, SessionTakenError, TooManyError.
    """
    case = _require_own(work, case_id)
    before = find_live(work, case)
    if before is not None and before.ends_at <= work.now:
        ending.close(work, before)
    ahead = store.count_ahead(work.session, doctor_id=work.actor.person, now=work.now)
    if ahead >= rules.most_booked:
        raise TooManyError(rules.most_booked)
    offer = find_offer(work, case, wish, doctor_id=work.actor.person, rules=rules)
    row = _row(work, case, offer)
    if not store.save_session(work.session, row):
        raise CaseHasSessionError(case.id)
    session = _get(work, row.id)
    _take_times(work, session)
    ending.note(work, session, "video_session.booked")
    queue_reminders(work, session, rules)
    return session


def move_session(
    work: Work,
    *,
    case_id: str,
    session_id: str,
    sequence: int,
    wish: Wish,
    rules: VideoRules,
) -> VideoSession:
    """Give a session another time, by either side.

    Raises SessionTakenError, SessionChangedError, CaseWithoutSessionsError.
    """
    case, before = _require_side(work, case_id, session_id, sequence)
    if not can_have(case):
        raise CaseWithoutSessionsError(case.id)
    offer = find_offer(work, case, wish, doctor_id=before.doctor_id, rules=rules, moving=before)
    values: dict[str, Any] = {
        "expert_id": offer.expert_id,
        "window_id": offer.window_id,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "act": SessionAct.MOVED,
        "acted_by": work.actor.person,
        "reason": wish.reason,
        "sequence": before.sequence + 1,
        "changed_at": work.now,
    }
    if not store.save_change(work.session, before, values):
        raise SessionChangedError
    session = _get(work, session_id)
    _take_times(work, session)
    was = before.starts_at.isoformat()
    ending.note(work, session, "video_session.moved", reason=wish.reason, was=was)
    queue_reminders(work, session, rules)
    return session


def cancel_session(
    work: Work, *, case_id: str, session_id: str, sequence: int, reason: str
) -> VideoSession:
    """End a session before it takes place, by either side, with a reason.

    Raises SessionChangedError.
    """
    _case, before = _require_side(work, case_id, session_id, sequence)
    if not reason.strip():
        raise RefusedError("field-missing", field="reason")
    ending.end_session(
        work, before, Ending(SessionStatus.CANCELLED, SessionAct.CANCELLED, reason=reason)
    )
    return _get(work, session_id)


def list_of_case(work: Work, case: Case) -> list[VideoSession]:
    """The newest sessions of a case, for whoever was shown the case."""
    return store.list_of_case(work.session, case.id, limit=_OF_CASE)


def find_live(work: Work, case: Case) -> VideoSession | None:
    """The session that a case has ahead of it, or that takes place."""
    return next((each for each in list_of_case(work, case) if each.is_booked), None)


def get_case_of_side(work: Work, case_id: str) -> Case:
    """The case, for whoever stands on one of its sides; raises NotFoundError."""
    case = cases.get_case(work, case_id)
    if not is_of_a_side(work, case):
        raise NotFoundError
    return case


def is_of_a_side(work: Work, case: Case) -> bool:
    """Whether the actor stands on one of the two sides of a case."""
    return work.actor.institution_id in {case.institution_id, case.invited_institution_id}


def list_schedule(work: Work, *, since: datetime, until: datetime) -> list[VideoSession]:
    """The actor's sessions of this time; a coordinator's are those of the experts she serves."""
    place = work.actor.institution if Role.COORDINATOR in work.actor.roles else None
    return store.list_between(
        work.session,
        people=[work.actor.person],
        at_institution=place,
        since=since,
        until=until,
        limit=LONGEST_LIST,
    )


def list_feed(work: Work, person_id: str, *, around: timedelta) -> list[VideoSession]:
    """A person's sessions of this time before and after now, ended ones too, for her calendar."""
    return store.list_between(
        work.session,
        people=[person_id],
        at_institution=None,
        since=work.now - around,
        until=work.now + around,
        limit=LONGEST_LIST,
    )


def busy_now(work: Work, case: Case, *, within: timedelta) -> dict[str, datetime]:
    """Which experts of the case's panel have a session now or soon, and until when: a warning only.

    A call at once goes through all the same; the case's own session is no reason to warn.
    """
    if case.panel_id is None:
        return {}
    experts = organisations.panel_in_use(work, case.panel_id).member_ids
    live = find_live(work, case)
    busy = store.busy_times(
        work.session,
        people=experts,
        since=work.now,
        until=work.now + within,
        without=None if live is None else live.id,
    )
    return {person: max(ends_at for _starts_at, ends_at in spans) for person, spans in busy.items()}


def _take_times(work: Work, session: VideoSession) -> None:
    people: set[PractitionerId] = {session.expert_id, session.doctor_id}
    ticks = ticks_of(session.starts_at, session.ends_at)
    if not store.save_ticks(work.session, session.id, people=people, ticks=ticks):
        raise SessionTakenError


def _require_own(work: Work, case_id: str) -> Case:
    case = cases.get_own_case(work, case_id)
    if not can_have(case):
        raise CaseWithoutSessionsError(case.id)
    return case


def _require_side(
    work: Work, case_id: str, session_id: str, sequence: int
) -> tuple[Case, VideoSession]:
    case = get_case_of_side(work, case_id)
    before = store.find_session(work.session, session_id)
    if before is None or before.case_id != case.id or before.sequence != sequence:
        raise SessionChangedError
    if not before.is_booked or before.starts_at <= work.now:
        raise SessionChangedError
    return case, before


def _get(work: Work, session_id: str) -> VideoSession:
    session = store.find_session(work.session, session_id)
    if session is None:
        raise NotFoundError
    return session


def _row(work: Work, case: Case, offer: Offer) -> SessionRow:
    return SessionRow(
        id=new_id(),
        case_id=case.id,
        live_case_id=case.id,
        case_number=case.number,
        expert_id=offer.expert_id,
        doctor_id=work.actor.person,
        institution_id=case.institution_id,
        invited_institution_id=case.invited_institution_id,
        window_id=offer.window_id,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        status=SessionStatus.BOOKED,
        sequence=0,
        reason="",
        act=SessionAct.BOOKED,
        acted_by=work.actor.person,
        booked_at=work.now,
        changed_at=work.now,
        reminded="",
        revision=1,
    )
