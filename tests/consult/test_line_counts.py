"""Counters that only add up are written once each, whatever connections come and go (VID-10)."""

from consult.cases.model import Case
from consult.rooms import counting
from consult.rooms import service as rooms
from consult.rooms.counting import Counted
from server.rooms.line_counts import LineCounts, read_counted
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, make_consortium
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, talks


def counted(packets: int, lost: int = 0, resent: int = 0, worst: int = 0) -> Counted:
    return Counted(packets, lost, resent, worst)


def test_what_is_new_is_told_by_person_and_a_new_connection_begins_anew() -> None:
    counts = LineCounts()
    first = {"ann/first": counted(100, 3), "ann/companion": counted(10), "bob/first": counted(50)}
    assert dict(counts.news_of("r", first)) == {"ann": counted(110, 3), "bob": counted(50)}
    assert dict(counts.news_of("r", first)) == {"ann": counted(0), "bob": counted(0)}
    again = {"ann/first": counted(20, 1), "bob/first": counted(80, 2, 5, 40)}
    assert dict(counts.news_of("r", again)) == {
        "ann": counted(20, 1),
        "bob": counted(30, 2, 5, 40),
    }
    counts.forget_all_but(["elsewhere"])
    assert counts.rooms == {}


def test_what_the_media_process_says_is_read_whole() -> None:
    sends = [{"packets": 70, "lost": 2}, {"packets": 30, "lost": 1}]
    receives = [{"resent": 4, "lost_of_256": 64}, {"resent": 1, "lost_of_256": 0}]
    assert read_counted({"sends": sends, "receives": receives}) == counted(100, 3, 5, 250)
    assert read_counted({}) == counted(0)


def test_a_room_keeps_the_sum_and_the_journal_is_told_once(clinic: Clinic) -> None:
    world: Consortium = make_consortium(clinic)
    case: Case = make_read_case(world)
    room = call(world, case, world.physician)
    person = str(world.physician.person)

    def add(more: Counted, *, is_known: bool) -> None:
        told = {"room_id": room.id, "counted": [(person, more)], "is_known": is_known}
        world.clinic.system(counting.add_counted, **told)

    add(counted(100, 3, 2, 40), is_known=False)
    add(counted(50, 1, 0, 90), is_known=True)
    add(counted(150, 4, 2, 90), is_known=False)  # another process counts from the beginning
    found = world.clinic.system(lambda work: counting.list_counted(work.session, room.id))
    assert found == {person: counted(150, 4, 2, 90)}
    assert "room.counted" not in world.clinic.kinds()
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    [line] = [each for each in world.clinic.lines() if each.kind == "room.counted"]
    assert (line.codes["person"], line.codes["packets"], line.codes["lost"]) == (person, 150, 4)
    add(counted(9), is_known=True)
    found = world.clinic.system(lambda work: counting.list_counted(work.session, room.id))
    assert found == {person: counted(150, 4, 2, 90)}
