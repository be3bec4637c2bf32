"""Who may call on a case, and who may be in its room: asked here and nowhere else."""

from collections.abc import Callable

from consult.calendar.video.door import find_open_door
from consult.cases import service as cases
from consult.cases.model import Case, is_open
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.queue import service as queue
from consult.rooms import store
from consult.rooms.errors import (
    NotAdmittedError,
    NotCallerError,
    NotHostError,
    RoomCaseClosedError,
    RoomNotOpenError,
)
from consult.rooms.model import KnockState, Place, RoomRole
from consult.rooms.tables import RoomRow

Talks = Callable[[Work, Case], bool]
"""Whether the actor stands on a side of the case and may know what is said of it (Q-10)."""


def require_side(work: Work, case_id: str, *, talks: Talks) -> Case:
    """The case, for whoever may know of its rooms, also after its end.

    Raises NotFoundError, and RoomCaseClosedError before it was submitted.
    """
    case = cases.get_case(work, case_id)
    if case.submitted_at is None:
        raise RoomCaseClosedError(case.id)
    if not talks(work, case):
        raise NotFoundError
    return case


def require_talking(work: Work, case_id: str, *, talks: Talks) -> Case:
    """The case, while its two sides may talk; raises NotFoundError, RoomCaseClosedError."""
    case = require_side(work, case_id, talks=talks)
    if not is_open(case.status):
        raise RoomCaseClosedError(case.id)
    return case


def may_call(work: Work, case: Case) -> bool:
    """Whether the actor asked for the opinion, holds the case, or has its booked session now."""
    person = work.actor.practitioner_id
    if person is not None and has_session(work, case, person):
        return True
    if work.actor.institution_id == case.institution_id:
        return person == case.requesting_physician_id
    claim = queue.find_claim(work, case.id)
    return claim is not None and claim.practitioner_id == person


def has_session(work: Work, case: Case, *people: str) -> bool:
    """Whether it is the time of a booked session of the case, and of these people."""
    session = find_open_door(work, case)
    return session is not None and all(session.is_for(each) for each in people)


def require_caller(work: Work, case_id: str, *, talks: Talks) -> Case:
    """The case; raises as `require_talking`, and NotCallerError."""
    case = require_talking(work, case_id, talks=talks)
    if not may_call(work, case):
        raise NotCallerError
    return case


def require_open(work: Work, case: Case, *, locked: bool = False) -> RoomRow:
    """The room of a case that is open; raises RoomNotOpenError."""
    row = store.find_open(work.session, case.id, locked=locked)
    if row is None:
        raise RoomNotOpenError(case.id)
    return row


def require_host(work: Work, case: Case) -> RoomRow:
    """The open room, which nobody else moves before the unit ends; raises NotHostError."""
    row = require_open(work, case, locked=True)
    if row.host_id != work.actor.practitioner_id:
        raise NotHostError
    return row


def require_place(work: Work, case_id: str, *, talks: Talks) -> Place:
    """The actor's right to be in the room of a case now; raises NotAdmittedError and as above."""
    case = require_talking(work, case_id, talks=talks)
    row = require_open(work, case)
    if row.host_id == work.actor.practitioner_id:
        role = RoomRole.HOST
    else:
        knock = store.find_knock(work.session, row.id, work.actor.person)
        if knock is None or knock.state is not KnockState.ADMITTED:
            raise NotAdmittedError(case.id)
        role = RoomRole.PARTICIPANT
    return Place(store.room_of(row), role, open_key(work, row))


def seal_key(work: Work, room_id: str, key: bytes) -> bytes:
    """A room's key as its row keeps it."""
    return work.vault.seal_bytes(key, purpose=_purpose(room_id))


def open_key(work: Work, row: RoomRow) -> bytes:
    """The key of a room that is open; raises SealBrokenError where its row was changed."""
    return b"" if row.key is None else work.vault.open_bytes(row.key, purpose=_purpose(row.id))


def _purpose(room_id: str) -> str:
    return f"room key:{room_id}"
