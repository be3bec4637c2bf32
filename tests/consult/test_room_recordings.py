"""A call is recorded only while everybody who is in it has agreed; one refusal is enough."""

from dataclasses import replace
from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.keys import SealBrokenError
from consult.kernel.work import Actor
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.errors import NotAdmittedError, NotCallerError
from consult.rooms.model import Room, StayEnd
from consult.rooms.recordings import kept, service, settling
from consult.rooms.recordings.errors import (
    NotRecordingError,
    RecordingFullError,
    RecordingRefusedError,
    TooManyAnswersError,
)
from consult.rooms.recordings.model import (
    HELD_FOR,
    MOST_AGREEMENTS,
    Plan,
    RecordingEnd,
    Wish,
)
from consult.rooms.recordings.planning import open_key, seal_key
from consult.studies.quotas import service as quotas
from consult.studies.quotas import store as quota_store
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.kept_recordings import SIZE_BYTES, make_part
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, let_in, talks


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


@pytest.fixture
def room(world: Consortium, case: Case) -> Room:
    """Physician and expert are in the call."""
    opened = call(world, case, world.physician)
    let_in(world, case, world.expert, host=world.physician)
    come_in(world, case, world.physician)
    come_in(world, case, world.expert)
    return opened


def do(world: Consortium, who: Actor, step: Any, case: Case, **more: Any) -> Any:
    return world.clinic.do(who, step, case_id=case.id, talks=talks(), **more)


def plan(world: Consortium, room: Room, **later: float) -> Plan | None:
    found: Plan | None = world.clinic.later(**later).system(settling.find_plan, room_id=room.id)
    return found


def wish(world: Consortium, room: Room, **later: float) -> Wish | None:
    found = plan(world, room, **later)
    return None if found is None else found.wish


def begin(world: Consortium, case: Case, room: Room) -> str:
    """Both agree, and the media process records; the recording's id."""
    do(world, world.physician, service.ask_recording, case)
    do(world, world.expert, service.answer, case, agreed=True)
    found = plan(world, room)
    assert found is not None
    assert found.wish is Wish.RECORD
    world.clinic.system(settling.note_began, recording_id=found.recording.id, agreed=found.agreed)
    return found.recording.id


def test_it_waits_for_everybody_and_its_key_is_kept_before_anything_is_recorded(
    world: Consortium, case: Case, room: Room
) -> None:
    do(world, world.physician, service.ask_recording, case)
    waiting = plan(world, room)
    assert waiting is not None
    assert (waiting.wish, waiting.awaited) == (Wish.WAIT, (world.expert.person,))
    assert waiting.key == b""
    do(world, world.expert, service.answer, case, agreed=True)
    ready = plan(world, room)
    assert ready is not None
    assert ready.wish is Wish.RECORD
    assert len(ready.key) == 32
    kinds = world.clinic.kinds()
    assert kinds.count("room.recording_asked") == 1
    assert kinds.count("room.recording_agreed") == 2
    do(world, world.physician, service.ask_recording, case)
    do(world, world.expert, service.answer, case, agreed=True)
    assert world.clinic.kinds().count("room.recording_agreed") == 2


def test_a_refusal_holds_for_the_call_and_only_she_changes_it(
    world: Consortium, case: Case, room: Room
) -> None:
    do(world, world.physician, service.ask_recording, case)
    do(world, world.expert, service.answer, case, agreed=False)
    refused = plan(world, room)
    assert refused is not None
    assert (refused.wish, refused.refused) == (Wish.STOP, (world.expert.person,))
    world.clinic.system(settling.note_ended, recording_id=refused.recording.id)
    assert plan(world, room) is None
    with pytest.raises(RecordingRefusedError):
        do(world, world.physician, service.ask_recording, case)
    shown = do(world, world.physician, service.show, case)
    assert shown.last.why is RecordingEnd.REFUSED
    assert "room.recording_not_begun" in world.clinic.kinds()
    do(world, world.expert, service.answer, case, agreed=True)
    do(world, world.physician, service.ask_recording, case)
    assert wish(world, room) is Wish.RECORD


def test_consent_that_is_taken_back_ends_it(world: Consortium, case: Case, room: Room) -> None:
    recording_id = begin(world, case, room)
    do(world, world.expert, service.answer, case, agreed=False)
    assert "room.recording_withdrawn" in world.clinic.kinds()
    assert wish(world, room) is Wish.STOP
    do(world, world.expert, service.answer, case, agreed=True)
    assert wish(world, room) is Wish.STOP  # what was to end does not go on
    world.clinic.system(settling.note_ended, recording_id=recording_id)
    world.clinic.system(settling.note_ended, recording_id=recording_id)
    assert world.clinic.kinds().count("room.recording_ended") == 1


def test_who_comes_in_holds_it_until_she_has_agreed_or_left(
    world: Consortium, case: Case, room: Room
) -> None:
    begin(world, case, room)
    let_in(world, case, world.photographer, host=world.physician)
    assert do(world, world.expert, service.hold_for_newcomer, case) is False
    assert wish(world, room) is Wish.RECORD
    assert do(world, world.photographer, service.hold_for_newcomer, case) is True
    assert wish(world, room) is Wish.PAUSE
    past = HELD_FOR.total_seconds() + 1
    assert wish(world, room, seconds=past) is Wish.RECORD  # she never came
    stay_id = come_in(world, case, world.photographer)
    found = plan(world, room, seconds=past)
    assert found is not None
    assert (found.wish, found.awaited) == (Wish.PAUSE, (world.photographer.person,))
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=stay_id, how=StayEnd.LEFT)
    assert wish(world, room, seconds=past) is Wish.RECORD


def test_anybody_in_it_pauses_and_who_leads_goes_on(
    world: Consortium, case: Case, room: Room
) -> None:
    begin(world, case, room)
    do(world, world.expert, service.pause, case)
    do(world, world.expert, service.pause, case)
    assert wish(world, room) is Wish.PAUSE
    assert world.clinic.kinds().count("room.recording_paused") == 1
    with pytest.raises(NotCallerError):
        do(world, world.expert, service.resume, case)
    with pytest.raises(NotCallerError):
        do(world, world.expert, service.stop, case)
    do(world, world.physician, service.resume, case)
    assert wish(world, room) is Wish.RECORD
    do(world, world.physician, service.stop, case)
    assert wish(world, room) is Wish.STOP


def test_who_stopped_it_stands_in_the_journal_once(
    world: Consortium, case: Case, room: Room
) -> None:
    recording_id = begin(world, case, room)
    for _ in range(2):
        do(world, world.physician, service.stop, case)
    world.clinic.system(settling.note_ended, recording_id=recording_id)
    stopped, ended = [
        line
        for line in world.clinic.lines()
        if line.kind in {"room.recording_stopped", "room.recording_ended"}
    ]
    assert (stopped.kind, stopped.practitioner_id) == (
        "room.recording_stopped",
        world.physician.person,
    )
    assert stopped.codes == {"room": room.id, "recording": recording_id}
    assert (ended.practitioner_id, ended.codes["how"]) == (None, "stopped")


def test_nobody_outside_and_nothing_without_a_question(
    world: Consortium, case: Case, room: Room
) -> None:
    for step in (service.pause, service.resume, service.stop):
        with pytest.raises(NotRecordingError):
            do(world, world.physician, step, case)
    with pytest.raises(NotRecordingError):
        do(world, world.expert, service.answer, case, agreed=True)
    for step in (service.ask_recording, service.pause, service.show):
        with pytest.raises(NotAdmittedError):
            do(world, world.photographer, step, case)
    assert plan(world, room) is None


def test_it_ends_with_the_room_and_answers_are_bounded(
    world: Consortium, case: Case, room: Room
) -> None:
    recording_id = begin(world, case, room)
    for _ in range(1, MOST_AGREEMENTS):
        do(world, world.expert, service.answer, case, agreed=False)
        do(world, world.expert, service.answer, case, agreed=True)
    do(world, world.expert, service.answer, case, agreed=False)
    with pytest.raises(TooManyAnswersError):
        do(world, world.expert, service.answer, case, agreed=True)
    do(world, world.physician, rooms.end_room, case)
    assert wish(world, room) is Wish.STOP
    world.clinic.system(settling.note_ended, recording_id=recording_id)
    assert plan(world, room) is None


def test_a_part_is_kept_once_and_found_by_who_may_hear_what_was_said(
    world: Consortium, case: Case, room: Room
) -> None:
    recording_id = begin(world, case, room)
    part = make_part(case, recording_id, 7)
    assert world.clinic.system(kept.keep_part, part=part) is True
    assert world.clinic.system(kept.keep_part, part=part) is False
    unknown = replace(part, recording_id=new_id(), sequence=8)
    assert world.clinic.system(kept.keep_part, part=unknown) is False
    ids = {"recording_id": recording_id, "track_id": part.tracks[0].id}
    found = do(world, world.expert, kept.get_track, case, **ids)
    assert found.blob == part.tracks[0].blob
    do(world, world.expert, kept.play_track, case, **ids)
    do(world, world.physician, kept.take_out_track, case, **ids, reason="archive")
    kinds = world.clinic.kinds()
    assert kinds[-2:] == ["room.recording_played", "room.recording_downloaded"]
    other = make_read_case(world, document_number=citizen_number(41))
    with pytest.raises(NotFoundError):
        do(world, world.expert, kept.get_track, other, **ids)
    with pytest.raises(NotFoundError):
        do(world, world.expert, kept.get_recording, other, recording_id=recording_id)
    key = part.tracks[0].blob.key
    assert world.clinic.system(kept.named_keys, keys={key, "a/b"}) == {key}


def used(world: Consortium, case: Case) -> int:
    usage = world.clinic.system(quotas.get_usage, institution_id=case.institution_id)
    return usage.size_bytes


def test_what_is_kept_counts_among_what_its_institution_keeps(
    world: Consortium, case: Case, room: Room
) -> None:
    recording_id = begin(world, case, room)
    before = used(world, case)
    part = make_part(case, recording_id, 7)
    for _ in range(2):  # taken once, however often it is told
        world.clinic.system(kept.keep_part, part=part)
    assert used(world, case) == before + SIZE_BYTES


def test_none_begins_where_the_institution_keeps_as_much_as_it_may_and_the_last_part_is_kept(
    world: Consortium, case: Case, room: Room
) -> None:
    recording_id = begin(world, case, room)
    full = used(world, case) or 1
    world.clinic.system(quotas.count, institution_id=case.institution_id, size_bytes=full)
    bound(world, case, full)
    assert world.clinic.system(kept.keep_part, part=make_part(case, recording_id, 1)) is True
    do(world, world.physician, service.stop, case)
    world.clinic.system(settling.note_ended, recording_id=recording_id)
    with pytest.raises(RecordingFullError):
        do(world, world.physician, service.ask_recording, case)
    bound(world, case, 4_000_000_000)
    do(world, world.physician, service.ask_recording, case)


def bound(world: Consortium, case: Case, most_bytes: int) -> None:
    def step(work: Any) -> None:
        quota_store.make(work.session, case.institution_id)
        quota_store.save_bounds(
            work.session, case.institution_id, most_bytes=most_bytes, most_instances=None
        )

    world.clinic.system(step)


def test_a_key_is_of_one_recording_alone(world: Consortium) -> None:
    def step(work: Any) -> None:
        sealed = seal_key(work, "one", b"k" * 32)
        assert open_key(work, "one", sealed) == b"k" * 32
        with pytest.raises(SealBrokenError):
            open_key(work, "other", sealed)

    world.clinic.system(step)
