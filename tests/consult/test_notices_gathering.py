"""Who is told of what, read from the journal once (Q-13): the service behind the postman."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.calendar.video import service_offer
from consult.kernel.work import Work
from consult.notices import gathering, outbox, service, store
from consult.notices.model import NoticeEvent
from consult.notices.tables import NoticeRow
from consult.queue import service_leader
from consult.reports.alerts import clock
from consult.reports.alerts.model import parse_alert_rules
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.seal import SystemSeal
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.notices import RULES, gather, note, read_to_end, wish
from tests.makers.reports import (
    claim,
    full_body,
    make_read_case,
    make_signed,
    prepare,
    queue_limits,
    sign,
)
from tests.makers.returns import decline, send_back
from tests.makers.rulebooks import read_config
from tests.makers.video_sessions import video_rules


@pytest.fixture
def begun(world: Consortium) -> Consortium:
    """The journal was read to its present end."""
    read_to_end(world)
    return world


def test_the_panel_is_told_of_a_case_that_waits_once(begun: Consortium) -> None:
    leader, expert = wish(begun, begun.leader), wish(begun, begun.expert)
    wish(begun, begun.physician)
    wish(begun, begun.stranger)
    make_read_case(begun)
    assert gather(begun) == sorted([(leader, NoticeEvent.WAITING), (expert, NoticeEvent.WAITING)])
    assert gather(begun) == []
    assert not begun.clinic.system(gathering.is_behind)


def test_nobody_is_told_of_what_was_before_the_first_time(world: Consortium) -> None:
    wish(world, world.leader)
    make_read_case(world)
    assert gather(world) == []


def test_whoever_is_on_leave_today_is_not_told(begun: Consortium) -> None:
    leader = wish(begun, begun.leader)
    wish(begun, begun.expert)
    today = begun.clinic.now.date()
    begun.clinic.do(
        begun.expert,
        service_offer.add_leave,
        new=service_offer.NewLeave(today, today),
        rules=video_rules(),
        limits=queue_limits(),
    )
    make_read_case(begun)
    assert gather(begun) == [(leader, NoticeEvent.WAITING)]


def test_the_clinic_is_told_of_what_comes_back(begun: Consortium) -> None:
    clinic = wish(begun, begun.physician)
    case = make_read_case(begun)
    assert gather(begun) == []
    claim(begun, case, by=begun.expert)
    send_back(begun, case)
    assert gather(begun) == [(clinic, NoticeEvent.RETURNED)]


def test_the_leader_is_told_of_the_third_decline(begun: Consortium) -> None:
    leader = wish(begun, begun.leader, NoticeEvent.DECLINED)
    case = make_read_case(begun)
    for turn in range(3):
        case = decline(begun, case, by=begun.expert)
        if turn < 2:
            begun.clinic.do(begun.leader, service_leader.send_on, case_id=case.id)
    assert gather(begun) == [(leader, NoticeEvent.DECLINED)]


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("case.accept_near", NoticeEvent.PROMISE_NEAR),
        ("case.report_near", NoticeEvent.PROMISE_NEAR),
        ("case.accept_missed", NoticeEvent.PROMISE_MISSED),
        ("case.report_missed", NoticeEvent.PROMISE_MISSED),
    ],
)
def test_whom_a_promised_time_names_is_told(
    begun: Consortium, kind: str, event: NoticeEvent
) -> None:
    case = make_read_case(begun)
    gather(begun)
    expert = wish(begun, begun.expert)
    wish(begun, begun.leader)
    note(begun, case, kind, to=begun.expert.person)
    assert gather(begun) == [(expert, event)]


def test_an_urgent_alert_comes_by_every_way_of_its_owner_and_of_whoever_it_goes_on_to(
    begun: Consortium, seal: SystemSeal
) -> None:
    owner = wish(begun, begun.physician, NoticeEvent.WAITING, quiet=("00:00", "23:59"))
    wish(begun, begun.colleague)
    leader = wish(begun, begun.leader, NoticeEvent.DECLINED, quiet=("00:00", "23:59"))
    urgent = {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.EMERGENCY}
    make_signed(begun, seal=seal, body=full_body(**urgent))
    assert gather(begun) == [(owner, NoticeEvent.URGENT_ALERT)]
    assert _is_due(begun)
    rules = parse_alert_rules(read_config("urgent_alerts.toml"))
    then = begun.clinic.later(minutes=31)
    for alert in then.system(clock.list_due):
        then.system(clock.escalate, alert=alert, rules=rules)
    assert gather(begun) == [(leader, NoticeEvent.URGENT_ALERT)]


def test_an_urgent_alert_that_has_another_owner_comes_to_the_new_one(begun: Consortium) -> None:
    case = make_read_case(begun)
    gather(begun)
    way = wish(begun, begun.colleague)
    wish(begun, begun.physician)
    note(begun, case, "alert.rehomed", alert_owner=begun.colleague.person)
    assert gather(begun) == [(way, NoticeEvent.URGENT_ALERT)]


def test_a_report_that_is_not_urgent_is_told_to_whoever_chose_it_alone(
    begun: Consortium, seal: SystemSeal
) -> None:
    wish(begun, begun.physician, NoticeEvent.WAITING)
    make_signed(begun, seal=seal)
    assert gather(begun) == []


def test_whom_a_call_rings_is_told_at_once_if_she_chose_it(begun: Consortium) -> None:
    case = make_read_case(begun)
    gather(begun)
    way = wish(begun, begun.expert, NoticeEvent.RING, quiet=("00:00", "23:59"))
    wish(begun, begun.expert, NoticeEvent.WAITING)
    wish(begun, begun.leader)
    note(begun, case, "room.rang", person=begun.expert.person)
    assert gather(begun) == [(way, NoticeEvent.RING)]
    assert _is_due(begun)


def _is_due(world: Consortium) -> bool:
    """Whether everything that was written goes now."""
    found = world.clinic.system(
        lambda work: [row.send_at for row in work.session.scalars(select(NoticeRow))]
    )
    return bool(found) and max(found) <= world.clinic.now


def test_both_sides_are_told_of_a_session_and_at_once_when_it_is_near(begun: Consortium) -> None:
    case = make_read_case(begun)
    gather(begun)
    ways = {wish(begun, begun.expert), wish(begun, begun.physician)}
    people = {"expert": begun.expert.person, "doctor": begun.physician.person}
    note(begun, case, "video_session.reminded", **people, minutes=1440)
    assert {way for way, _ in gather(begun)} == ways
    note(begun, case, "video_session.reminded", **people, minutes=15)
    assert {way for way, _ in gather(begun)} == ways
    found = begun.clinic.system(
        lambda work: [row.is_urgent for row in work.session.scalars(select(NoticeRow))]
    )
    assert sorted(found) == [False, False, True, True]


def test_what_has_failed_for_two_days_is_given_up_and_the_rest_is_tried(
    begun: Consortium,
) -> None:
    way = wish(begun, begun.leader)
    make_read_case(begun)
    gather(begun)
    begun.clinic.system(outbox.note_failed, way_id=way, failure="refused", rules=RULES)
    due = {"without": (), "limit": 9}
    assert begun.clinic.system(outbox.list_due_ways, **due) == []  # it rests

    late = begun.clinic.at(begun.clinic.now + RULES.give_up_after + timedelta(minutes=1))
    assert late.system(outbox.list_due_ways, **due) == [way]
    late.system(outbox.note_failed, way_id=way, failure="refused", rules=RULES)
    [(_, waiting, given_up)] = late.system(service.list_failing)
    assert (waiting, given_up) == (0, 1)
    document = citizen_number(6)
    make_read_case(begun, name="李秀珍", document_number=document)
    gather(begun)
    [(_, waiting, given_up)] = late.system(service.list_failing)
    assert (waiting, given_up) == (1, 1)


def test_an_urgent_alert_waits_for_no_way_that_rests_long(
    begun: Consortium, seal: SystemSeal
) -> None:
    way = wish(begun, begun.physician)
    make_read_case(begun)
    for _ in RULES.waits:
        begun.clinic.system(outbox.note_failed, way_id=way, failure="refused", rules=RULES)
    assert rest(begun, way) == RULES.waits[-1]
    gather(begun)
    assert rest(begun, way) == RULES.waits[-1], "nothing urgent: it rests"

    urgent = {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.EMERGENCY}
    patient = {"name": "李秀珍", "document_number": citizen_number(6)}
    case = make_read_case(begun, **patient)
    shown = prepare(begun, case, by=begun.expert, body=full_body(**urgent))
    sign(begun, case, by=begun.expert, shown=shown, seal=seal)
    assert (way, NoticeEvent.URGENT_ALERT) in gather(begun)
    assert rest(begun, way) == RULES.waits[0]
    begun.clinic.system(outbox.note_failed, way_id=way, failure="refused", rules=RULES)
    assert rest(begun, way) == RULES.urgent_wait
    gather(begun)
    assert rest(begun, way) == RULES.urgent_wait


def rest(world: Consortium, way_id: str) -> timedelta:
    """How long nothing is tried by this way from now on."""

    def step(work: Work) -> timedelta:
        row = store.find_row(work.session, way_id)
        assert row is not None
        assert row.rests_until is not None
        return row.rests_until - work.now

    return world.clinic.system(step)


def test_what_waits_by_a_way_that_is_removed_is_not_sent(begun: Consortium) -> None:
    way = wish(begun, begun.leader)
    make_read_case(begun)
    gather(begun)
    begun.clinic.do(begun.leader, service.remove_way, way_id=way)
    assert begun.clinic.system(outbox.list_due_ways, without=(), limit=9) == []
    row = begun.clinic.system(lambda work: store.find_row(work.session, way))
    assert row is None
