"""What was looked at together is on record: which picture, from when to when, shown by whom."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from consult.cases.model import Case
from consult.kernel.work import Actor, Work
from consult.rooms import service as rooms
from consult.rooms import service_showing
from consult.rooms.errors import NotAdmittedError
from consult.rooms.model import MOST_SHOWINGS, ShownImage
from consult.rooms.tables import ShowingRow
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, let_in, room_book, show, talks

LIMITS = room_book().limits


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def note(
    world: Consortium, case: Case, by: Actor, image: str, presenter: Actor, after_s: int
) -> bool:
    """The room looks at this picture, so many seconds after the test began."""
    clinic = world.clinic.at(world.clinic.now + timedelta(seconds=after_s))
    return bool(
        clinic.do(
            by,
            service_showing.note_shown,
            case_id=case.id,
            image_id=image,
            presenter_id=presenter.person if image else "",
            limits=LIMITS,
            talks=talks(),
        )
    )


def shown(world: Consortium, case: Case) -> list[ShownImage]:
    return show(world, case, world.physician).rooms[0].shown


def test_each_picture_ends_where_the_next_or_another_hand_begins(
    world: Consortium, case: Case
) -> None:
    call(world, case, world.physician)
    let_in(world, case, world.expert, host=world.physician)
    assert note(world, case, world.expert, "left", world.expert, 10)
    assert not note(world, case, world.expert, "left", world.expert, 11), "it is written already"
    assert note(world, case, world.expert, "right", world.expert, 30)
    assert note(world, case, world.expert, "right", world.physician, 40)
    assert note(world, case, world.physician, "", world.physician, 50)
    began = world.clinic.now - LIMITS.shown_after
    times = [(each.image_id, each.presenter_id) for each in shown(world, case)]
    assert times == [
        ("left", world.expert.person),
        ("right", world.expert.person),
        ("right", world.physician.person),
    ]
    seconds = [
        ((each.begun_at - began).seconds, ((each.ended_at or began) - began).seconds)
        for each in shown(world, case)
    ]
    assert seconds == [(10, 30), (30, 40), (40, 51)]
    assert not note(world, case, world.physician, "", world.physician, 60)
    told = [line for line in world.clinic.lines() if line.kind == "room.shown"]
    assert len(told) == 4
    assert {line.case_id for line in told} == {case.id}


def test_the_end_of_the_call_ends_what_was_shown(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    assert note(world, case, world.physician, "left", world.physician, 5)
    later = world.clinic.at(world.clinic.now + timedelta(seconds=60))
    later.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    assert [each.ended_at for each in shown(world, case)] == [later.now]


def test_nobody_who_is_not_let_in_writes_into_the_record(world: Consortium, case: Case) -> None:
    call(world, case, world.physician)
    with pytest.raises(NotAdmittedError):
        note(world, case, world.expert, "left", world.expert, 5)
    assert shown(world, case) == []


def test_a_room_keeps_so_many_pictures_and_ends_the_last_of_them(
    world: Consortium, case: Case
) -> None:
    room = call(world, case, world.physician)
    world.clinic.system(_fill, room_id=room.id)
    assert note(world, case, world.physician, "one more", world.physician, 5)
    assert not note(world, case, world.physician, "and more", world.physician, 6)
    assert len(shown(world, case)) == MOST_SHOWINGS
    assert world.clinic.system(_count_open) == 0


def _fill(work: Work, room_id: str) -> None:
    for number in range(MOST_SHOWINGS):
        row = ShowingRow(id=f"showing-{number}", room_id=room_id, image_id="picture")
        row.presenter_id, row.begun_at = "somebody", work.now
        row.ended_at = work.now if number else None
        work.session.add(row)


def _count_open(work: Work) -> int:
    asked = text("SELECT count(*) FROM room_showings WHERE ended_at IS NULL")
    return int(work.session.scalar(asked) or 0)
