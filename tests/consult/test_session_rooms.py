"""A booked session leads into its room: who calls, who is rung, who is let in (VID-08)."""

from concurrent.futures import wait
from datetime import UTC, date, datetime, time, timedelta

import pytest

from consult.calendar import service as calendar
from consult.calendar import service_publish
from consult.calendar.errors import SlotsOverSessionError
from consult.calendar.video import service
from consult.calendar.video.errors import SessionTakenError
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.errors import NotAdmittedError, NotCallerError
from consult.rooms.model import KnockState
from consult.rooms.ringing import service as ringing
from tests.makers.consortium import Consortium
from tests.makers.referrals import add_desk, clinic_facts, make_twins, publication
from tests.makers.referrals import book as booking_book
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, call_and_ring, ring_rules, show, talks
from tests.makers.video_sessions import book, book_soon, booking, free_of, offer

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
TUESDAY = date(2026, 1, 6)
SHANGHAI = timedelta(hours=8)
TEN = datetime(2026, 1, 6, 2, tzinfo=UTC)  # ten o'clock in Shanghai


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


@pytest.fixture
def session_id(world: Consortium, case: Case) -> str:
    """Booked by a colleague of who asked, with an expert who has not taken the case, in an hour."""
    starts_at = world.clinic.now + HOUR
    return book_soon(
        world.clinic, case, expert=world.expert, doctor=world.colleague, starts_at=starts_at
    )


def test_its_two_people_call_from_a_quarter_of_an_hour_before(
    world: Consortium, case: Case, session_id: str
) -> None:
    early = world.clinic.at(world.clinic.now + HOUR - QUARTER - timedelta(seconds=1))
    for actor in (world.expert, world.colleague):
        with pytest.raises(NotCallerError):
            call(world, case, actor, clinic=early)
    soon = early.later(seconds=1)
    room = call_and_ring(world, case, world.colleague, clinic=soon)
    assert room.session_id == session_id
    assert [each.person_id for each in show(world, case, world.physician).rings] == [
        world.expert.person
    ]
    # they expect each other: nobody has to let her in, and the ring is answered by her coming
    known = soon.do(world.expert, rooms.knock, case_id=case.id, talks=talks())
    assert known.state is KnockState.ADMITTED
    assert [each.state.value for each in show(world, case, world.physician).rings] == ["answered"]
    other = soon.do(world.leader, rooms.knock, case_id=case.id, talks=talks())
    assert other.state is KnockState.WAITING
    found = soon.do(world.physician, rooms.calls_of_sessions, session_ids=[session_id])
    assert found[session_id].id == room.id
    opened = next(line for line in soon.lines() if line.kind == "room.opened")
    assert opened.codes["session"] == session_id


def test_a_booked_person_who_was_put_out_knocks_and_waits(
    world: Consortium, case: Case, session_id: str
) -> None:
    at = world.clinic.at(world.clinic.now + HOUR)
    assert call(world, case, world.colleague, clinic=at).session_id == session_id

    def answer(*, admitted: bool) -> None:
        facts = {"person_id": world.expert.person, "admitted": admitted}
        at.do(world.colleague, rooms.answer_knock, case_id=case.id, talks=talks(), **facts)

    def knock() -> KnockState:
        return at.do(world.expert, rooms.knock, case_id=case.id, talks=talks()).state

    assert knock() is KnockState.ADMITTED
    answer(admitted=False)
    assert knock() is KnockState.WAITING
    assert knock() is KnockState.WAITING
    assert at.kinds().count("room.admitted") == 1
    with pytest.raises(NotAdmittedError):
        at.do(world.expert, service_stay.find_place, case_id=case.id, talks=talks())
    answer(admitted=True)
    assert knock() is KnockState.ADMITTED


def test_ringing_again_rings_the_panel_too(world: Consortium, case: Case, session_id: str) -> None:
    at = world.clinic.at(world.clinic.now + HOUR)
    room = call_and_ring(world, case, world.colleague, clinic=at)
    assert room.session_id == session_id
    later = at.at(at.now + ring_rules().rings_for)
    later.system(ringing.advance, rules=ring_rules())
    later.do(
        world.colleague,
        ringing.ring_again,
        case_id=case.id,
        rules=ring_rules(),
        talks=talks(),
    )
    assert [each.person_id for each in show(world, case, world.physician).rings] == [
        world.expert.person,
        world.leader.person,
    ]


def test_before_its_time_and_after_it_a_call_is_one_of_now(
    world: Consortium, case: Case, session_id: str
) -> None:
    now = call_and_ring(world, case, world.physician)
    assert now.session_id is None
    assert len(show(world, case, world.physician).rings) == 2
    waiting = world.clinic.do(world.expert, rooms.knock, case_id=case.id, talks=talks())
    assert waiting.state is KnockState.WAITING
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    over = world.clinic.at(world.clinic.now + HOUR + timedelta(minutes=30))
    assert call(world, case, world.physician, clinic=over).session_id is None
    assert over.do(world.physician, rooms.calls_of_sessions, session_ids=[session_id]) == {}


def busy(world: Consortium, case: Case, at: datetime, *, within: timedelta) -> dict[str, datetime]:
    def look(work: Work) -> dict[str, datetime]:
        return service.busy_now(work, cases.get_case(work, case.id), within=within)

    return world.clinic.at(at).do(world.physician, look)


def test_who_has_a_session_soon_is_said_before_a_call_of_now(world: Consortium, case: Case) -> None:
    offer(world.clinic, world.expert)
    session = book(
        world.clinic, world.physician, case.id, free_of(world.clinic, world.physician, case)[0]
    )
    [twin] = make_twins(world, case, 1)
    other = world.clinic.do(world.physician, cases.get_case, case_id=twin)
    told = {world.expert.person: session.ends_at}
    soon = session.starts_at - QUARTER
    assert busy(world, other, soon - timedelta(minutes=1), within=QUARTER) == {}
    assert busy(world, other, soon + timedelta(minutes=1), within=QUARTER) == told
    assert busy(world, other, session.ends_at - timedelta(minutes=1), within=QUARTER) == told
    assert busy(world, other, session.ends_at, within=QUARTER) == {}
    # the case's own session is no reason to warn
    assert busy(world, case, session.starts_at, within=QUARTER) == {}


def test_no_clinic_slots_are_published_over_a_booked_session(world: Consortium, case: Case) -> None:
    offer(world.clinic, world.expert)
    first = free_of(world.clinic, world.physician, case)[0]
    session = book(world.clinic, world.physician, case.id, first)
    assert session.starts_at == TEN
    desk = add_desk(world, "gao", name="高敏", at=world.lead_id)
    added = world.clinic.do(desk, calendar.add_clinic, facts=clinic_facts())

    def publish(start: time, end: time) -> None:
        told = {"start": start, "end": end, "physician_id": world.expert.person}
        world.clinic.do(
            desk,
            service_publish.publish_slots,
            clinic_id=added.id,
            publication=publication(**told, physician_name=""),
            rules=booking_book().slots,
        )

    with pytest.raises(SlotsOverSessionError):
        publish(time(9), time(11))
    publish(time(9), time(10))
    publish(time(10, 30), time(11))


def test_a_session_and_slots_at_the_same_moment_never_lie_upon_each_other(
    world: Consortium, case: Case
) -> None:
    """Races over sixteen half-hours: each time the one or the other, on either database."""
    offer(world.clinic, world.expert, day_until=TUESDAY, start=time(9), end=time(17))
    desk = add_desk(world, "gao", name="高敏", at=world.lead_id)
    added = world.clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    wanted = free_of(world.clinic, world.physician, case)
    cases_of_all = make_twins(world, case, len(wanted))
    racers = []
    for twin, each in zip(cases_of_all, wanted, strict=True):
        clock = (each.starts_at + SHANGHAI, each.ends_at + SHANGHAI)
        told = {"start": clock[0].time(), "end": clock[1].time(), "minutes": 30}
        doctor = (world.physician, world.colleague)[len(racers) % 4 // 2]
        racers += [
            world.clinic.start(doctor, service.book_session, **booking(twin, each)),
            world.clinic.start(
                desk,
                service_publish.publish_slots,
                clinic_id=added.id,
                publication=publication(
                    **told, physician_id=world.expert.person, physician_name=""
                ),
                rules=booking_book().slots,
            ),
        ]
    wait(racers, timeout=60)
    failures = [racer.exception() for racer in racers]
    refused = (SessionTakenError, SlotsOverSessionError)
    assert all(each is None or isinstance(each, refused) for each in failures), failures
    booked, published = failures[::2], failures[1::2]
    assert [each is None for each in booked] == [each is not None for each in published]
