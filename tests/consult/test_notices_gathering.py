"""Who is told of what, read from the journal once (Q-13): the service behind the postman."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.calendar.video import service_offer
from consult.cases.advance import service as advance
from consult.cases.events import case_entry
from consult.cases.images import service as images
from consult.cases.model import Case, ServiceType
from consult.kernel.work import Actor, Work
from consult.notices import gathering, outbox, service, store
from consult.notices.model import NoticeEvent, WayForm, WayKind, parse_notice_rules
from consult.notices.tables import NoticeRow
from consult.queue import service_leader
from consult.reports.alerts import clock
from consult.reports.alerts.model import parse_alert_rules
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.seal import SystemSeal
from consult.studies.uploads.model import NewUpload, parse_upload_limits
from tests.makers.cases import (
    SCREENING_ANSWERS,
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
)
from tests.makers.consortium import Consortium, case_rules
from tests.makers.reports import claim, full_body, make_read_case, make_signed, queue_limits
from tests.makers.returns import decline, send_back
from tests.makers.rulebooks import read_config
from tests.makers.video_sessions import video_rules

RULES = parse_notice_rules(read_config("notices.toml"))


def wish(
    world: Consortium, who: Actor, *events: NoticeEvent, quiet: tuple[str, str] = ("", "")
) -> str:
    """She wants to hear of these, or of everything, by e-mail, and not in quiet hours."""
    told = frozenset(events or NoticeEvent)
    form = WayForm(WayKind.EMAIL, "someone@hospital.example", "", told, *quiet)
    told = {"form": form, "language": "zh-Hans", "rules": RULES, "origins": ()}
    return world.clinic.do(who, service.add_way, **told)


def gather(world: Consortium) -> list[tuple[str, NoticeEvent]]:
    """What was written for whom since the last time; until the journal is read to its end."""
    before = set(_told(world))
    world.clinic.settle()
    world.clinic.system(gathering.gather, rules=RULES)
    return sorted((way, event) for _, way, event in set(_told(world)) - before)


def _told(world: Consortium) -> list[tuple[str, str, NoticeEvent]]:
    def step(work: Work) -> list[tuple[str, str, NoticeEvent]]:
        return [(row.id, row.way_id, row.event) for row in work.session.scalars(select(NoticeRow))]

    return world.clinic.system(step)


@pytest.fixture
def begun(world: Consortium) -> Consortium:
    """The journal was read to its present end."""
    world.clinic.settle()
    world.clinic.system(gathering.gather, rules=RULES)
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
    begun.clinic.later(minutes=31).system(clock.escalate_due, rules=rules)
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


def test_what_waits_by_a_way_that_is_removed_is_not_sent(begun: Consortium) -> None:
    way = wish(begun, begun.leader)
    make_read_case(begun)
    gather(begun)
    begun.clinic.do(begun.leader, service.remove_way, way_id=way)
    assert begun.clinic.system(outbox.list_due_ways, without=(), limit=9) == []
    row = begun.clinic.system(lambda work: store.find_row(work.session, way))
    assert row is None


def note(world: Consortium, case: Case, kind: str, **codes: str | int) -> None:
    """A line of the journal as the clock writes it."""
    world.clinic.system(lambda work: work.journal(case_entry(case, kind, codes=codes)))


def test_whoever_sent_a_case_hears_once_that_its_files_do_not_come(begun: Consortium) -> None:
    patient = make_patient(begun)
    give_consent(begun, patient)
    draft = make_draft(begun, patient, service_type=ServiceType.SCREENING_READ)
    ready = fill_in(begun, draft, dict(SCREENING_ANSWERS))
    limits = parse_upload_limits(read_config("uploads.toml"))
    sent = {"new": NewUpload("OD.jpg", 400), "case_id": ready.id, "limits": limits}
    begun.clinic.do(begun.photographer, images.open_upload, **sent)
    asked = {"case_id": ready.id, "revision": ready.revision, "rules": case_rules()}
    begun.clinic.do(begun.physician, advance.submit_when_whole, **asked)
    doctor = wish(begun, begun.physician, NoticeEvent.FILES_LATE)
    nurse = wish(begun, begun.photographer, NoticeEvent.FILES_LATE)
    wish(begun, begun.colleague, NoticeEvent.FILES_LATE)
    late = timedelta(minutes=limits.late_files_min)
    soon = begun.clinic.at(begun.clinic.now + late - timedelta(minutes=1))
    assert soon.system(advance.tell_late, late=late) == 0
    over = begun.clinic.at(begun.clinic.now + late)
    assert over.system(advance.tell_late, late=late) == 1
    assert over.system(advance.tell_late, late=late) == 0
    assert gather(begun) == sorted(
        [
            *((way, NoticeEvent.FILES_LATE) for way in (doctor, nurse)),
        ]
    )
