"""What is done by whoever holds a link and has no account: all of it without an actor.

Every step finds the guest anew by the hash of her cookie, so that nothing outlasts the room.
"""

from consult.cases import service as cases
from consult.cases.model import Case, is_open
from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId, InstitutionId
from consult.kernel.work import Work
from consult.people.patients import service as patients
from consult.rooms import entering, stay_store
from consult.rooms import store as rooms_store
from consult.rooms.errors import NotAdmittedError, RoomNotOpenError
from consult.rooms.journalling import journal_of
from consult.rooms.links import ahead, store
from consult.rooms.links.companion import is_first_there
from consult.rooms.links.errors import GuestUnknownError, IdentityNeededError, LinkGoneError
from consult.rooms.links.model import (
    Answered,
    Asks,
    Guest,
    Identity,
    Invitation,
    Link,
    LinkFor,
    LinkRules,
    LinkState,
    Said,
    asks_of,
    compare,
    is_settled,
    state_of,
)
from consult.rooms.model import (
    Knock,
    KnockState,
    Measured,
    Place,
    Room,
    RoomDevice,
    RoomLimits,
    RoomRole,
    Seen,
)
from consult.rooms.rights import open_key
from consult.rooms.tables import RoomRow


def look(work: Work, *, token_hash: str) -> Invitation | None:
    """What is told before anything is used up; None where nobody made such a link."""
    link = store.find_by_token(work, token_hash)
    if link is None:
        return ahead.look(work, token_hash=token_hash)
    state = state_of(link, is_over=_guest(work, link).is_over, now=work.now)
    return Invitation(state, link.for_whom, link.made_by, link.institution_id, link.expires_at)


def use(work: Work, *, token_hash: str, session_hash: str) -> Link:
    """Use a link up: exactly one browser does; raises LinkGoneError, GuestUnknownError."""
    link = store.find_by_token(work, token_hash) or ahead.bring_in(work, token_hash=token_hash)
    state = state_of(link, is_over=_guest(work, link).is_over, now=work.now)
    if state is not LinkState.FRESH:
        raise LinkGoneError(state.value)
    if not store.use_up(work.session, link.id, session_hash=session_hash, at=work.now):
        raise LinkGoneError(LinkState.USED.value)
    _note(work, link, "room.link_used")
    return link


def find_guest(work: Work, *, session_hash: str) -> Guest | None:
    """Whoever used a link with this browser, also after the room has ended."""
    link = store.find_by_session(work, session_hash)
    return None if link is None else _guest(work, link)


def get_link(work: Work, *, session_hash: str) -> Link:
    """The link of a guest whose room stands; raises GuestUnknownError."""
    return _require(work, session_hash).link


def is_owner(work: Work, *, token_hash: str, session_hash: str) -> bool:
    """Whether this browser is the one that used this link up."""
    link = store.find_by_token(work, token_hash)
    own = store.find_by_session(work, session_hash)
    return link is not None and own is not None and link.id == own.id


def what_is_asked(work: Work, *, session_hash: str) -> Asks:
    """By which last four the patient of the room is known; a colleague is asked for none."""
    guest = _require(work, session_hash)
    if guest.link.for_whom is LinkFor.COLLEAGUE:
        return Asks.NOTHING
    case = cases.get_case(work, guest.case_id)
    return asks_of(patients.get_patient(work, case.patient_id))


def identify(work: Work, *, session_hash: str, said: Said, rules: LinkRules) -> Answered:
    """Compare what she says with the record: the outcome is written down, never the words.

    Raises GuestUnknownError, and ConflictError where she says it twice at once.
    """
    guest = _require(work, session_hash)
    link = guest.link
    if link.identity is not None and is_settled(link, rules.tries):
        return Answered(link.identity, 0)
    if not store.count_try(work.session, link.id, before=link.tries):
        raise ConflictError("guest-asked-twice")
    identity = _compare(work, guest, said)
    shown = "" if link.for_whom is LinkFor.PATIENT else said.name
    store.save_identity(work, link.id, identity, shown)
    _note(work, link, "room.guest_identified", identity=identity.value)
    return Answered(identity, max(rules.tries - link.tries - 1, 0))


def knock(work: Work, *, session_hash: str, rules: LinkRules) -> Knock:
    """Ask to be let in; raises IdentityNeededError, RoomCrowdedError, GuestUnknownError."""
    guest = _require(work, session_hash)
    if not guest.link.is_guest:
        raise GuestUnknownError
    if not is_settled(guest.link, rules.tries):
        raise IdentityNeededError
    case = cases.get_case(work, guest.case_id)
    row = rooms_store.find_open(work.session, case.id, locked=True)
    if row is None or row.id != guest.room.id:
        raise RoomNotOpenError(case.id)
    who = entering.Comer(guest.link.person_id, guest.link.institution_id, RoomDevice.FIRST)
    return entering.knock(work, case, row, who, is_expected=False)[0]


def find_place(work: Work, *, session_hash: str) -> Place:
    """Her right to be in the room now; raises GuestUnknownError, NotAdmittedError."""
    guest = _require(work, session_hash)
    link = guest.link
    if link.is_guest:
        holds = guest.knock is not None and guest.knock.state is KnockState.ADMITTED
    else:
        holds = is_first_there(work, link)
    if not holds:
        raise NotAdmittedError(guest.case_id)
    role = RoomRole.GUEST if link.is_guest else _role_of_maker(guest)
    key = open_key(work, _room_row(work, link))
    return Place(guest.room, role, key)


def find_role(work: Work, *, session_hash: str) -> RoomRole | None:
    """What she is in the room now; None where she may not be in it."""
    try:
        return find_place(work, session_hash=session_hash).role
    except (GuestUnknownError, NotAdmittedError):
        return None


def come_in(work: Work, *, session_hash: str) -> Seen:
    """Write that her device has come in; which stay is its own. Raises as `find_place`."""
    place = find_place(work, session_hash=session_hash)
    guest = _require(work, session_hash)
    device = RoomDevice.FIRST if guest.link.is_guest else RoomDevice.COMPANION
    case = cases.get_case(work, guest.case_id)
    who = entering.Comer(guest.link.person_id, guest.link.institution_id, device)
    return entering.come_in(work, case, place, who)


def measure(work: Work, *, session_hash: str, measured: Measured, limits: RoomLimits) -> bool:
    """Keep what her browser measured; False where it told so a moment ago or the call is over."""
    known = find_guest(work, session_hash=session_hash)
    if known is not None and known.is_over:
        return False
    place = find_place(work, session_hash=session_hash)
    guest = _require(work, session_hash)
    case = cases.get_case(work, guest.case_id)
    return entering.measure(work, case, place, guest.link.person_id, measured, limits)


def list_inside(work: Work, *, session_hash: str) -> list[str]:
    """Who is in the room with an admitted guest; nobody for one who stands outside."""
    guest = _require(work, session_hash)
    if guest.knock is None or guest.knock.state is not KnockState.ADMITTED:
        return []
    stays = stay_store.list_stays(work.session, guest.room.id)
    return sorted({each.person_id for each in stays if each.left_at is None})


def institutions_of(work: Work, room: Room) -> dict[str, InstitutionId]:
    """For which institution everybody of a room came into it."""
    stays = stay_store.list_stays(work.session, room.id)
    found: dict[str, InstitutionId] = {room.host_id: room.institution_id}
    return found | {str(each.person_id): each.institution_id for each in stays}


def _require(work: Work, session_hash: str) -> Guest:
    guest = find_guest(work, session_hash=session_hash)
    if guest is None or guest.is_over or guest.link.revoked_at is not None:
        raise GuestUnknownError
    return guest


def _guest(work: Work, link: Link) -> Guest:
    row = _room_row(work, link)
    case_id = CaseId(row.case_id)
    is_over = row.ended_at is not None or not is_open(cases.get_case(work, case_id).status)
    found = rooms_store.find_knock(work.session, row.id, link.person_id) if link.is_guest else None
    return Guest(link, rooms_store.room_of(row), case_id, is_over, found)


def _compare(work: Work, guest: Guest, said: Said) -> Identity:
    link = guest.link
    if link.for_whom is LinkFor.COLLEAGUE:
        return Identity.NOT_ON_FILE
    patient = patients.get_patient(work, cases.get_case(work, guest.case_id).patient_id)
    named = said.name if link.for_whom is LinkFor.PATIENT else said.patient_name
    return compare(patient, named, said.tail)


def _role_of_maker(guest: Guest) -> RoomRole:
    is_host = guest.room.host_id == guest.link.person_id
    return RoomRole.HOST if is_host else RoomRole.PARTICIPANT


def _room_row(work: Work, link: Link) -> RoomRow:
    row = rooms_store.find_room(work.session, link.room_id)
    if row is None:
        raise GuestUnknownError
    return row


def _note(work: Work, link: Link, kind: str, **codes: str) -> None:
    row = _room_row(work, link)
    case: Case = cases.get_case(work, row.case_id)
    journal_of(work, case, kind, row.id, link=link.id, **codes)
