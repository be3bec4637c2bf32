"""Writing in a call, and reading what was written: for members of the case and for guests."""

from hashlib import sha256
from unicodedata import normalize

from sqlalchemy import func, select

from consult.cases import service as cases
from consult.cases.model import Case
from consult.journal.rows import kept
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Work
from consult.rooms import store as rooms_store
from consult.rooms.errors import RoomCrowdedError
from consult.rooms.journalling import journal_of
from consult.rooms.links import service_guest
from consult.rooms.model import Room
from consult.rooms.rights import Talks, require_place, require_side
from consult.rooms.words.model import MOST_WORDS, Word
from consult.rooms.words.tables import WordRow


def say(work: Work, *, case_id: str, text: str, talks: Talks) -> Word:
    """Write in the open room, as somebody who is let in; raises NotAdmittedError and as there."""
    place = require_place(work, case_id, talks=talks)
    case = cases.get_case(work, case_id)
    return _save(work, case, place.room, work.actor.person, work.actor.institution, text)


def say_as_guest(work: Work, *, session_hash: str, text: str) -> Word:
    """The same for a guest; raises GuestUnknownError, NotAdmittedError."""
    place = service_guest.find_place(work, session_hash=session_hash)
    link = service_guest.get_link(work, session_hash=session_hash)
    case = cases.get_case(work, place.room.case_id)
    return _save(work, case, place.room, link.person_id, link.institution_id, text)


def list_words(work: Work, case_id: str, *, talks: Talks) -> list[Word]:
    """What was written in the calls of a case, the newest calls' last; also after its end."""
    case = require_side(work, case_id, talks=talks)
    rooms = [each.id for each in rooms_store.list_rooms(work.session, case.id)]
    return _list(work, rooms)


def list_as_guest(work: Work, *, session_hash: str) -> list[Word]:
    """What was written in this call, for a guest who is in it."""
    place = service_guest.find_place(work, session_hash=session_hash)
    return _list(work, [place.room.id])


def list_of_room(work: Work, room_id: str) -> list[Word]:
    """What was written in one call; policy is the caller's to ask."""
    return _list(work, [room_id])


def salt_of(work: Work, word_id: str) -> str:
    """What the hash of a message is made with, so that nobody guesses a short one from it."""
    return work.vault.blind(word_id, purpose="room word salt")


def _save(
    work: Work, case: Case, room: Room, person_id: str, institution_id: InstitutionId, text: str
) -> Word:
    count = select(func.count()).select_from(WordRow).where(WordRow.room_id == room.id)
    if (work.session.scalar(count) or 0) >= MOST_WORDS:
        raise RoomCrowdedError(case.id)
    word = Word(new_id(), room.id, person_id, institution_id, work.now, text)
    sealed = work.vault.seal(text, purpose=_purpose(word.id))
    work.session.add(
        WordRow(
            id=word.id,
            room_id=room.id,
            person_id=person_id,
            institution_id=institution_id,
            said_at=work.now,
            text=sealed,
        )
    )
    work.session.flush()
    plain = normalize("NFC", text)  # as a dossier has it
    hashed = sha256(f"{salt_of(work, word.id)}{plain}".encode()).hexdigest()
    told = {"word": word.id, "person": person_id, "sha256": hashed}
    journal_of(work, case, "room.said", room.id, **told, **kept(work, WordRow, word.id))
    return word


def _list(work: Work, room_ids: list[str]) -> list[Word]:
    statement = select(WordRow).where(WordRow.room_id.in_(room_ids)).order_by(WordRow.id.desc())
    found = work.session.scalars(statement.limit(MOST_WORDS))
    return [
        Word(
            row.id,
            row.room_id,
            row.person_id,
            InstitutionId(row.institution_id),
            row.said_at,
            work.vault.open(row.text, purpose=_purpose(row.id)),
        )
        for row in found
    ][::-1]


def _purpose(word_id: str) -> str:
    return f"room word:{word_id}"
