"""Links for a booked session, made beforehand by its two people (U30, VID-09).

Such a link opens in the session's own time, once its room is there; it ends when the session is
moved or cancelled. Whoever presses the button then holds a link into the room as any other.
"""

from consult.access.model import ObjectType
from consult.calendar.video import service as sessions
from consult.calendar.video.door import DOOR_OPENS, is_door_open
from consult.calendar.video.errors import SessionChangedError
from consult.calendar.video.model import VideoSession
from consult.cases import service as cases
from consult.cases.model import Case, is_open
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import InstitutionId, PractitionerId, new_id
from consult.kernel.work import Entry, Work
from consult.rooms import store as rooms_store
from consult.rooms.errors import RoomCrowdedError
from consult.rooms.links import ahead_store, store
from consult.rooms.links.ahead_table import AheadLinkRow
from consult.rooms.links.errors import GuestUnknownError, LinkGoneError, NotInviterError
from consult.rooms.links.model import MOST_LINKS, Invitation, Link, LinkFor, LinkState
from consult.rooms.links.tables import LinkRow


def make_link(
    work: Work, *, case_id: str, session_id: str, for_whom: LinkFor, token_hash: str
) -> Link:
    """A link for the session; raises SessionChangedError, NotInviterError, RoomCrowdedError."""
    case, session = _require_own(work, case_id, session_id)
    if len(ahead_store.list_of(work.session, session.id)) >= ahead_store.MOST_AHEAD:
        raise RoomCrowdedError(case.id)
    row = AheadLinkRow(
        id=new_id(),
        session_id=session.id,
        sequence=session.sequence,
        case_id=case.id,
        for_whom=for_whom,
        institution_id=work.actor.institution,
        made_by=work.actor.person,
        made_at=work.now,
        expires_at=session.ends_at,
        token_hash=token_hash,
        used_at=None,
        revoked_at=None,
    )
    ahead_store.save_link(work.session, row)
    _tell(work, case, "made", row.id, session, for_whom=for_whom.value)
    return _link(row)


def list_links(work: Work, *, case_id: str, session_id: str) -> list[Link]:
    """The links for the session as it stands; raises as `make_link`."""
    _case, session = _require_own(work, case_id, session_id)
    found = ahead_store.list_of(work.session, session.id)
    return [_link(row) for row in found if row.sequence == session.sequence]


def revoke_link(work: Work, *, case_id: str, session_id: str, link_id: str) -> None:
    """Take one back that nobody has used; raises NotFoundError and as `make_link`."""
    case, session = _require_own(work, case_id, session_id)
    if not ahead_store.revoke(work.session, link_id, session_id=session.id, at=work.now):
        raise NotFoundError
    _tell(work, case, "revoked", link_id, session)


def look(work: Work, *, token_hash: str) -> Invitation | None:
    """What is told before anything is used up; None where nobody made such a link."""
    row = ahead_store.find_by_token(work.session, token_hash)
    if row is None:
        return None
    session = _session_of(work, row)
    return Invitation(
        _state(work, row, session),
        row.for_whom,
        PractitionerId(row.made_by),
        InstitutionId(row.institution_id),
        row.expires_at,
        starts_at=None if session is None else session.starts_at,
        opens_at=None if session is None else session.starts_at - DOOR_OPENS,
    )


def bring_in(work: Work, *, token_hash: str) -> Link:
    """The link into the room that becomes of it; raises GuestUnknownError, LinkGoneError."""
    row = ahead_store.find_by_token(work.session, token_hash)
    if row is None:
        raise GuestUnknownError
    session = _session_of(work, row)
    state = _state(work, row, session)
    room = rooms_store.find_open(work.session, row.case_id, locked=True)
    if state is not LinkState.FRESH or session is None or room is None:
        raise LinkGoneError(state.value)
    if len(store.list_links(work, room.id)) >= MOST_LINKS:
        raise RoomCrowdedError(session.case_id)
    into = LinkRow(
        id=row.id,
        room_id=room.id,
        for_whom=row.for_whom,
        person_id=row.id,
        institution_id=row.institution_id,
        made_by=row.made_by,
        made_at=row.made_at,
        expires_at=session.ends_at,
        token_hash=token_hash,
        tries=0,
    )
    if not ahead_store.use_up(work.session, row.id, into=into, at=work.now):
        raise LinkGoneError(LinkState.USED.value)
    return store.link_of(work, into)


def _state(work: Work, row: AheadLinkRow, session: VideoSession | None) -> LinkState:
    if row.revoked_at is not None or row.used_at is not None:
        return LinkState.USED if row.revoked_at is None else LinkState.REVOKED
    if work.now >= row.expires_at or session is None:
        return LinkState.MOVED if session is None else LinkState.EXPIRED
    if not is_door_open(session, now=work.now):
        return LinkState.EARLY
    room = rooms_store.find_open(work.session, row.case_id)
    is_there = room is not None and room.session_id == session.id
    return LinkState.FRESH if is_there else LinkState.WAITING


def _session_of(work: Work, row: AheadLinkRow) -> VideoSession | None:
    """The session, if it is to take place as it stood when the link was made."""
    case = cases.get_case(work, row.case_id)
    session = sessions.find_live(work, case) if is_open(case.status) else None
    if session is None or (session.id, session.sequence) != (row.session_id, row.sequence):
        return None
    return session


def _require_own(work: Work, case_id: str, session_id: str) -> tuple[Case, VideoSession]:
    case = sessions.get_case_of_side(work, case_id)
    session = sessions.find_live(work, case)
    if session is None or session.id != session_id or session.ends_at <= work.now:
        raise SessionChangedError
    if not session.is_for(work.actor.person):
        raise NotInviterError
    return case, session


def _link(row: AheadLinkRow) -> Link:
    return Link(
        id=row.id,
        room_id="",
        for_whom=row.for_whom,
        person_id=row.id,
        institution_id=InstitutionId(row.institution_id),
        made_by=PractitionerId(row.made_by),
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        tries=0,
        identity=None,
    )


def _tell(
    work: Work, case: Case, word: str, link_id: str, session: VideoSession, **codes: str
) -> None:
    told = {"link": link_id, "session": session.id, "until": session.ends_at.isoformat(), **codes}
    work.journal(
        Entry(
            f"session_link.{word}",
            ObjectType.CASE,
            case.id,
            codes=told,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
