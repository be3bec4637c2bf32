"""A call rings the other side one after the other, until somebody answers (VID-08)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.calendar.video import service_offer
from consult.cases.model import Case
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.errors import (
    NotAdmittedError,
    NotHostError,
    NotRungError,
    RingsSpentError,
    RingTakenError,
)
from consult.rooms.model import RoomRole
from consult.rooms.ringing import service as ringing
from consult.rooms.ringing.model import (
    NEXT_RING_STATE,
    Ring,
    RingAnswer,
    RingOutcome,
    RingState,
    Round,
    answer,
    begin,
    came_in,
    hear,
    may_answer,
    outcome_of,
    parse_ring_rules,
    stop,
    tick,
)
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.rooms import call_and_ring, let_in, make_room, ring_rules, room_book, show, talks
from tests.makers.rulebooks import broken, read_config
from tests.makers.second_readings import rules_on
from tests.makers.video_sessions import video_rules

RULES = ring_rules()
START = datetime(2026, 1, 5, 0, 20, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cid", "dan")
ACTS = st.one_of(
    st.tuples(st.just("wait"), st.integers(min_value=0, max_value=60)),
    st.tuples(st.sampled_from(RingAnswer), st.sampled_from((*PEOPLE, "eve"))),
    st.tuples(st.just("came"), st.sampled_from((*PEOPLE, "eve"))),
    st.tuples(st.just("hear"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("stop"), st.just("")),
)


def make_round(count: int) -> Round:
    rings = [
        Ring(name, 1, number, PractitionerId(name), InstitutionId("lead"))
        for number, name in enumerate(PEOPLE[:count], start=1)
    ]
    return begin(rings, now=START)


def act(rings: Round, what: object, on: object, now: datetime) -> Round:
    if isinstance(what, RingAnswer):
        return answer(rings, str(on), what, now=now)
    if what == "came":
        return came_in(rings, str(on), now=now)
    if what == "hear":
        return hear(rings, str(on), now=now)
    return stop(rings, now=now) if what == "stop" else tick(rings, now=now, rules=RULES)


@given(count=st.integers(min_value=0, max_value=4), acts=st.lists(ACTS, max_size=25))
def test_whatever_happens_one_is_rung_at_a_time_and_one_answers(
    count: int, acts: list[tuple[object, object]]
) -> None:
    rings, now = make_round(count), START
    for what, on in acts:
        now += timedelta(seconds=int(on)) if isinstance(on, int) else timedelta(seconds=1)
        before, rings = rings, act(rings, what, on, now)
        holds(before, rings)
    # left alone, a round ends, and soon: nobody rings for ever
    for _ in PEOPLE:
        now += RULES.rings_for
        rings = tick(rings, now=now, rules=RULES)
    assert outcome_of(rings) is not RingOutcome.RINGING


def holds(before: Round, after: Round) -> None:
    states = [each.state for each in after]
    assert states.count(RingState.RINGING) <= 1
    assert states.count(RingState.ANSWERED) <= 1
    live = {RingState.RINGING, RingState.WAITING}
    if RingState.ANSWERED in states or RingState.STOPPED in states:
        assert not live & set(states)
    elif RingState.WAITING in states:
        assert states.count(RingState.RINGING) == 1, "while anybody waits, somebody is rung"
    for old, new in zip(before, after, strict=True):
        assert (old.id, old.number, old.person_id) == (new.id, new.number, new.person_id)
        allowed = NEXT_RING_STATE[old.state] | {old.state}
        assert new.state in allowed
        assert (new.rung_at is not None) >= (new.state is RingState.RINGING)
    rung = [each.number for each in after if each.rung_at is not None]
    assert rung == list(range(1, len(rung) + 1)), "nobody is passed over"


@given(said=st.lists(st.sampled_from(RingAnswer), min_size=4, max_size=4))
def test_the_first_who_takes_the_call_has_it(said: list[RingAnswer]) -> None:
    rings = make_round(4)
    for person, word in zip(PEOPLE, said, strict=True):
        rings = answer(rings, person, word, now=START)
    first = said.index(RingAnswer.ACCEPT) if RingAnswer.ACCEPT in said else None
    found = [each.person_id for each in rings if each.state is RingState.ANSWERED]
    assert found == ([] if first is None else [PEOPLE[first]])
    assert outcome_of(rings) is (RingOutcome.NOBODY if first is None else RingOutcome.ANSWERED)
    late = [each for each in rings if may_answer(rings, each.person_id)]
    assert bool(late) is (first is None and RingAnswer.LATER in said)


def test_rules_that_ring_nobody_are_refused() -> None:
    wrong = (("rings_for_s", 4), ("most_people", 0), ("most_rounds", 0), ("rings_s", 20))
    for place, value in wrong:
        with pytest.raises(MalformedRulesError):
            parse_ring_rules(broken(read_config("ringing.toml"), place, value))


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def states(world: Consortium, case: Case) -> list[tuple[str, RingState]]:
    found = show(world, case, world.physician).rings
    return [(each.person_id, each.state) for each in found]


def say(case: Case, who: Actor, said: RingAnswer, *, at: Clinic) -> None:
    at.do(who, ringing.answer_ring, case_id=case.id, said=said, talks=talks())


def own(clinic: Clinic, who: Actor) -> list[CaseId]:
    return [each.case_id for each in clinic.do(who, ringing.list_own)]


def after(clinic: Clinic, times: int = 1) -> Clinic:
    """Later by so many rings; the clock has gone by."""
    later = clinic.at(clinic.now + times * RULES.rings_for)
    later.system(ringing.advance, rules=RULES)
    return later


def test_the_panel_is_rung_in_order_and_its_leader_last(world: Consortium, case: Case) -> None:
    call_and_ring(world, case, world.physician)
    expert, leader = world.expert.person, world.leader.person
    assert states(world, case) == [(expert, RingState.RINGING), (leader, RingState.WAITING)]
    assert own(world.clinic, world.expert) == [case.id]
    assert own(world.clinic, world.leader) == []
    soon = world.clinic.later(seconds=5)
    say(case, world.expert, RingAnswer.DECLINE, at=soon)
    assert own(soon, world.expert) == []
    assert own(soon, world.leader) == [case.id]
    assert soon.system(ringing.advance, rules=RULES) == 0
    over = after(soon)
    assert states(world, case) == [
        (expert, RingState.DECLINED),
        (leader, RingState.UNANSWERED),
    ]
    assert outcome_of(show(world, case, world.physician).rings) is RingOutcome.NOBODY
    assert own(over, world.leader) == []
    assert [kind for kind in world.clinic.kinds() if kind.startswith("room.r")] == [
        *("room.rang", "room.ring_declined", "room.rang", "room.ring_unanswered"),
        "room.ring_over",
    ]


def test_who_has_taken_the_case_is_rung_first_and_who_answers_is_let_in(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.leader)
    call_and_ring(world, case, world.physician)
    leader, expert = world.leader.person, world.expert.person
    assert states(world, case) == [(leader, RingState.RINGING), (expert, RingState.WAITING)]
    assert world.clinic.do(world.leader, ringing.hear_ring, case_id=case.id, talks=talks())
    assert not world.clinic.do(world.leader, ringing.hear_ring, case_id=case.id, talks=talks())
    with pytest.raises(NotRungError):
        say(case, world.expert, RingAnswer.ACCEPT, at=world.clinic)
    later = after(world.clinic)
    # her finger was on the button as the next one began to ring: she has the call
    say(case, world.leader, RingAnswer.ACCEPT, at=later)
    assert states(world, case) == [(leader, RingState.ANSWERED), (expert, RingState.STOPPED)]
    assert own(later, world.expert) == []
    with pytest.raises(RingTakenError):
        say(case, world.expert, RingAnswer.ACCEPT, at=later)
    place = later.do(world.leader, service_stay.find_place, case_id=case.id, talks=talks())
    assert place.role is RoomRole.PARTICIPANT
    for stranger in (world.colleague, world.photographer):
        with pytest.raises(NotRungError):
            say(case, stranger, RingAnswer.ACCEPT, at=later)


def test_whom_the_host_turned_away_does_not_come_in_by_taking_the_call(
    world: Consortium, case: Case
) -> None:
    call_and_ring(world, case, world.physician)
    let_in(world, case, world.expert, host=world.physician, admitted=False)
    expert, leader = world.expert.person, world.leader.person
    with pytest.raises(NotRungError):
        say(case, world.expert, RingAnswer.ACCEPT, at=world.clinic)
    # nobody has answered by it: she may say no, and the next one is rung
    assert states(world, case) == [(expert, RingState.RINGING), (leader, RingState.WAITING)]
    with pytest.raises(NotAdmittedError):
        world.clinic.do(world.expert, service_stay.find_place, case_id=case.id, talks=talks())
    say(case, world.expert, RingAnswer.DECLINE, at=world.clinic)
    say(case, world.leader, RingAnswer.ACCEPT, at=world.clinic)
    # she may knock again, and the host may let her in after all
    let_in(world, case, world.expert, host=world.physician)
    place = world.clinic.do(world.expert, service_stay.find_place, case_id=case.id, talks=talks())
    assert place.role is RoomRole.PARTICIPANT


def test_an_expert_rings_who_asked_then_the_clinic(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    call_and_ring(world, case, world.expert)
    asked, *others = [person for person, _ in states(world, case)]
    assert asked == world.physician.person
    assert world.colleague.person in others
    assert world.stranger.person not in others
    let_in(world, case, world.colleague, host=world.expert)
    assert dict(states(world, case))[world.colleague.person] is RingState.ANSWERED
    assert own(world.clinic, world.physician) == []


def goes_on_leave(world: Consortium, who: Actor) -> None:
    today = world.clinic.now.date()
    world.clinic.do(
        who,
        service_offer.add_leave,
        new=service_offer.NewLeave(today, today),
        rules=video_rules(),
        limits=queue_limits(),
    )


def test_nobody_on_leave_is_rung(world: Consortium, case: Case) -> None:
    goes_on_leave(world, world.expert)
    call_and_ring(world, case, world.physician)
    assert [person for person, _ in states(world, case)] == [world.leader.person]


def test_nobody_who_reads_blind_is_rung(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    facts = {"made": make_room(), "rules": RULES, "case_id": case.id}
    blind = talks(rules_on())
    world.clinic.do(world.physician, partial(ringing.call_and_ring, **facts, talks=blind))
    assert [person for person, _ in states(world, case)] == [world.expert.person]


def test_a_call_that_can_ring_nobody_says_so(world: Consortium, case: Case) -> None:
    for each in (world.expert, world.leader):
        goes_on_leave(world, each)
    call_and_ring(world, case, world.physician)
    assert states(world, case) == []
    assert outcome_of(show(world, case, world.physician).rings) is RingOutcome.NOBODY
    assert "room.ring_over" in world.clinic.kinds()


def test_rings_end_with_the_call_and_begin_again_when_the_host_says_so(
    world: Consortium, case: Case
) -> None:
    call_and_ring(world, case, world.physician)
    again = partial(ringing.ring_again, case_id=case.id, rules=RULES, talks=talks())
    with pytest.raises(NotHostError):
        world.clinic.do(world.expert, again)
    world.clinic.do(world.physician, again)  # it rings already
    assert len(states(world, case)) == 2
    now = world.clinic
    for number in range(2, RULES.most_rounds + 1):
        now = after(after(now))
        now.do(world.physician, again)
        [ring, _] = show(world, case, world.physician).rings
        assert (ring.round, ring.state) == (number, RingState.RINGING)
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    assert own(now, world.expert) == []
    call_and_ring(world, case, world.physician, clinic=now)
    for _ in range(RULES.most_rounds - 1):
        now = after(after(now))
        now.do(world.physician, again)
    now = after(after(now))
    with pytest.raises(RingsSpentError):
        now.do(world.physician, again)
    long_after = now.at(now.now + 2 * room_book().limits.empty_for)
    long_after.system(service_stay.end_over, limits=room_book().limits)
    assert "room.ring_stopped" in world.clinic.kinds()
