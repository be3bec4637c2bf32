"""Asking for a recording, agreeing and refusing, pausing, stopping, and what follows from it.

Nothing is recorded unless everybody who is in the room has agreed, on record, before: one refusal
prevents it or ends it, and somebody who comes later pauses it until she has answered (T21).
"""

from dataclasses import dataclass

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.ids import new_id
from consult.kernel.keys import make_key
from consult.kernel.work import Work
from consult.rooms.errors import NotCallerError
from consult.rooms.model import Place, RoomRole
from consult.rooms.recordings import store
from consult.rooms.recordings.answering import (
    Answerer,
    find_answer,
    give_answer,
    note_answer,
    set_private,
)
from consult.rooms.recordings.errors import (
    NotRecordingError,
    RecordingFullError,
    RecordingRefusedError,
)
from consult.rooms.recordings.model import (
    HELD_FOR,
    Answer,
    Consent,
    Plan,
    Recording,
    RecordingEnd,
)
from consult.rooms.recordings.planning import journal_recording, make_plan, seal_key
from consult.rooms.recordings.tables import RecordingRow
from consult.rooms.rights import Talks, may_call, require_place
from consult.studies.quotas import service as quotas


@dataclass(frozen=True, slots=True)
class RecordingView:
    """What somebody in a room knows of its recording; `plan` is None where there is none."""

    case: Case
    room_id: str
    last: Recording | None
    plan: Plan | None
    answers: list[Answer]
    may_lead: bool


def ask_recording(work: Work, *, case_id: str, talks: Talks) -> str:
    """Ask everybody in the call; whoever asks has agreed by it. The id of the room.

    Raises RecordingRefusedError where somebody has refused, RecordingFullError where the case's
    institution keeps as much as it may, and as `_require_lead`.
    """
    case, place = _require_lead(work, case_id, talks=talks)
    room_id = place.room.id
    others = store.list_answers(work.session, room_id)
    if any(
        each.consent is not Consent.AGREED for each in others if each.person_id != work.actor.person
    ):
        raise RecordingRefusedError(case.id)
    if store.find_live(work.session, room_id, locked=True) is None:
        _require_space(work, case)
        recording_id = new_id()
        row = RecordingRow(
            id=recording_id,
            room_id=room_id,
            live_room_id=room_id,
            case_id=case.id,
            asked_by_id=work.actor.person,
            asked_at=work.now,
            is_private=False,
            code="",
            key=seal_key(work, recording_id, make_key()),
        )
        if store.save_recording(work.session, row):
            journal_recording(work, case, "asked", room_id, recording=recording_id)
    note_answer(work, case, room_id, _actor(work), Consent.AGREED)
    return room_id


def answer(work: Work, *, case_id: str, agreed: bool, talks: Talks) -> str:
    """Agree, refuse, or take back what one agreed to; a refusal ends it. The id of the room.

    Raises NotRecordingError where nobody has asked, TooManyAnswersError, and as `require_place`.
    """
    place = require_place(work, case_id, talks=talks)
    case, room_id = cases.get_case(work, case_id), place.room.id
    give_answer(work, case, room_id, _actor(work), agreed=agreed)
    return room_id


def pause(work: Work, *, case_id: str, talks: Talks) -> str:
    """Record nothing for a while: everybody in the call may. The id of the room.

    Raises NotRecordingError, and as `require_place`.
    """
    place = require_place(work, case_id, talks=talks)
    case, room_id = cases.get_case(work, case_id), place.room.id
    set_private(work, case, room_id, _actor(work), is_private=True)
    return room_id


def resume(work: Work, *, case_id: str, talks: Talks) -> str:
    """Go on after a pause; raises NotRecordingError, and as `_require_lead`."""
    case, place = _require_lead(work, case_id, talks=talks)
    set_private(work, case, place.room.id, _actor(work), is_private=False)
    return place.room.id


def stop(work: Work, *, case_id: str, talks: Talks) -> str:
    """End it, on record by whom; what was recorded is kept.

    Raises NotRecordingError, and as `_require_lead`.
    """
    case, place = _require_lead(work, case_id, talks=talks)
    live = store.find_live(work.session, place.room.id, locked=True)
    if live is None:
        raise NotRecordingError(case.id)
    if live.why is None:
        store.save_step(work.session, live.id, why=RecordingEnd.STOPPED)
        journal_recording(work, case, "stopped", place.room.id, recording=live.id)
    return place.room.id


def show(work: Work, *, case_id: str, talks: Talks) -> RecordingView:
    """What is recorded of the call in which the actor is; raises as `require_place`."""
    place = require_place(work, case_id, talks=talks)
    case = cases.get_case(work, case_id)
    may_lead = place.role is RoomRole.HOST or may_call(work, case)
    return make_view(work, case, place.room.id, may_lead=may_lead)


def make_view(work: Work, case: Case, room_id: str, *, may_lead: bool) -> RecordingView:
    """The same for whoever was found to be in the room."""
    live = store.find_live(work.session, room_id)
    return RecordingView(
        case=case,
        room_id=room_id,
        last=store.find_last(work.session, room_id),
        plan=None if live is None else make_plan(work, live),
        answers=store.list_answers(work.session, room_id),
        may_lead=may_lead,
    )


def hold_for_newcomer(work: Work, *, case_id: str, talks: Talks) -> bool:
    """The actor is coming in: until she is there, or does not come, nothing is recorded.

    False where nothing has to be held: nobody asked for a recording, or she has agreed. Raises as
    `require_place`.
    """
    room_id = require_place(work, case_id, talks=talks).room.id
    return hold_for(work, room_id=room_id, person_id=work.actor.person)


def hold_for(work: Work, *, room_id: str, person_id: str) -> bool:
    """The same for whoever comes by a link (system)."""
    live = store.find_live(work.session, room_id)
    if live is None:
        return False
    own = find_answer(work, room_id, person_id)
    if own is not None and own.consent is Consent.AGREED:
        return False
    return store.save_step(work.session, live.id, held_until=work.now + HELD_FOR)


def _require_lead(work: Work, case_id: str, *, talks: Talks) -> tuple[Case, Place]:
    """Who opened the call or may call, and is in it; raises NotCallerError, as `require_place`."""
    place = require_place(work, case_id, talks=talks)
    case = cases.get_case(work, case_id)
    if place.role is not RoomRole.HOST and not may_call(work, case):
        raise NotCallerError
    return case, place


def _require_space(work: Work, case: Case) -> None:
    """Whether the institution of the case may keep anything further; raises RecordingFullError."""
    usage = quotas.get_usage(work, case.institution_id)
    if usage.most_bytes is not None and usage.size_bytes >= usage.most_bytes:
        raise RecordingFullError(case.id)


def _actor(work: Work) -> Answerer:
    return Answerer(work.actor.person, work.actor.institution)
