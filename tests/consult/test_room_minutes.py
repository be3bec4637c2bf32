"""A call goes on with another host, and its minutes are written by whoever is (VID-06)."""

import pytest

from consult.cases.model import Case
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.rooms import hosts, minutes, records, service_stay
from consult.rooms import service as rooms
from consult.rooms.errors import MinutesFullError, NotHostError
from consult.rooms.minutes import MOST_VERSIONS
from consult.rooms.model import RoomRole, StayEnd
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case
from tests.makers.rooms import call, come_in, let_in, room_book, show, talks

LIMITS = room_book().limits


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def change(clinic: Clinic) -> int:
    return len(clinic.system(hosts.change_hosts, limits=LIMITS))


def host_of(world: Consortium, case: Case) -> str:
    found = show(world, case, world.physician).open
    assert found is not None
    return found.host_id


def go(world: Consortium, case: Case, stay: str, how: StayEnd) -> None:
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=stay, how=how)


def meets(world: Consortium, case: Case) -> str:
    """The physician, who calls, a photographer, the leader and the expert are there."""
    claim(world, case, by=world.expert)
    call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    for who in (world.photographer, world.leader, world.expert):
        let_in(world, case, who, host=world.physician)
        come_in(world, case, who)
    return stay


def test_when_the_host_leaves_who_holds_the_case_is_host(world: Consortium, case: Case) -> None:
    stay = meets(world, case)
    assert change(world.clinic) == 0
    go(world, case, stay, StayEnd.LEFT)
    assert change(world.clinic) == 1
    assert host_of(world, case) == world.expert.person
    assert change(world.clinic) == 0
    let_in(world, case, world.colleague, host=world.expert)
    # who was host before comes again without knocking, and is a participant
    place = world.clinic.do(
        world.physician, service_stay.find_place, case_id=case.id, talks=talks()
    )
    assert place.role is RoomRole.PARTICIPANT
    [line] = [each for each in world.clinic.lines() if each.kind == "room.host_changed"]
    assert (line.codes["was"], line.codes["person"]) == (
        world.physician.person,
        world.expert.person,
    )


def test_whom_the_host_put_out_is_never_the_next_host(world: Consortium, case: Case) -> None:
    stay = meets(world, case)
    world.clinic.do(
        world.physician,
        rooms.answer_knock,
        case_id=case.id,
        person_id=world.expert.person,
        admitted=False,
        talks=talks(),
    )
    # her line is still being cut off in the moment in which the host leaves
    go(world, case, stay, StayEnd.LEFT)
    assert change(world.clinic) == 1
    assert host_of(world, case) == world.leader.person


def test_a_host_who_was_cut_off_is_waited_for(world: Consortium, case: Case) -> None:
    stay = meets(world, case)
    go(world, case, stay, StayEnd.LOST)
    soon = world.clinic.at(world.clinic.now + LIMITS.host_away_for)
    assert change(soon.later(seconds=-1)) == 0
    assert change(soon) == 1
    assert host_of(world, case) == world.expert.person


def test_a_photographer_alone_is_no_host(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    stay = come_in(world, case, world.physician)
    let_in(world, case, world.photographer, host=world.physician)
    come_in(world, case, world.photographer)
    go(world, case, stay, StayEnd.LEFT)
    assert change(world.clinic) == 0
    assert host_of(world, case) == world.physician.person


def write(world: Consortium, case: Case, who: Actor, content: str, *, room_id: str = "") -> None:
    wanted = room_id or show(world, case, world.physician).rooms[0].room.id
    world.clinic.do(
        who,
        minutes.write_minutes,
        case_id=case.id,
        room_id=wanted,
        content=content,
        talks=talks(),
    )


def test_the_host_writes_the_minutes_and_what_was_written_before_stays(
    world: Consortium, case: Case
) -> None:
    call(world, case, world.physician)
    write(world, case, world.physician, "建议 1 月内复查")
    for other in (world.expert, world.colleague):
        with pytest.raises(NotHostError):
            write(world, case, other, "x")
    with pytest.raises(NotFoundError):
        write(world, case, world.stranger, "x")
    with pytest.raises(RefusedError):
        write(world, case, world.physician, "x", room_id="elsewhere")
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    write(world, case, world.physician, "建议 2 周内复查")
    [found] = world.clinic.system(lambda work: records.list_calls(work, case))
    assert [(each.number, each.content) for each in found.minutes] == [
        (1, "建议 1 月内复查"),
        (2, "建议 2 周内复查"),
    ]
    for number in range(2, MOST_VERSIONS):
        write(world, case, world.physician, str(number))
    with pytest.raises(MinutesFullError):
        write(world, case, world.physician, "x")
