"""How a session ends: cancelled, over, or lapsed as its expert is away or its case has ended."""

from dataclasses import dataclass

from consult.access.model import ObjectType
from consult.calendar.timetable import day_bounds
from consult.calendar.video import offer_store, store
from consult.calendar.video.errors import SessionChangedError
from consult.calendar.video.model import (
    NEXT_SESSION_STATUS,
    Lapse,
    SessionAct,
    SessionStatus,
    VideoSession,
    overlaps,
)
from consult.calendar.video.tables import SessionRow
from consult.cases import service as cases
from consult.cases.model import is_open
from consult.journal.rows import kept
from consult.kernel.errors import Fact
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Entry, Role, Work
from consult.people.duty import leaves
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ends, and what is said of it."""

    status: SessionStatus
    act: SessionAct
    reason: str = ""
    why: Lapse | None = None


def end_session(work: Work, before: VideoSession, ending: Ending) -> None:
    """End a session that is as it was read; both people have their time again.

    Raises SessionChangedError where it is not, or has ended.
    """
    if ending.status not in NEXT_SESSION_STATUS[before.status]:
        raise SessionChangedError
    values = {
        "status": ending.status,
        "live_case_id": None,
        "act": ending.act,
        "acted_by": work.actor.practitioner_id,
        "reason": ending.reason,
        "sequence": before.sequence + 1,
        "changed_at": work.now,
    }
    if not store.save_change(work.session, before, values):
        raise SessionChangedError
    store.drop_ticks(work.session, before.id)
    note(work, before, f"video_session.{ending.act}", reason=ending.reason, why=ending.why)


def lapse_of_expert(work: Work, expert_id: str, *, why: Lapse, reason: str) -> int:
    """Lapse the sessions of an expert that are not offered any more; how many."""
    ahead = store.list_ahead(work.session, expert_id=expert_id, now=work.now, limit=MOST_AT_ONCE)
    gone = [session for session in ahead if not is_offered(work, session)]
    for session in gone:
        end_session(work, session, Ending(SessionStatus.LAPSED, SessionAct.LAPSED, reason, why))
    return len(gone)


def sweep_sessions(work: Work, *, after: str = "") -> str:
    """End what is over, lapse what cannot take place (a clock's step); where the walk goes on."""
    found = store.list_booked(work.session, after=after, limit=MOST_AT_ONCE)
    for session in found:
        if session.ends_at <= work.now:
            close(work, session)
        elif (why := _why_not(work, session)) is not None:
            end_session(work, session, Ending(SessionStatus.LAPSED, SessionAct.LAPSED, why=why))
    return found[-1].id if len(found) == MOST_AT_ONCE else ""


def close(work: Work, session: VideoSession) -> None:
    """Its time is over: the case can have another one."""
    values = {"status": SessionStatus.OVER, "live_case_id": None}
    if store.save_change(work.session, session, values):
        store.drop_ticks(work.session, session.id)
        note(work, session, "video_session.over")


def is_offered(work: Work, session: VideoSession) -> bool:
    """Whether the expert's window still stands, and she is not on leave then."""
    if offer_store.find_window(work.session, session.window_id) is None:
        return False
    place = organisations.get_institution(work, session.invited_institution_id)
    day = place.local_day(session.starts_at)
    known = leaves.list_leaves(work, [session.expert_id], on=day)
    away = [
        day_bounds(each.day_from, days=(each.day_until - each.day_from).days + 1, zone=place.zone)
        for each in known
    ]
    return not overlaps(away, session.starts_at, session.ends_at)


def note(
    work: Work,
    session: VideoSession,
    kind: str,
    *,
    reason: str = "",
    **codes: Fact,
) -> None:
    """A line on the case, heard by both sides."""
    work.journal(
        Entry(
            kind,
            ObjectType.CASE,
            session.case_id,
            codes={
                "session": session.id,
                "expert": session.expert_id,
                "doctor": session.doctor_id,
                "starts_at": session.starts_at.isoformat(),
                **codes,
                **kept(work, SessionRow, session.id),
            },
            reason=reason or None,
            case_id=session.case_id,
        )
    )


def _why_not(work: Work, session: VideoSession) -> Lapse | None:
    case = cases.get_case(work, session.case_id)
    if not is_open(case.status):
        return Lapse.CASE
    panel = None if case.panel_id is None else organisations.panel_in_use(work, case.panel_id)
    experts = frozenset[PractitionerId]() if panel is None else panel.member_ids
    if session.expert_id not in experts:
        return Lapse.EXPERT
    if not _works(work, session.doctor_id, session.institution_id, Role.REQUESTING_PHYSICIAN):
        return Lapse.DOCTOR
    if not _works(work, session.expert_id, session.invited_institution_id, Role.EXPERT):
        return Lapse.EXPERT
    return None if is_offered(work, session) else Lapse.LEAVE


def _works(work: Work, person_id: str, institution_id: str, role: Role) -> bool:
    return affiliations.holds_role(
        work, practitioner_id=person_id, institution_id=institution_id, role=role
    )
