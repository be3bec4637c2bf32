"""Sessions of video consultations: offered, booked by one, moved, cancelled, lapsed, over."""

from collections.abc import Callable, Iterator
from concurrent.futures import wait
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations, islice
from random import Random
from typing import Any

import pytest

from consult.calendar import service as calendar
from consult.calendar import service_publish
from consult.calendar.video import ending, service, service_offer, store
from consult.calendar.video.errors import (
    CaseHasSessionError,
    CaseWithoutSessionsError,
    NotAnExpertError,
    SessionChangedError,
    SessionTakenError,
    TooManyError,
)
from consult.calendar.video.model import (
    NEXT_SESSION_STATUS,
    Offer,
    SessionAct,
    SessionStatus,
    VideoSession,
    ticks_of,
)
from consult.calendar.video.tables import TickRow
from consult.cases import service_end
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.kernel.ids import CaseId
from consult.kernel.work import Actor, Work
from consult.people.organisations import panels
from tests.makers.consortium import Consortium
from tests.makers.referrals import add_desk, clinic_facts, make_twins, publication
from tests.makers.referrals import book as booking_book
from tests.makers.reports import make_read_case, queue_limits
from tests.makers.video_sessions import (
    TUESDAY,
    book,
    booking,
    cancelling,
    free_of,
    moving,
    offer,
    reread,
    video_rules,
)

TEN = datetime(2026, 1, 6, 2, tzinfo=UTC)  # ten o'clock in Shanghai
HALF = timedelta(minutes=30)
FAILURES = (SessionTakenError, CaseHasSessionError)
REFUSALS = (*FAILURES, SessionChangedError)


def sessions_of(world: Consortium, *people: Actor) -> list[VideoSession]:
    """Every session of these people, ended ones too."""

    def look(work: Work) -> list[VideoSession]:
        return store.list_between(
            work.session,
            people=[each.person for each in people],
            at_institution=None,
            since=work.now - timedelta(days=30),
            until=work.now + timedelta(days=90),
            limit=1000,
        )

    return world.clinic.system(look)


def require_nobody_twice(world: Consortium, *people: Actor) -> None:
    """No two booked sessions of anybody, or of one case, overlap; the ticks say the same."""
    booked = [each for each in sessions_of(world, *people) if each.is_booked]
    for one, other in combinations(booked, 2):
        shares = {one.expert_id, one.doctor_id} & {other.expert_id, other.doctor_id}
        if shares or one.case_id == other.case_id:
            assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
    assert len({each.case_id for each in booked}) == len(booked)
    told = {
        (person, at, each.id)
        for each in booked
        for person in {each.expert_id, each.doctor_id}
        for at in ticks_of(each.starts_at, each.ends_at)
    }
    found = world.clinic.system(
        lambda work: {
            (row.person_id, row.at, row.session_id) for row in work.session.query(TickRow)
        }
    )
    assert found == told


def test_a_weekly_window_is_offered_by_the_clock_of_the_institution(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    found = free_of(world.clinic, world.physician, case)
    assert [each.starts_at for each in found[:4]] == [TEN + HALF * number for number in range(4)]
    assert {each.starts_at - timedelta(weeks=week) for week in range(4) for each in found} >= {TEN}
    assert all(each.expert_id == world.expert.person for each in found)
    assert found[-1].ends_at <= world.clinic.now + video_rules().horizon
    soon = world.clinic.at(TEN - timedelta(minutes=20))
    assert free_of(soon, world.physician, case)[0].starts_at == TEN + HALF


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day_from": date(2026, 1, 1)}, "day_from"),
        ({"day_until": date(2027, 1, 1)}, "day_until"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"end": time(9)}, "end"),
        ({"minutes": 5}, "minutes"),
        ({"minutes": 31}, "minutes"),
        ({"start": time(10, 2)}, "start"),
        ({"day_until": TUESDAY, "minutes": 120, "end": time(11)}, "day_until"),
    ],
)
def test_a_window_that_makes_no_sense_names_its_field(
    world: Consortium, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(FormRefusedError) as refused:
        offer(world.clinic, world.expert, **changes)
    assert field in {problem.field for problem in refused.value.problems}


def test_windows_are_an_experts_own_and_bounded(world: Consortium) -> None:
    with pytest.raises(NotAnExpertError):
        offer(world.clinic, world.physician)
    window = offer(world.clinic, world.expert)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.leader, service_offer.offering_of, expert_id=world.expert.person)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.physician, service_offer.end_window, window_id=window.id, reason="")
    for _ in range(video_rules().most_windows - 1):
        offer(world.clinic, world.expert)
    with pytest.raises(TooManyError):
        offer(world.clinic, world.expert)


def test_booking_takes_the_time_of_both_and_is_heard_on_the_case(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    first, second = free_of(world.clinic, world.physician, case)[:2]
    session = book(world.clinic, world.physician, case.id, first)
    assert (session.case_number, session.status) == (case.number, SessionStatus.BOOKED)
    assert free_of(world.clinic, world.colleague, case)[0] == second
    with pytest.raises(CaseHasSessionError):
        book(world.clinic, world.colleague, case.id, second)
    line = next(line for line in world.clinic.lines() if line.kind == "video_session.booked")
    assert (line.case_id, line.codes["expert"]) == (case.id, world.expert.person)
    for person, seen in ((world.physician, 1), (world.expert, 1), (world.colleague, 0)):
        found = world.clinic.do(
            person, service.list_schedule, since=TEN, until=TEN + timedelta(days=7)
        )
        assert len(found) == seen


def test_only_the_inviting_side_books_and_only_an_open_case(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    wanted = free_of(world.clinic, world.physician, case)[0]
    for person in (world.expert, world.stranger):
        with pytest.raises(NotFoundError):
            book(world.clinic, person, case.id, wanted)
    world.clinic.do(
        world.physician,
        service_end.withdraw_case,
        case_id=case.id,
        revision=case.revision,
        reason="患者要求",
    )
    with pytest.raises(CaseWithoutSessionsError):
        book(world.clinic, world.physician, case.id, wanted)


def test_a_time_that_was_never_offered_is_not_booked(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    wanted = booking(case.id, free_of(world.clinic, world.physician, case)[0])
    for starts_at in (
        TEN + timedelta(minutes=5),
        TEN - timedelta(days=1),
        TEN + timedelta(days=70),
    ):
        wish = type(wanted["wish"])(world.expert.person, starts_at)
        with pytest.raises(SessionTakenError):
            world.clinic.do(world.physician, service.book_session, **wanted | {"wish": wish})
    late = world.clinic.at(TEN - timedelta(minutes=10))
    with pytest.raises(SessionTakenError):
        late.do(world.physician, service.book_session, **wanted)


def test_both_sides_move_and_cancel_and_an_old_page_does_not(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    free = free_of(world.clinic, world.physician, case)
    session = book(world.clinic, world.physician, case.id, free[0])
    told = moving(session, free[2], "患者下午才到")
    moved = world.clinic.do(world.physician, service.move_session, **told)
    assert (moved.id, moved.sequence, moved.starts_at) == (session.id, 1, free[2].starts_at)
    with pytest.raises(SessionChangedError):
        world.clinic.do(world.expert, service.cancel_session, **cancelling(session))
    again = world.clinic.do(world.expert, service.move_session, **moving(moved, free[0]))
    ended = world.clinic.do(world.expert, service.cancel_session, **cancelling(again, "手术"))
    assert (ended.status, ended.sequence, ended.reason) == (SessionStatus.CANCELLED, 3, "手术")
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, service.cancel_session, **cancelling(ended))
    with pytest.raises(SessionChangedError):
        world.clinic.do(world.physician, service.cancel_session, **cancelling(ended))
    assert free_of(world.clinic, world.physician, case)[0] == free[0]
    book(world.clinic, world.physician, case.id, free[0])
    require_nobody_twice(world, world.physician, world.expert)


def test_leave_and_a_removed_window_lapse_what_was_booked_and_offer_the_rest(
    world: Consortium,
) -> None:
    case = make_read_case(world)
    one, other = make_twins(world, case, 2)
    window = offer(world.clinic, world.expert)
    offer(world.clinic, world.leader, weekdays=frozenset({3}))
    free = free_of(world.clinic, world.physician, case)
    first = book(world.clinic, world.physician, one, free[0])
    next_week = next(each for each in free if each.starts_at == TEN + timedelta(days=7))
    second = book(world.clinic, world.physician, other, next_week)
    begun = world.clinic.do(
        world.expert,
        service_offer.add_leave,
        new=service_offer.NewLeave(TUESDAY, TUESDAY, "外出会诊"),
        rules=video_rules(),
        limits=queue_limits(),
    )
    assert begun.lapsed == 1
    first = reread(world.clinic, world.physician, first)
    assert (first.status, first.act) == (SessionStatus.LAPSED, SessionAct.LAPSED)
    offered = free_of(world.clinic, world.physician, case)
    assert {each.expert_id for each in offered if each.starts_at < TEN + timedelta(days=2)} == {
        world.leader.person
    }
    leave = world.clinic.do(world.expert, service_offer.offering_of).leaves[0]
    world.clinic.do(world.expert, service_offer.end_leave, leave_id=leave.id)
    assert free_of(world.clinic, world.physician, case)[0] == free[0]
    ended = world.clinic.do(
        world.expert, service_offer.end_window, window_id=window.id, reason="调整"
    )
    assert ended == 1
    assert not reread(world.clinic, world.physician, second).is_booked
    require_nobody_twice(world, world.physician, world.expert)


def test_no_session_lies_upon_the_experts_outpatient_slots(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    desk = add_desk(world, "gao", name="高敏", at=world.lead_id)
    added = world.clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    busy = {"start": time(10), "end": time(11), "physician_id": world.expert.person}
    world.clinic.do(
        desk,
        service_publish.publish_slots,
        clinic_id=added.id,
        publication=publication(**busy, physician_name=""),
        rules=booking_book().slots,
    )
    free = free_of(world.clinic, world.physician, case)
    assert free[0].starts_at == TEN + 2 * HALF


def test_the_clock_ends_what_is_over_and_lapses_what_cannot_take_place(world: Consortium) -> None:
    offer(world.clinic, world.expert)
    case = make_read_case(world)
    free = free_of(world.clinic, world.physician, case)
    session = book(world.clinic, world.physician, case.id, free[0])
    world.clinic.system(ending.sweep_sessions)
    assert reread(world.clinic, world.physician, session).is_booked
    later = world.clinic.at(session.ends_at)
    later.system(ending.sweep_sessions)
    assert reread(world.clinic, world.physician, session).status is SessionStatus.OVER
    free = free_of(later, world.physician, case)
    again = book(later, world.physician, case.id, free[-1])
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    later.system(
        panels.end_panel_member,
        panel_id=world.panel_id,
        revision=panel.revision,
        practitioner_id=world.expert.person,
    )
    later.system(ending.sweep_sessions)
    assert reread(world.clinic, world.physician, again).status is SessionStatus.LAPSED
    assert later.lines()[-1].codes["why"] == "expert"


def test_a_session_that_is_over_does_not_keep_the_next_from_being_booked(
    world: Consortium,
) -> None:
    offer(world.clinic, world.expert)
    case = make_read_case(world)
    free = free_of(world.clinic, world.physician, case)
    book(world.clinic, world.physician, case.id, free[0])
    later = world.clinic.at(free[0].ends_at)
    book(later, world.physician, case.id, free_of(later, world.physician, case)[0])
    require_nobody_twice(world, world.physician, world.expert)


def test_of_many_who_want_one_time_one_has_it(world: Consortium) -> None:
    case = make_read_case(world)
    cases = make_twins(world, case, 24)
    offer(world.clinic, world.expert, day_until=TUESDAY, end=time(11))
    wanted = free_of(world.clinic, world.physician, case)[:2]
    racers = [
        world.clinic.start(
            (world.physician, world.colleague)[number % 2],
            service.book_session,
            **booking(case_id, wanted[number // 2 % 2]),
        )
        for number, case_id in enumerate(cases)
    ]
    wait(racers, timeout=60)
    lost = [racer.exception() for racer in racers if racer.exception() is not None]
    assert len(racers) - len(lost) == 2
    assert all(isinstance(failure, FAILURES) for failure in lost), lost
    require_nobody_twice(world, world.physician, world.colleague, world.expert)


def test_one_case_is_booked_once_by_however_many_colleagues(world: Consortium) -> None:
    case = make_read_case(world)
    offer(world.clinic, world.expert)
    offer(world.clinic, world.leader)
    free = free_of(world.clinic, world.physician, case)
    racers = [
        world.clinic.start(
            (world.physician, world.colleague)[number % 2],
            service.book_session,
            **booking(case.id, wanted),
        )
        for number, wanted in enumerate(free[:12])
    ]
    wait(racers, timeout=60)
    assert sum(racer.exception() is None for racer in racers) == 1
    require_nobody_twice(world, world.physician, world.colleague, world.expert, world.leader)


def _acts(
    world: Consortium,
    chance: Random,
    *,
    cases: list[CaseId],
    offers: list[Offer],
    live: list[VideoSession],
) -> Iterator[tuple[Actor, Callable[..., Any], dict[str, Any]]]:
    """What colleagues do at the same moment, each by a page of the same age."""
    while True:
        wanted = chance.choice(offers)
        if not live or chance.random() < 0.4:
            doctor = chance.choice((world.physician, world.colleague))
            yield doctor, service.book_session, booking(chance.choice(cases), wanted)
            continue
        session, side = chance.choice(live), chance.choice((world.physician, world.colleague))
        if chance.random() < 0.7:
            yield side, service.move_session, moving(session, wanted)
        else:
            yield side, service.cancel_session, cancelling(session)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_booked_moved_and_cancelled_at_once_nobody_has_two(
    world: Consortium, seed: int
) -> None:
    """A property held in rounds of races: overlapping windows, two experts, two doctors."""
    case = make_read_case(world)
    cases = make_twins(world, case, 10)
    offer(world.clinic, world.expert, day_until=TUESDAY)
    offer(world.clinic, world.leader, day_until=TUESDAY, minutes=45)
    offer(world.clinic, world.leader, day_until=TUESDAY, start=time(10, 15), minutes=20)
    people = (world.physician, world.colleague, world.expert, world.leader)
    offers = free_of(world.clinic, world.physician, case)
    chance = Random(seed)  # noqa: S311 - a test that can be done again, not a secret
    for _round in range(4):
        live = [each for each in sessions_of(world, *people) if each.is_booked]
        acts = _acts(world, chance, cases=cases, offers=offers, live=live)
        racers = [world.clinic.start(by, step, **told) for by, step, told in islice(acts, 12)]
        wait(racers, timeout=60)
        failures = [racer.exception() for racer in racers if racer.exception() is not None]
        assert all(isinstance(each, REFUSALS) for each in failures), failures
        require_nobody_twice(world, *people)
    assert any(each.sequence for each in sessions_of(world, *people))


def test_the_life_of_a_session_is_complete() -> None:
    assert set(NEXT_SESSION_STATUS) == set(SessionStatus)
    assert [each for each in SessionStatus if NEXT_SESSION_STATUS[each]] == [SessionStatus.BOOKED]
