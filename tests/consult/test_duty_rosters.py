"""Who is on duty, who is away, and that nothing waits for anybody on leave (ID-10)."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.returns import service as returns
from consult.kernel.errors import ConsultError, FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import InstitutionId, PanelId, PractitionerId
from consult.kernel.work import Actor, Work
from consult.people.duty import leaves
from consult.people.duty import service as duty
from consult.people.duty.errors import NotRosterKeeperError
from consult.people.duty.keeping import NewDay
from consult.people.duty.model import (
    HALVES,
    DayDuty,
    DayHalf,
    HalfDay,
    Leave,
    Roster,
    Turn,
    WeekDuty,
)
from consult.people.organisations import panels
from consult.people.organisations.errors import StaleError
from consult.people.organisations.model import Panel
from consult.queue import absence, evening, rosters, service_leader
from consult.queue import service as queue
from consult.queue.errors import OnLeaveError
from consult.rooms.ringing.order import list_to_ring
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.duty import AFTERNOONS, MORNINGS, end_leave, go_on_leave, keep_week, third_expert
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.returns import coordinator, decline, later, send_back
from tests.makers.rooms import ring_rules, talks

MONDAY = date(2026, 1, 5)
PEOPLE = tuple(map(PractitionerId, ("ann", "bea", "cid", "dan")))
PERSON = st.sampled_from(PEOPLE)
DAY = st.integers(0, 13).map(lambda number: MONDAY + timedelta(days=number))
AT = st.builds(HalfDay, DAY, st.sampled_from(HALVES))
TURNS = st.frozensets(st.builds(Turn, st.integers(1, 7), st.sampled_from(HALVES)))
OTHER = st.none() | PERSON
DAY_DUTY = st.builds(
    DayDuty,
    st.just("d"),
    st.just(PanelId("p")),
    PERSON,
    DAY,
    st.none() | st.sampled_from(HALVES),
    st.booleans(),
    OTHER,
)
LEAVE = st.tuples(PERSON, DAY, st.integers(0, 5), OTHER).map(
    lambda each: Leave(
        "l", each[0], InstitutionId("i"), each[1], each[1] + timedelta(days=each[2]), each[3]
    )
)
ROSTER = st.builds(
    Roster,
    st.just(PEOPLE[:3]),
    st.lists(st.builds(WeekDuty, PERSON, TURNS), max_size=3),
    st.lists(DAY_DUTY, max_size=4),
    st.lists(LEAVE, max_size=4),
)


@given(roster=ROSTER, at=AT)
def test_nobody_on_leave_is_on_duty_or_offered_a_case(roster: Roster, at: HalfDay) -> None:
    away = roster.away_on(at.day)
    assert not away & set(roster.on_duty(at))
    assert not away & set(roster.offered(at))
    assert all(roster.stand_in_for(each, at.day) not in away for each in PEOPLE)
    # whoever has left the panel is not offered either
    assert set(roster.on_duty(at)) | set(roster.offered(at)) <= set(roster.members)
    # while anybody of the panel is there, a case is somebody's to see
    assert bool(roster.offered(at)) == bool(set(roster.members) - away)


@given(roster=ROSTER, at=AT)
def test_the_next_duty_is_the_first_that_comes(roster: Roster, at: HalfDay) -> None:
    found = roster.next_duty(at)
    between = [each for each in at.following() if found is None or each != found]
    if found is not None:
        assert roster.on_duty(found)
        between = between[: list(at.following()).index(found)]
    assert not any(roster.on_duty(each) for each in between)


def test_without_a_roster_everybody_is_on_duty() -> None:
    roster = Roster(PEOPLE, [], [], [])
    assert roster.on_duty(HalfDay(MONDAY, DayHalf.MORNING)) == PEOPLE


def test_a_day_that_differs_goes_before_the_week() -> None:
    ann, bea, cid, _ = PEOPLE
    week = [WeekDuty(ann, frozenset(MORNINGS))]
    days = [
        DayDuty("1", PanelId("p"), ann, MONDAY, None, is_on=False, substitute_id=bea),
        DayDuty("2", PanelId("p"), cid, MONDAY, DayHalf.AFTERNOON, is_on=True, substitute_id=None),
    ]
    roster = Roster(PEOPLE, week, days, [])
    on_monday = [roster.on_duty(HalfDay(MONDAY, half)) for half in HALVES]
    assert on_monday == [(bea,), (bea, cid)]
    assert roster.on_duty(HalfDay(MONDAY + timedelta(days=1), DayHalf.MORNING)) == (ann,)
    assert roster.next_duty(HalfDay(MONDAY + timedelta(days=4), DayHalf.AFTERNOON)) == HalfDay(
        MONDAY + timedelta(days=7), DayHalf.MORNING
    )


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel on a Monday morning."""
    return make_read_case(world)


def get(world: Consortium, case: Case) -> Case:
    return world.clinic.system(cases.get_case, case_id=case.id)


def get_panel(world: Consortium) -> Panel:
    return world.clinic.system(panels.get_panel, panel_id=world.panel_id)


def holder(world: Consortium, case: Case) -> str | None:
    found = world.clinic.system(queue.find_claim, case_id=case.id)
    return None if found is None else found.practitioner_id


def test_beginning_leave_puts_taken_cases_back_with_word(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    assert go_on_leave(world, world.expert).returned == 1
    after = get(world, case)
    assert (after.status, after.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    [line] = [line for line in world.clinic.lines() if line.kind == "case.leave_began"]
    assert (line.case_id, line.codes["claimed_by"]) == (case.id, world.expert.person)
    with pytest.raises(OnLeaveError):
        claim(world, case, by=world.expert)
    with pytest.raises(OnLeaveError):
        world.clinic.do(
            world.expert,
            evening.take_next,
            service_type="screening_read",
            count=10,
            limits=queue_limits(),
        )
    end_leave(world, world.expert)
    assert claim(world, case, by=world.expert).owner_id == world.expert.person


def test_a_case_goes_to_whoever_stands_in(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    go_on_leave(world, world.expert, substitute=world.leader)
    after = get(world, case)
    assert (after.status, after.owner_id) == (CaseStatus.ACCEPTED, world.leader.person)
    assert holder(world, case) == world.leader.person
    [line] = [line for line in world.clinic.lines() if line.kind == "case.stood_in"]
    assert line.codes["to"] == world.leader.person


def test_who_stands_in_and_is_away_herself_gets_nothing(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    go_on_leave(world, world.leader)
    go_on_leave(world, world.expert, substitute=world.leader)
    assert (get(world, case).status, holder(world, case)) == (CaseStatus.ASSIGNED, None)


def test_a_stranger_cannot_stand_in(world: Consortium) -> None:
    with pytest.raises(RefusedError):
        go_on_leave(world, world.expert, substitute=world.physician)
    with pytest.raises(RefusedError):
        go_on_leave(world, world.expert, substitute=world.expert)


def test_leave_that_lies_ahead_begins_by_the_clock(world: Consortium, case: Case) -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert go_on_leave(world, world.expert, day_from=tuesday).returned == 0
    evening_before = later(world, hours=15)  # 23:20 in Shanghai
    claim(evening_before, case, by=world.expert)
    step = {"limits": queue_limits()}
    assert evening_before.clinic.system(absence.free_all_absent, **step) == 0
    past_midnight = later(world, hours=16)
    assert past_midnight.clinic.system(absence.free_all_absent, **step) == 1
    assert past_midnight.clinic.system(absence.free_all_absent, **step) == 0
    assert get(world, case).status is CaseStatus.ASSIGNED


def test_while_the_leader_is_away_another_answers_and_settles(
    world: Consortium, case: Case
) -> None:
    go_on_leave(world, world.leader, substitute=world.expert)
    assert get(world, case).owner_id == world.expert.person
    assert make_read_case(world, document_number=citizen_number(7)).owner_id == world.expert.person
    third = third_expert(world)
    declined = decline(world, case, by=third)
    assert declined.owner_id == world.expert.person
    sent = world.clinic.do(world.expert, service_leader.send_on, case_id=case.id)
    assert sent.status is CaseStatus.ASSIGNED
    end_leave(world, world.leader)
    assert get(world, case).owner_id == world.leader.person


def test_a_case_is_not_kept_for_an_expert_on_leave(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    send_back(world, case, by=world.expert)
    go_on_leave(world, world.expert)
    assert world.clinic.system(returns.kept_for, found=[get(world, case)]) == {}


def test_changing_the_roster_offers_unclaimed_cases_anew(world: Consortium, case: Case) -> None:
    taken = make_read_case(world, document_number=citizen_number(7))
    claim(world, taken, by=world.leader)
    assert keep_week(world, {world.expert: MORNINGS}, by=world.leader) == 0  # was offered before
    assert keep_week(world, {world.leader: MORNINGS}, by=world.leader) == 1
    [line] = [line for line in world.clinic.lines() if line.kind == "case.rerouted"]
    assert (line.case_id, line.codes["newly"]) == (case.id, world.leader.person)
    assert world.clinic.system(duty.offered, panel=get_panel(world)) == (world.leader.person,)


def test_nobody_on_duty_says_when_somebody_is(world: Consortium) -> None:
    keep_week(world, {world.expert: AFTERNOONS[2:3]}, by=world.leader)
    found = world.clinic.system(duty.attendance_of, panel=get_panel(world))
    assert found.on_duty == ()
    assert found.next == HalfDay(MONDAY + timedelta(days=2), DayHalf.AFTERNOON)
    go_on_leave(world, world.expert, day_from=MONDAY + timedelta(days=2))
    found = world.clinic.system(duty.attendance_of, panel=get_panel(world))
    assert found.next == HalfDay(MONDAY + timedelta(days=9), DayHalf.AFTERNOON)


def test_a_roster_is_kept_by_those_who_answer_for_the_panel(world: Consortium) -> None:
    week = {world.expert: MORNINGS}
    for stranger in (world.expert, world.physician):
        with pytest.raises((NotRosterKeeperError, NotFoundError)):
            keep_week(world, week, by=stranger)
    near = coordinator(world)
    keep_week(world, week, by=near)
    with pytest.raises(StaleError):
        world.clinic.do(near, rosters.set_week, panel_id=world.panel_id, revision=1, week=[])
    day = NewDay(world.physician.person, MONDAY, None, is_on=True)
    with pytest.raises(RefusedError):
        world.clinic.do(near, rosters.add_day, panel_id=world.panel_id, new=day)
    late = NewDay(world.expert.person, MONDAY - timedelta(days=1), None, is_on=True)
    with pytest.raises(FormRefusedError):
        world.clinic.do(near, rosters.add_day, panel_id=world.panel_id, new=late)


@pytest.mark.usefixtures("case")
def test_a_single_day_is_entered_and_taken_back(world: Consortium) -> None:
    keep_week(world, {world.expert: MORNINGS}, by=world.leader)
    day = NewDay(world.expert.person, MONDAY, None, is_on=False, substitute_id=world.leader.person)
    moved = world.clinic.do(world.leader, rosters.add_day, panel_id=world.panel_id, new=day)
    assert moved == 1
    assert world.clinic.system(duty.offered, panel=get_panel(world)) == (world.leader.person,)
    [known] = world.clinic.system(duty.roster_of, panel=get_panel(world)).days
    world.clinic.do(world.leader, rosters.end_day, panel_id=world.panel_id, day_id=known.id)
    assert world.clinic.system(duty.offered, panel=get_panel(world)) == (world.expert.person,)
    kinds = world.clinic.kinds()
    assert (kinds.count("duty.day_added"), kinds.count("duty.day_ended")) == (1, 1)
    assert kinds.count("duty.week_set") == 1


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_nothing_waits_for_anybody_on_leave(world: Consortium, seed: int) -> None:
    """A fortnight of leave, rosters, claims and returns, as the dice fall."""
    dice = random.Random(seed)  # noqa: S311 - dice, not secrets
    staff = [world.leader, world.expert, third_expert(world)]
    known = [make_read_case(world, document_number=citizen_number(20 + n)) for n in range(3)]
    for _ in range(25):
        world = later(world, hours=dice.choice((0, 0, 3, 9, 16)))
        _one_act(world, dice, staff, dice.choice(known))
        world.clinic.system(absence.free_all_absent, limits=queue_limits())
        for case in known:
            _require_nobody_away(world, case, staff)


def _one_act(world: Consortium, dice: random.Random, staff: list[Actor], case: Case) -> None:
    who, other = dice.sample(staff, 2)
    today = world.clinic.now.date()
    try:
        match dice.randrange(6):
            case 0:
                claim(world, case, by=who)
            case 1:
                first = today + timedelta(days=dice.randrange(3))
                stands_in = dice.choice((None, other))
                go_on_leave(world, who, day_from=first, substitute=stands_in)
            case 2:
                end_leave(world, who)
            case 3:
                turns = [tuple(dice.sample(MORNINGS + AFTERNOONS, 4)) for _ in staff]
                keep_week(world, dict(zip(staff, turns, strict=True)), by=world.leader)
            case 4:
                decline(world, case, by=who)
            case _:
                world.clinic.do(world.leader, service_leader.send_on, case_id=case.id)
    except (ConsultError, IndexError):
        return  # a step that is not hers at this moment


def _require_nobody_away(world: Consortium, case: Case, staff: list[Actor]) -> None:
    people = [each.person for each in staff]
    here = {"people": people, "institution_id": world.lead_id}
    away = world.clinic.system(leaves.away_today, **here)
    now = get(world, case)
    assert holder(world, case) not in away
    if len(away) < len(staff):
        assert now.owner_id not in away
    assert not away & set(world.clinic.system(duty.offered, panel=get_panel(world)))
    kept = world.clinic.system(returns.kept_for, found=[now])
    assert not away & {each.expert_id for each in kept.values()}
    assert not away & set(world.clinic.do(world.physician, _rung, case=now))


def _rung(work: Work, *, case: Case) -> list[PractitionerId]:
    return [each.person_id for each in list_to_ring(work, case, rules=ring_rules(), talks=talks())]
