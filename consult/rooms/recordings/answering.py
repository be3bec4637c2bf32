"""What somebody in a call says of its recording, whoever she is: a member of the case, or a guest.

A refusal is always heard; agreeing anew is bounded, so that nobody fills a room with answers.
"""

from dataclasses import dataclass

from consult.cases.model import Case
from consult.kernel.ids import InstitutionId, PractitionerId, new_id
from consult.kernel.work import Work
from consult.rooms.journalling import codes_of_guest
from consult.rooms.recordings import store
from consult.rooms.recordings.errors import NotRecordingError, TooManyAnswersError
from consult.rooms.recordings.model import Answer, Consent, RecordingEnd
from consult.rooms.recordings.planning import journal_recording
from consult.rooms.recordings.tables import ConsentRow


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers: by her id in the room, and the institution for which she came into it."""

    person_id: str
    institution_id: InstitutionId


def give_answer(work: Work, case: Case, room_id: str, who: Answerer, *, agreed: bool) -> None:
    """Agree, refuse, or take back what one agreed to; a refusal ends what is recorded.

    Raises NotRecordingError where nobody has asked, and TooManyAnswersError.
    """
    own = find_answer(work, room_id, who.person_id)
    live = store.find_live(work.session, room_id, locked=True)
    if live is None and own is None:
        raise NotRecordingError(case.id)
    if agreed:
        note_answer(work, case, room_id, who, Consent.AGREED)
        return
    had_agreed = own is not None and own.consent is not Consent.REFUSED
    note_answer(work, case, room_id, who, Consent.WITHDRAWN if had_agreed else Consent.REFUSED)
    if live is not None:
        store.save_step(work.session, live.id, why=RecordingEnd.REFUSED)


def note_answer(work: Work, case: Case, room_id: str, who: Answerer, consent: Consent) -> None:
    """Write an answer down, unless it is the one that holds; raises TooManyAnswersError."""
    own = find_answer(work, room_id, who.person_id)
    if own is not None and own.consent is consent:
        return
    row = ConsentRow(
        id=new_id(),
        room_id=room_id,
        person_id=who.person_id,
        institution_id=who.institution_id,
        consent=consent,
        answered_at=work.now,
    )
    if not store.save_answer(work.session, row):
        raise TooManyAnswersError(case.id)
    codes = codes_of_guest(work, who.person_id, who.institution_id)
    journal_recording(work, case, consent.value, room_id, **codes)


def set_private(work: Work, case: Case, room_id: str, who: Answerer, *, is_private: bool) -> None:
    """Pause for privacy, or go on; raises NotRecordingError."""
    live = store.find_live(work.session, room_id, locked=True)
    if live is None or live.why is not None:
        raise NotRecordingError(case.id)
    if live.is_private is not is_private:
        store.save_step(work.session, live.id, is_private=is_private)
        codes = codes_of_guest(work, who.person_id, who.institution_id)
        word = "paused" if is_private else "resumed"
        journal_recording(work, case, word, room_id, recording=live.id, **codes)


def find_answer(work: Work, room_id: str, person_id: str) -> Answer | None:
    """What this person said last in this room."""
    found = {each.person_id: each for each in store.list_answers(work.session, room_id)}
    return found.get(PractitionerId(person_id))
