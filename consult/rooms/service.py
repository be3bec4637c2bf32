"""Calling on a case, knocking, letting in one by one, ending, and what is known of its rooms."""

from collections.abc import Collection
from dataclasses import dataclass

from consult.calendar.video.door import find_open_door
from consult.cases.model import Case, is_open
from consult.kernel.work import Work
from consult.rooms import endings, entering, showing_store, stay_store, store
from consult.rooms.errors import NobodyKnockedError
from consult.rooms.journalling import journal_of
from consult.rooms.model import (
    Attendance,
    Knock,
    KnockState,
    NewRoom,
    Quality,
    Room,
    RoomDevice,
    RoomEnd,
    RoomRole,
    ShownImage,
    attendances_of,
    quality_of,
)
from consult.rooms.rights import (
    Talks,
    has_session,
    may_call,
    require_caller,
    require_host,
    require_open,
    require_side,
    require_talking,
    seal_key,
)
from consult.rooms.ringing import store as ring_store
from consult.rooms.ringing.keeping import keep_came_in
from consult.rooms.ringing.model import Round
from consult.rooms.tables import RoomRow


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What is known of one room: who was there, what was looked at, how good the lines were."""

    room: Room
    attendances: list[Attendance]
    quality: Quality | None
    shown: list[ShownImage]


@dataclass(frozen=True, slots=True)
class RoomView:
    """A case's rooms as one person sees them; `knocks` are told to the host alone."""

    case: Case
    may_call: bool
    open: Room | None
    role: RoomRole | None
    own_knock: Knock | None
    knocks: list[Knock]
    rooms: list[RoomFacts]
    rings: Round


@dataclass(frozen=True, slots=True)
class Door:
    """Whether somebody calls on a case now, and whether the actor may."""

    is_called: bool
    may_call: bool


def look_at_door(work: Work, case: Case) -> Door:
    """The door of a case that the actor may know of; policy is the caller's to ask."""
    row = store.find_open(work.session, case.id)
    return Door(is_called=row is not None, may_call=may_call(work, case))


def get_case_with_room(work: Work, case_id: str, *, talks: Talks) -> Case:
    """The case, for whoever may know of its rooms; raises NotFoundError, RoomCaseClosedError."""
    return require_side(work, case_id, talks=talks)


def find_called(work: Work, case_id: str, *, talks: Talks) -> Room | None:
    """The open room of a case on which the actor may call; raises NotCallerError."""
    case = require_caller(work, case_id, talks=talks)
    row = store.find_open(work.session, case.id)
    return None if row is None else store.room_of(row)


def open_room(work: Work, *, case_id: str, made: NewRoom, talks: Talks) -> Room:
    """Call on a case: its open room, which is this one unless somebody was first.

    Raises NotCallerError and RoomCaseClosedError.
    """
    case = require_caller(work, case_id, talks=talks)
    session = find_open_door(work, case)
    row = RoomRow(
        id=made.id,
        case_id=case.id,
        open_case_id=case.id,
        host_id=work.actor.person,
        institution_id=work.actor.institution,
        key=seal_key(work, made.id, made.key),
        opened_at=work.now,
        process=made.process,
        session_id=None if session is None else session.id,
    )
    if not store.save_room(work.session, row):
        return store.room_of(require_open(work, case))
    booked = {} if session is None else {"session": session.id}
    journal_of(work, case, "room.opened", made.id, **booked)
    return store.room_of(row)


def knock(work: Work, *, case_id: str, talks: Talks) -> Knock:
    """Ask to be let in; whoever was turned away may ask again. Raises RoomCrowdedError.

    At the time of a booked session its two people expect each other: the one lets the other in,
    unless the host has turned her away before.
    """
    case = require_talking(work, case_id, talks=talks)
    row = require_open(work, case, locked=True)
    person = work.actor.person
    is_expected = row.host_id == person or has_session(work, case, row.host_id, person)
    who = entering.Comer(person, work.actor.institution, RoomDevice.FIRST)
    asked, is_new = entering.knock(work, case, row, who, is_expected=is_expected)
    if is_new and asked.state is KnockState.ADMITTED:
        journal_of(work, case, "room.admitted", row.id, person=person)
        keep_came_in(work, case, row.id, person_id=person)
    return asked


def answer_knock(work: Work, *, case_id: str, person_id: str, admitted: bool, talks: Talks) -> Room:
    """Let one person in, or turn her away, also out of the room; raises NobodyKnockedError."""
    case = require_talking(work, case_id, talks=talks)
    row = require_host(work, case)
    known = store.find_knock(work.session, row.id, person_id)
    if known is None or person_id == row.host_id:
        raise NobodyKnockedError(case.id)
    state = KnockState.ADMITTED if admitted else KnockState.TURNED_AWAY
    if store.answer_knock(work.session, row.id, person_id, state=state, at=work.now):
        kind = "room.admitted" if admitted else "room.turned_away"
        journal_of(work, case, kind, row.id, person=person_id)
        if admitted:
            keep_came_in(work, case, row.id, person_id=person_id)
    return store.room_of(row)


def end_room(work: Work, *, case_id: str, talks: Talks) -> Room:
    """End the call for everybody: its host, and whoever may call. Raises NotCallerError."""
    case = require_talking(work, case_id, talks=talks)
    row = require_open(work, case, locked=True)
    if row.host_id != work.actor.practitioner_id:
        require_caller(work, case_id, talks=talks)
    room = store.room_of(row)
    endings.end_room(work, case, room, how=RoomEnd.BY_PERSON)
    return room


def show_rooms(work: Work, case_id: str, *, talks: Talks) -> RoomView:
    """What the actor may know of a case's rooms, also after the case has ended."""
    case = require_side(work, case_id, talks=talks)
    row = store.find_open(work.session, case.id) if is_open(case.status) else None
    person = work.actor.person
    role, own, knocks = None, None, []
    if row is not None:
        own = store.find_knock(work.session, row.id, person)
        if row.host_id == person:
            role, knocks = RoomRole.HOST, store.list_knocks(work.session, row.id)
        elif own is not None and own.state is KnockState.ADMITTED:
            role = RoomRole.PARTICIPANT
    return RoomView(
        case=case,
        may_call=is_open(case.status) and may_call(work, case),
        open=None if row is None else store.room_of(row),
        role=role,
        own_knock=own,
        knocks=knocks,
        rooms=[facts_of(work, room) for room in store.list_rooms(work.session, case.id)],
        rings=[] if row is None else ring_store.list_round(work.session, row.id),
    )


def facts_of(work: Work, room: Room) -> RoomFacts:
    """Who was in a room, and how good the lines were; policy is the caller's to ask."""
    return RoomFacts(
        room,
        attendances_of(stay_store.list_stays(work.session, room.id)),
        quality_of(store.list_samples(work.session, room.id)),
        showing_store.list_shown(work.session, room.id),
    )


def calls_of_sessions(work: Work, session_ids: Collection[str]) -> dict[str, Room]:
    """The newest call that was held in the time of each session; policy is the caller's to ask."""
    found = store.list_of_sessions(work.session, session_ids)
    return {str(room.session_id): room for room in found}
