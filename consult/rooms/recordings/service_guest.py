"""What a guest who came by a link says of the recording of her call: all of it without an actor."""

from consult.cases import service as cases
from consult.kernel.work import Work
from consult.rooms.links import service_guest
from consult.rooms.links.errors import GuestUnknownError
from consult.rooms.recordings.answering import Answerer, give_answer, set_private
from consult.rooms.recordings.service import RecordingView, make_view


def show(work: Work, *, session_hash: str) -> RecordingView:
    """What is recorded of the call in which she is.

    Raises GuestUnknownError, also for a second device, and NotAdmittedError.
    """
    case_id, room_id, _ = _require(work, session_hash)
    return make_view(work, cases.get_case(work, case_id), room_id, may_lead=False)


def answer(work: Work, *, session_hash: str, agreed: bool) -> str:
    """Agree, refuse, or take back what she agreed to; the id of the room.

    Raises NotRecordingError where nobody has asked, TooManyAnswersError, and as `show`.
    """
    case_id, room_id, who = _require(work, session_hash)
    give_answer(work, cases.get_case(work, case_id), room_id, who, agreed=agreed)
    return room_id


def pause(work: Work, *, session_hash: str) -> str:
    """Record nothing for a while: everybody in the call may. The id of the room.

    Raises NotRecordingError, and as `show`.
    """
    case_id, room_id, who = _require(work, session_hash)
    set_private(work, cases.get_case(work, case_id), room_id, who, is_private=True)
    return room_id


def _require(work: Work, session_hash: str) -> tuple[str, str, Answerer]:
    """The case, the room, and who she is; her doctor's telephone answers for nobody."""
    place = service_guest.find_place(work, session_hash=session_hash)
    link = service_guest.get_link(work, session_hash=session_hash)
    if not link.is_guest:
        raise GuestUnknownError
    return place.room.case_id, place.room.id, Answerer(link.person_id, link.institution_id)
