"""What a case keeps of its calls: who was there from when to when, and how good each line was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.cases.model import Case
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Work
from consult.rooms import showing_store, stay_store, store
from consult.rooms.counting import Counted, list_counted
from consult.rooms.minutes import Minutes, list_minutes
from consult.rooms.model import Quality, Room, ShownImage, Stay, quality_of
from consult.rooms.present import store as present_store
from consult.rooms.present.model import Present
from consult.rooms.turns import store as turn_store
from consult.rooms.turns.model import Turn
from consult.rooms.words import service as words
from consult.rooms.words.model import Word


@dataclass(frozen=True, slots=True)
class Participant:
    """One person in one call: every stay of every device, and her line.

    `quality` is what her browser measured, `counted` what the media process did.
    """

    person_id: PractitionerId
    institution_id: InstitutionId
    stays: Sequence[Stay]
    quality: Quality | None
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, with its people in the order of coming."""

    room: Room
    people: Sequence[Participant]
    minutes: Sequence[Minutes]
    shown: Sequence[ShownImage]
    turns: Sequence[Turn]
    present: Sequence[Present]
    words: Sequence[Word]


def list_calls(work: Work, case: Case) -> list[CallRecord]:
    """The newest calls of a case, the newest first; policy is the caller's to ask."""
    return [_record(work, room) for room in store.list_rooms(work.session, case.id)]


def call_as_plain(work: Work, call: CallRecord) -> Mapping[str, object]:
    """A call as JSON values, as its dossier has it."""
    room = call.room
    return {
        "id": room.id,
        "host_id": room.host_id,
        "institution_id": room.institution_id,
        "session_id": room.session_id,
        "opened_at": room.opened_at.isoformat(),
        "ended_at": None if room.ended_at is None else room.ended_at.isoformat(),
        "how": None if room.how is None else room.how.value,
        "people": [_person_as_plain(each) for each in call.people],
        "minutes": [
            {
                "id": each.id,
                "number": each.number,
                "author_id": each.author_id,
                "written_at": each.written_at.isoformat(),
                "content": each.content,
            }
            for each in call.minutes
        ],
        "shown": [_plain(each) for each in call.shown],
        "turns": [_plain(each) for each in call.turns],
        "present": [_plain(each) for each in call.present],
        "words": [_plain(each) | {"salt": words.salt_of(work, each.id)} for each in call.words],
    }


def _plain(fact: ShownImage | Turn | Present | Word) -> dict[str, object]:
    """Its fields as JSON values; of which call it is, the call says."""
    told = {name: getattr(fact, name) for name in fact.__slots__ if name != "room_id"}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
    }


def _record(work: Work, room: Room) -> CallRecord:
    counted = list_counted(work.session, room.id)
    samples = store.list_samples_of_people(work.session, room.id)
    by_person: dict[PractitionerId, list[Stay]] = {}
    for stay in stay_store.list_stays(work.session, room.id):
        by_person.setdefault(stay.person_id, []).append(stay)
    people = [
        Participant(
            person_id=person,
            institution_id=stays[0].institution_id,
            stays=stays,
            quality=quality_of(samples.get(person, [])),
            counted=counted.get(person),
        )
        for person, stays in by_person.items()
    ]
    return CallRecord(
        room,
        people,
        list_minutes(work.session, room.id),
        showing_store.list_shown(work.session, room.id),
        turn_store.list_turns(work.session, room.id),
        present_store.list_present(work.session, room.id),
        words.list_of_room(work, room.id),
    )


def _person_as_plain(person: Participant) -> Mapping[str, object]:
    return {
        "person_id": person.person_id,
        "institution_id": person.institution_id,
        "stays": [
            {
                "id": each.id,
                "device": each.device.value,
                "joined_at": each.joined_at.isoformat(),
                "left_at": None if each.left_at is None else each.left_at.isoformat(),
                "how": None if each.how is None else each.how.value,
            }
            for each in person.stays
        ],
        "quality": _facts(person.quality),
        "counted": _facts(person.counted),
    }


def _facts(found: Quality | Counted | None) -> Mapping[str, int] | None:
    return None if found is None else {name: getattr(found, name) for name in found.__slots__}
