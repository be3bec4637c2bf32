"""Hands are raised in a call, and the host gives the word in their order (VID-06)."""

from functools import partial

import pytest

from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.errors import NotAdmittedError, NotHostError, RoomNotOpenError
from consult.rooms.model import StayEnd
from consult.rooms.turns import model, store
from consult.rooms.turns import service as turns
from consult.rooms.turns.errors import HandNotRaisedError, TurnsFullError
from consult.rooms.turns.model import TurnEnd
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case
from tests.makers.rooms import call, come_in, let_in, room_book, talks

LIMITS = room_book().limits


@pytest.fixture
def case(world: Consortium) -> Case:
    """The physician calls; the leader, the expert and a colleague are in the room."""
    found = make_read_case(world)
    claim(world, found, by=world.expert)
    call(world, found, world.physician)
    come_in(world, found, world.physician)
    for who in (world.leader, world.expert, world.colleague):
        let_in(world, found, who, host=world.physician)
    return found


def hand(
    world: Consortium, case: Case, who: Actor, *, raised: bool = True, at: Clinic | None = None
) -> None:
    step = partial(turns.show_hand, case_id=case.id, talks=talks())
    (at or world.clinic).do(who, step, raised=raised)


def word(world: Consortium, case: Case, who: Actor, to: Actor, *, given: bool = True) -> None:
    step = turns.give_word if given else turns.take_word
    world.clinic.do(who, step, case_id=case.id, person_id=to.person, talks=talks())


def order(world: Consortium, case: Case, *, seen_by: Actor | None = None) -> list[tuple[str, bool]]:
    """Who stands in the list, and who has the word."""
    who = seen_by or world.expert
    found = world.clinic.do(who, turns.list_speakers, case_id=case.id, talks=talks())
    return [(each.turn.person_id, each.turn.is_speaking) for each in found.turns]


def test_hands_stand_in_the_order_in_which_they_were_raised_and_everybody_sees_it(
    world: Consortium, case: Case
) -> None:
    for minute, who in enumerate((world.leader, world.colleague, world.expert)):
        hand(world, case, who, at=world.clinic.later(minutes=minute))
    hand(world, case, world.leader, at=world.clinic.later(minutes=9))  # again
    leader, colleague, expert = (
        each.person for each in (world.leader, world.colleague, world.expert)
    )
    for seen_by in (world.physician, world.expert, world.colleague):
        assert order(world, case, seen_by=seen_by) == [
            (leader, False),
            (colleague, False),
            (expert, False),
        ]
    word(world, case, world.physician, world.colleague)
    assert order(world, case) == [(colleague, True), (leader, False), (expert, False)]
    word(world, case, world.physician, world.expert)
    assert order(world, case) == [(expert, True), (leader, False)]
    word(world, case, world.physician, world.expert, given=False)
    assert order(world, case) == [(leader, False)]
    hand(world, case, world.leader, raised=False)
    assert order(world, case) == []
    hand(world, case, world.leader, raised=False)  # nothing is raised, and nothing happens


def test_the_record_says_who_had_the_word_from_when_to_when(world: Consortium, case: Case) -> None:
    hand(world, case, world.expert)
    word(world, case, world.physician, world.expert)
    word(world, case, world.physician, world.expert)  # she has it
    hand(world, case, world.leader)
    word(world, case, world.physician, world.leader)
    hand(world, case, world.leader, raised=False)
    lines = [each for each in world.clinic.lines() if "turn" in each.codes]
    assert [(each.kind, each.codes["person"], each.codes.get("how")) for each in lines] == [
        ("room.hand_raised", world.expert.person, None),
        ("room.word_given", world.expert.person, None),
        ("room.hand_raised", world.leader.person, None),
        ("room.word_ended", world.expert.person, TurnEnd.PASSED_ON),
        ("room.word_given", world.leader.person, None),
        ("room.word_ended", world.leader.person, TurnEnd.GIVEN_BACK),
    ]


def test_only_the_host_gives_the_word_and_only_to_a_raised_hand(
    world: Consortium, case: Case
) -> None:
    hand(world, case, world.expert)
    for who in (world.expert, world.leader, world.colleague):
        for given in (True, False):
            with pytest.raises(NotHostError):
                word(world, case, who, world.expert, given=given)
    with pytest.raises(HandNotRaisedError):
        word(world, case, world.physician, world.leader)
    with pytest.raises(NotAdmittedError):
        hand(world, case, world.photographer)
    with pytest.raises(NotAdmittedError):
        order(world, case, seen_by=world.photographer)
    with pytest.raises(NotFoundError):
        hand(world, case, world.stranger)
    assert order(world, case) == [(world.expert.person, False)]


def test_a_cut_line_keeps_the_turn_and_a_long_absence_ends_it(
    world: Consortium, case: Case
) -> None:
    stay = come_in(world, case, world.expert)
    hand(world, case, world.expert)
    word(world, case, world.physician, world.expert)
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=stay, how=StayEnd.LOST)
    found = world.clinic.do(world.physician, turns.list_speakers, case_id=case.id, talks=talks())
    assert [each.is_here for each in found.turns] == [False]
    soon = world.clinic.at(world.clinic.now + LIMITS.host_away_for)
    soon.later(seconds=-1).system(turns.end_absent, limits=LIMITS)
    assert order(world, case) == [(world.expert.person, True)]
    again = come_in(world, case, world.expert)
    soon.system(turns.end_absent, limits=LIMITS)
    assert order(world, case) == [(world.expert.person, True)]
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=again, how=StayEnd.LEFT)
    soon.system(turns.end_absent, limits=LIMITS)
    assert order(world, case) == []


def test_who_is_put_out_waits_no_more_and_with_the_room_every_turn_is_over(
    world: Consortium, case: Case
) -> None:
    stay = come_in(world, case, world.leader)
    room_id = world.clinic.do(
        world.expert, turns.list_speakers, case_id=case.id, talks=talks()
    ).room.id
    hand(world, case, world.leader)
    hand(world, case, world.expert)
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=stay, how=StayEnd.REMOVED)
    assert order(world, case) == [(world.expert.person, False)]
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    with pytest.raises(RoomNotOpenError):
        order(world, case)
    kept = world.clinic.system(lambda work: store.list_turns(work.session, room_id))
    assert [each.how for each in kept] == [TurnEnd.ABSENT, TurnEnd.ENDED]


def test_turns_are_bounded(world: Consortium, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_TURNS", 2)
    for _ in range(2):
        hand(world, case, world.expert)
        hand(world, case, world.expert, raised=False)
    with pytest.raises(TurnsFullError):
        hand(world, case, world.expert)
    assert model.MOST_TURNS == 500
