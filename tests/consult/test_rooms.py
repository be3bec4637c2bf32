"""A video room belongs to a case: who calls, who is let in, when it ends."""

import pytest
from sqlalchemy import text, update

from consult.cases import service_end
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.keys import SealBrokenError
from consult.kernel.work import Work
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.errors import (
    NobodyKnockedError,
    NotAdmittedError,
    NotCallerError,
    NotHostError,
    RoomCaseClosedError,
    RoomCrowdedError,
    RoomNotOpenError,
)
from consult.rooms.model import (
    GOES_ON_FOR,
    MOST_KNOCKS,
    MOST_STAYS,
    KnockState,
    Measured,
    RoomDevice,
    RoomRole,
    StayEnd,
)
from consult.rooms.tables import KnockRow, RoomRow, StayRow
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case
from tests.makers.rooms import KEY, call, come_in, let_in, room_book, show, talks
from tests.makers.second_readings import rules_on

LIMITS = room_book().limits


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def place(world: Consortium, case: Case, who: str = "expert", **later: float) -> RoomRole:
    clinic = world.clinic.later(**later)
    found = clinic.do(getattr(world, who), service_stay.find_place, case_id=case.id, talks=talks())
    assert found.key == KEY
    return found.role


def test_the_physician_calls_and_the_expert_comes_in_once_she_is_let_in(
    world: Consortium, case: Case
) -> None:
    room = call(world, case, world.physician)
    assert place(world, case, "physician") is RoomRole.HOST
    with pytest.raises(NotAdmittedError):
        place(world, case)
    waiting = world.clinic.do(world.expert, rooms.knock, case_id=case.id, talks=talks())
    assert waiting.state is KnockState.WAITING
    with pytest.raises(NotAdmittedError):
        come_in(world, case, world.expert)
    assert [each.person_id for each in show(world, case, world.physician).knocks] == [
        world.expert.person
    ]
    assert show(world, case, world.expert).knocks == []

    let_in(world, case, world.expert, host=world.physician)
    assert place(world, case) is RoomRole.PARTICIPANT
    assert show(world, case, world.expert).open == room

    let_in(world, case, world.expert, host=world.physician, admitted=False)
    with pytest.raises(NotAdmittedError):
        place(world, case)
    asked = world.clinic.do(world.expert, rooms.knock, case_id=case.id, talks=talks())
    assert asked.state is KnockState.WAITING


def test_who_calls_is_the_one_who_asked_or_the_expert_who_holds_the_case(
    world: Consortium, case: Case
) -> None:
    for actor in (world.colleague, world.photographer, world.expert, world.leader):
        with pytest.raises(NotCallerError):
            call(world, case, actor)
    with pytest.raises(NotFoundError):
        call(world, case, world.stranger)
    claim(world, case, by=world.expert)
    room = call(world, case, world.expert)
    assert room.host_id == world.expert.person
    with pytest.raises(NotCallerError):
        call(world, case, world.leader)


def test_a_case_has_one_open_room_whoever_calls_first(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    first = call(world, case, world.expert)
    assert call(world, case, world.physician) == first
    assert world.clinic.kinds().count("room.opened") == 1
    with pytest.raises(NotHostError):
        let_in(world, case, world.colleague, host=world.physician)
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    second = call(world, case, world.physician, clinic=world.clinic.later(minutes=1))
    assert second.id != first.id
    ends = [each.room.ended_at is None for each in show(world, case, world.physician).rooms]
    assert ends == [True, False]


def test_nobody_of_another_house_and_no_blind_reader_comes_near(
    world: Consortium, case: Case
) -> None:
    call(world, case, world.physician)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, rooms.knock, case_id=case.id, talks=talks())
    blind = talks(rules_on())
    with pytest.raises(NotFoundError):
        world.clinic.do(world.expert, rooms.knock, case_id=case.id, talks=blind)
    claim(world, case, by=world.expert)
    known = world.clinic.do(world.expert, rooms.knock, case_id=case.id, talks=blind)
    assert known.state is KnockState.WAITING


def test_there_is_no_room_before_the_case_is_sent_nor_after_it_has_ended(
    world: Consortium, case: Case
) -> None:
    draft = make_draft(world, make_patient(world, document_number=citizen_number(41)))
    with pytest.raises(RoomCaseClosedError):
        call(world, draft, world.physician)
    with pytest.raises(RoomNotOpenError):
        place(world, case, "physician")
    room = call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    world.clinic.do(
        world.physician,
        service_end.withdraw_case,
        case_id=case.id,
        revision=case.revision,
        reason="患者已转院就诊",
    )
    with pytest.raises(RoomCaseClosedError):
        place(world, case, "physician")
    assert world.clinic.system(service_stay.end_over, limits=LIMITS) == [room.id]
    assert world.clinic.system(service_stay.end_over, limits=LIMITS) == []
    record = show(world, case, world.physician)
    assert (record.open, record.may_call) == (None, False)
    assert record.rooms[0].attendances[0].person_id == world.physician.person
    ended = [line for line in world.clinic.lines() if line.kind == "room.ended"]
    assert [line.codes["how"] for line in ended] == ["case_ended"]
    left = [line for line in world.clinic.lines() if line.kind == "room.left"]
    assert [line.codes["how"] for line in left] == ["ended"]
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=stay, how=StayEnd.LOST)
    assert world.clinic.kinds().count("room.left") == 1


def test_two_devices_and_a_broken_line_are_one_attendance(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    let_in(world, case, world.expert, host=world.physician)
    first = come_in(world, case, world.expert)
    come_in(world, case, world.expert, device=RoomDevice.COMPANION)
    come_in(world, case, world.expert, clinic=world.clinic.later(minutes=3))
    world.clinic.later(minutes=4).system(
        service_stay.go, case_id=case.id, stay_id=first, how=StayEnd.LEFT
    )
    record = show(world, case, world.physician).rooms[0]
    [attendance] = record.attendances
    assert (attendance.person_id, attendance.stays) == (world.expert.person, 3)
    assert (attendance.joined_at, attendance.left_at) == (world.clinic.now, None)
    lost = [line for line in world.clinic.lines() if line.kind == "room.left"]
    assert [(line.codes["device"], line.codes["how"]) for line in lost] == [("first", "lost")]


def test_a_stay_whose_server_has_gone_ends_when_it_was_last_seen(
    world: Consortium, case: Case
) -> None:
    call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    seen = world.clinic.later(seconds=20)
    seen.system(service_stay.mark_seen, stay_id=stay)
    later = seen.at(seen.now + 3 * LIMITS.seen_every)
    later.system(service_stay.end_lost, limits=LIMITS)
    assert world.clinic.kinds().count("room.left") == 0
    later.later(seconds=1).system(service_stay.end_lost, limits=LIMITS)
    [attendance] = show(world, case, world.physician).rooms[0].attendances
    assert attendance.left_at == seen.now


def test_an_empty_room_ends_after_a_while_and_an_occupied_one_does_not(
    world: Consortium, case: Case
) -> None:
    room = call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    long_after = world.clinic.at(world.clinic.now + 5 * LIMITS.empty_for)
    assert long_after.system(service_stay.end_over, limits=LIMITS) == []
    long_after.system(service_stay.go, case_id=case.id, stay_id=stay, how=StayEnd.LEFT)
    still = long_after.at(long_after.now + LIMITS.empty_for)
    assert still.system(service_stay.end_over, limits=LIMITS) == []
    over = still.later(seconds=1)
    assert over.system(service_stay.end_over, limits=LIMITS) == [room.id]


def test_what_browsers_measured_is_kept_now_and_then(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    told = (Measured(10, 40, 640, 480), Measured(0, 20, 320, 240), Measured(200, 600, 320, 240))
    for number, measured in enumerate(told):
        clinic = world.clinic.at(world.clinic.now + number * LIMITS.sampled_every)
        for kept in (True, False):
            found = clinic.do(
                world.physician,
                service_stay.measure,
                case_id=case.id,
                measured=measured,
                limits=LIMITS,
                talks=talks(),
            )
            assert found is kept
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    late = world.clinic.at(world.clinic.now + len(told) * LIMITS.sampled_every)
    facts = {"case_id": case.id, "measured": told[0], "limits": LIMITS, "talks": talks()}
    assert not late.do(world.physician, service_stay.measure, **facts), "the call has ended"
    quality = show(world, case, world.physician).rooms[0].quality
    assert quality is not None
    assert (quality.samples, quality.median_lost_per_mille, quality.most_lost_per_mille) == (
        3,
        10,
        200,
    )
    assert (quality.median_round_trip_ms, quality.most_round_trip_ms) == (40, 600)
    assert (quality.largest_width, quality.largest_height) == (640, 480)
    assert world.clinic.kinds().count("room.measured") == 3


def test_the_key_is_sealed_bound_to_its_room_and_forgotten_with_it(
    world: Consortium, case: Case
) -> None:
    room = call(world, case, world.physician)
    stored = world.clinic.system(_stored_key)
    assert stored is not None
    assert KEY not in stored
    world.clinic.system(_move_key, room_id=room.id)
    with pytest.raises(SealBrokenError):
        place(world, case, "physician")
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    assert world.clinic.system(_stored_key) is None


def _stored_key(work: Work) -> bytes | None:
    found = work.session.scalar(text("SELECT key FROM rooms"))
    return None if found is None else bytes(found)


def _move_key(work: Work, room_id: str) -> None:
    sealed = work.vault.seal_bytes(KEY, purpose="room key:another")
    work.session.execute(update(RoomRow).where(RoomRow.id == room_id).values(key=sealed))


def test_a_door_and_a_record_have_their_bounds(world: Consortium, case: Case) -> None:
    room = call(world, case, world.physician)
    with pytest.raises(NobodyKnockedError):
        world.clinic.do(
            world.physician,
            rooms.answer_knock,
            case_id=case.id,
            person_id=world.expert.person,
            admitted=True,
            talks=talks(),
        )
    world.clinic.system(_crowd, room_id=room.id)
    with pytest.raises(RoomCrowdedError):
        world.clinic.do(world.expert, rooms.knock, case_id=case.id, talks=talks())
    with pytest.raises(RoomCrowdedError):
        come_in(world, case, world.physician)


def _crowd(work: Work, room_id: str) -> None:
    for number in range(MOST_KNOCKS):
        row = KnockRow(room_id=room_id, person_id=f"person-{number}", institution_id="elsewhere")
        row.state, row.knocked_at = KnockState.WAITING, work.now
        work.session.add(row)
    for number in range(MOST_STAYS):
        stay = StayRow(id=f"stay-{number}", room_id=room_id, person_id="nobody")
        stay.institution_id, stay.device = "elsewhere", RoomDevice.FIRST
        stay.joined_at = stay.seen_at = stay.left_at = work.now
        work.session.add(stay)


def test_the_journal_tells_of_every_step_and_nobodys_name(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    let_in(world, case, world.expert, host=world.physician)
    come_in(world, case, world.expert)
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    lines = [line for line in world.clinic.lines() if line.kind.startswith("room.")]
    assert [line.kind for line in lines] == [
        *("room.opened", "room.knocked", "room.admitted", "room.joined", "room.left", "room.ended"),
    ]
    assert {line.case_id for line in lines} == {case.id}
    assert all(line.words_hash is None for line in lines)


def test_a_line_that_comes_again_at_once_goes_on_with_its_stay(
    world: Consortium, case: Case
) -> None:
    call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    broke = world.clinic.now
    soon = world.clinic.later(seconds=2)
    assert come_in(world, case, world.physician, clinic=soon) == stay
    # the line before is heard to have ended only now
    old = {"case_id": case.id, "stay_id": stay, "seen_at": broke}
    for how in (StayEnd.LOST, StayEnd.LEFT):
        soon.later(seconds=6).system(service_stay.go, how=how, **old)
    assert soon.system(service_stay.mark_seen, stay_id=stay, before=broke) is None
    [attendance] = show(world, case, world.physician).rooms[0].attendances
    assert (attendance.stays, attendance.left_at) == (1, None)
    own = {"case_id": case.id, "stay_id": stay, "seen_at": soon.now}
    soon.later(seconds=8).system(service_stay.go, how=StayEnd.LOST, **own)
    [attendance] = show(world, case, world.physician).rooms[0].attendances
    assert attendance.left_at == soon.now, "whoever was lost had gone when she last was seen"
    assert come_in(world, case, world.physician, clinic=soon.later(seconds=9)) != stay


def test_a_line_that_comes_again_late_has_another_stay(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    late = world.clinic.at(world.clinic.now + GOES_ON_FOR).later(seconds=1)
    assert come_in(world, case, world.physician, clinic=late) != stay


def test_who_was_cut_off_comes_back_into_a_record_that_takes_nobody_further(
    world: Consortium, case: Case
) -> None:
    room = call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    world.clinic.system(_crowd, room_id=room.id)
    assert come_in(world, case, world.physician, clinic=world.clinic.later(seconds=2)) == stay
