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
from consult.rooms.recordings.errors import (
    NotRecordingError,
    RecordingRefusedError,
    TooManyAnswersError,
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
from consult.rooms.recordings.tables import ConsentRow, RecordingRow
from consult.rooms.rights import Talks, may_call, require_place


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

    Raises RecordingRefusedError where somebody has refused, and as `_require_lead`.
    """
    case, place = _require_lead(work, case_id, talks=talks)
    room_id = place.room.id
    others = store.list_answers(work.session, room_id)
    if any(
        each.consent is not Consent.AGREED for each in others if each.person_id != work.actor.person
    ):
        raise RecordingRefusedError(case.id)
    if store.find_live(work.session, room_id, locked=True) is None:
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
    _answer(work, case, room_id, Consent.AGREED)
    return room_id


def answer(work: Work, *, case_id: str, agreed: bool, talks: Talks) -> str:
    """Agree, refuse, or take back what one agreed to; a refusal ends it. The id of the room.

    Raises NotRecordingError where nobody has asked, TooManyAnswersError, and as `require_place`.
    """
    place = require_place(work, case_id, talks=talks)
    case, room_id = cases.get_case(work, case_id), place.room.id
    known = {each.person_id: each for each in store.list_answers(work.session, room_id)}
    own = known.get(work.actor.person)
    live = store.find_live(work.session, room_id, locked=True)
    if live is None and own is None:
        raise NotRecordingError(case.id)
    if agreed:
        _answer(work, case, room_id, Consent.AGREED)
        return room_id
    had_agreed = own is not None and own.consent is Consent.AGREED
    _answer(work, case, room_id, Consent.WITHDRAWN if had_agreed else Consent.REFUSED)
    if live is not None:
        store.save_step(work.session, live.id, why=RecordingEnd.REFUSED)
    return room_id


def pause(work: Work, *, case_id: str, talks: Talks) -> str:
    """Record nothing for a while: everybody in the call may. The id of the room.

    Raises NotRecordingError, and as `require_place`.
    """
    place = require_place(work, case_id, talks=talks)
    return _step(work, cases.get_case(work, case_id), place, "paused", is_private=True)


def resume(work: Work, *, case_id: str, talks: Talks) -> str:
    """Go on after a pause; raises NotRecordingError, and as `_require_lead`."""
    case, place = _require_lead(work, case_id, talks=talks)
    return _step(work, case, place, "resumed", is_private=False)


def stop(work: Work, *, case_id: str, talks: Talks) -> str:
    """End it; what was recorded is kept. Raises NotRecordingError, and as `_require_lead`."""
    case, place = _require_lead(work, case_id, talks=talks)
    live = store.find_live(work.session, place.room.id, locked=True)
    if live is None:
        raise NotRecordingError(case.id)
    store.save_step(work.session, live.id, why=live.why or RecordingEnd.STOPPED)
    return place.room.id


def show(work: Work, *, case_id: str, talks: Talks) -> RecordingView:
    """What is recorded of the call in which the actor is; raises as `require_place`."""
    place = require_place(work, case_id, talks=talks)
    case, room_id = cases.get_case(work, case_id), place.room.id
    live = store.find_live(work.session, room_id)
    return RecordingView(
        case=case,
        room_id=room_id,
        last=store.find_last(work.session, room_id),
        plan=None if live is None else make_plan(work, live),
        answers=store.list_answers(work.session, room_id),
        may_lead=place.role is RoomRole.HOST or may_call(work, case),
    )


def hold_for_newcomer(work: Work, *, case_id: str, talks: Talks) -> bool:
    """The actor is coming in: until she is there, or does not come, nothing is recorded.

    False where nothing has to be held: nobody asked for a recording, or she has agreed. Raises as
    `require_place`.
    """
    room_id = require_place(work, case_id, talks=talks).room.id
    live = store.find_live(work.session, room_id)
    if live is None:
        return False
    said = {each.person_id: each.consent for each in store.list_answers(work.session, room_id)}
    if said.get(work.actor.person) is Consent.AGREED:
        return False
    return store.save_step(work.session, live.id, held_until=work.now + HELD_FOR)


def _require_lead(work: Work, case_id: str, *, talks: Talks) -> tuple[Case, Place]:
    """Who opened the call or may call, and is in it; raises NotCallerError, as `require_place`."""
    place = require_place(work, case_id, talks=talks)
    case = cases.get_case(work, case_id)
    if place.role is not RoomRole.HOST and not may_call(work, case):
        raise NotCallerError
    return case, place


def _answer(work: Work, case: Case, room_id: str, consent: Consent) -> None:
    """Write an answer down, unless it is the one that holds; raises TooManyAnswersError."""
    said = {each.person_id: each.consent for each in store.list_answers(work.session, room_id)}
    if said.get(work.actor.person) is consent:
        return
    row = ConsentRow(
        id=new_id(),
        room_id=room_id,
        person_id=work.actor.person,
        institution_id=work.actor.institution,
        consent=consent,
        answered_at=work.now,
    )
    if not store.save_answer(work.session, row):
        raise TooManyAnswersError(case.id)
    journal_recording(work, case, consent.value, room_id)


def _step(work: Work, case: Case, place: Place, word: str, *, is_private: bool) -> str:
    live = store.find_live(work.session, place.room.id, locked=True)
    if live is None or live.why is not None:
        raise NotRecordingError(case.id)
    if live.is_private is not is_private:
        store.save_step(work.session, live.id, is_private=is_private)
        journal_recording(work, case, word, place.room.id, recording=live.id)
    return place.room.id
