"""What the office answers to a request, each told to whoever asked, with its reason (REF-06)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.calendar import service as calendar
from consult.calendar.model import BookingMode
from consult.cases import service as cases
from consult.cases.model import CaseStatus
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor, Work
from consult.notices import gathering
from consult.notices import service as notices
from consult.notices.model import NoticeEvent, WayForm, WayKind, parse_notice_rules
from consult.notices.tables import NoticeRow
from consult.people.practitioners import affiliations
from consult.referrals import service_end, service_triage
from consult.referrals.errors import (
    ClinicSameError,
    DeskMissingError,
    ReferralBookedError,
    ReferralChangedError,
    ReferralConsentNeededError,
    ReferralLiveError,
    UrgencyNotHigherError,
)
from consult.referrals.model import ReferralStatus, Triage
from consult.referrals.records import Referral
from consult.referrals.service_triage import Redirection
from consult.reports.model import ReferralUrgency
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    add_desk,
    book,
    case_of,
    clinic_facts,
    make_booked,
    make_decided,
    make_office,
    refer,
    reread,
)
from tests.makers.rulebooks import read_config
from tests.makers.twins import make_decided_twins

RULES = book().referrals
NOTICES = parse_notice_rules(read_config("notices.toml"))


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


def say(office: Office, step: Any, referral: Referral, **told: Any) -> Referral:
    """The office answers, from the page as it stands now; another person or page may be named."""
    by = told.pop("by", office.desk)
    known = {"referral_id": referral.id, "revision": reread(office, referral).revision}
    return office.clinic.do(by, step, **{**known, **told})


def send_on(office: Office, referral: Referral, clinic_id: str, **told: Any) -> Referral:
    to = Redirection(
        clinic_id, told.pop("reason", "专科更合适"), consent=told.pop("consent", False)
    )
    return say(office, service_triage.redirect, referral, to=to, rules=RULES, **told)


def raise_to(office: Office, referral: Referral, urgency: ReferralUrgency, **told: Any) -> Referral:
    more = {"urgency": urgency, "reason": "视力骤降", "rules": RULES, **told}
    return say(office, service_triage.upgrade, referral, **more)


def elsewhere(office: Office) -> tuple[Actor, str]:
    """Another hospital of the consortium with a clinic and somebody at its office."""
    world = office.world
    desk = add_desk(world, "qian", name="钱枫", at=world.other_id)
    added = office.clinic.do(desk, calendar.add_clinic, facts=clinic_facts(name="眼科门诊"))
    return desk, added.id


def sees(office: Office, actor: Actor, kind: ObjectType, thing: str) -> bool:
    def look(work: Work) -> bool:
        return policy.may_see(work.session, work.actor, Ref(kind, thing), now=work.now)

    return office.clinic.do(actor, look)


def test_an_accepted_patient_waits_for_her_time_and_the_clock_goes_on(office: Office) -> None:
    referral = refer(office, make_decided(office))
    accepted = say(office, service_triage.accept, referral, note="周二安排OCT")
    assert (accepted.status, accepted.accepted_at) == (ReferralStatus.REQUESTED, office.clinic.now)
    assert (accepted.triage, accepted.triage_note) == (Triage.ACCEPTED, "周二安排OCT")
    assert accepted.due_on == referral.due_on
    again = say(office, service_triage.accept, referral, revision=referral.revision)
    assert again == accepted
    assert office.clinic.kinds().count("referral.accepted") == 1
    assert case_of(office, referral).owner_id == office.desk.practitioner_id


def test_a_returned_request_is_the_physicians_again_who_may_follow_the_advice_and_ask_anew(
    office: Office,
) -> None:
    case = make_decided(office)
    referral = refer(office, case)
    told = {"how": ReferralStatus.RETURNED, "reason": "请先查OCT，视盘旁出血可3月后复查"}
    back = say(office, service_end.end_referral, referral, **told)
    assert (back.status, back.end_reason) == (ReferralStatus.RETURNED, told["reason"])
    now = case_of(office, referral)
    physician = office.world.physician.practitioner_id
    assert (now.status, now.owner_id) == (CaseStatus.ACKNOWLEDGED, physician)
    second = refer(office, case, reason="OCT已查，黄斑水肿")
    assert (second.status, case_of(office, second).status) == (
        ReferralStatus.REQUESTED,
        CaseStatus.REFERRING,
    )


@pytest.mark.parametrize("how", [ReferralStatus.RETURNED, ReferralStatus.DECLINED])
def test_without_a_reason_nothing_is_sent_back(office: Office, how: ReferralStatus) -> None:
    referral = refer(office, make_decided(office))
    with pytest.raises(RefusedError) as refused:
        say(office, service_end.end_referral, referral, how=how, reason=" ")
    assert [each.field for each in refused.value.problems] == ["reason"]
    assert reread(office, referral) == referral


def test_a_more_urgent_request_is_due_sooner_and_never_later(office: Office) -> None:
    referral = refer(office, make_decided(office))
    urgent = raise_to(office, referral, ReferralUrgency.URGENT)
    today = office.clinic.now.date()
    week = today + timedelta(days=RULES.periods.within_days[ReferralUrgency.URGENT])
    assert (urgent.urgency, urgent.due_on) == (ReferralUrgency.URGENT, min(week, referral.due_on))
    assert urgent.answer_by is None
    at_once = raise_to(office, referral, ReferralUrgency.EMERGENCY)
    promised = RULES.periods.answer_within[ReferralUrgency.EMERGENCY]
    assert (at_once.due_on, at_once.answer_by) == (today, office.clinic.now + promised)
    for urgency in ReferralUrgency:
        with pytest.raises(UrgencyNotHigherError):
            raise_to(office, referral, urgency)


def test_a_promise_that_ends_sooner_is_kept(office: Office) -> None:
    facts = clinic_facts(mode=BookingMode.REQUEST)
    told = {"clinic_id": office.clinic_id, "revision": 1, "facts": facts}
    office.clinic.do(office.desk, calendar.change_clinic, **told)
    referral = refer(office, make_decided(office))
    assert referral.answer_by is not None
    late = office.at(office.clinic.at(referral.answer_by - timedelta(minutes=5)))
    urgent = raise_to(late, referral, ReferralUrgency.URGENT)
    assert urgent.answer_by == referral.answer_by


def test_another_department_has_a_clock_of_its_own_and_the_same_people(office: Office) -> None:
    referral = refer(office, make_decided(office))
    say(office, service_triage.accept, referral)
    facts = clinic_facts(name="青光眼门诊", department="青光眼科", mode=BookingMode.REQUEST)
    glaucoma = office.clinic.do(office.desk, calendar.add_clinic, facts=facts)
    with pytest.raises(ClinicSameError):
        send_on(office, referral, office.clinic_id)
    moved = send_on(office, referral, glaucoma.id)
    assert (moved.specialty, moved.clinic_id) == ("青光眼科", glaucoma.id)
    promised = RULES.periods.answer_within[ReferralUrgency.ROUTINE]
    assert (moved.answer_by, moved.accepted_at) == (office.clinic.now + promised, None)
    assert (moved.due_on, moved.triage_note) == (referral.due_on, "专科更合适")
    assert case_of(office, referral).owner_id == office.desk.practitioner_id


def test_another_hospital_is_shown_what_this_one_was_and_this_one_nothing_more(
    office: Office,
) -> None:
    case = make_decided(office)
    referral = refer(office, case)
    desk, clinic_id = elsewhere(office)
    assert not sees(office, desk, ObjectType.CASE, case.id)
    with pytest.raises(ReferralConsentNeededError):
        send_on(office, referral, clinic_id)
    moved = send_on(office, referral, clinic_id, consent=True)
    assert moved.to_institution_id == office.world.other_id
    assert case_of(office, referral).owner_id == desk.practitioner_id
    things = (
        (ObjectType.REFERRAL, referral.id),
        (ObjectType.CASE, case.id),
        (ObjectType.PATIENT, case.patient_id),
        (ObjectType.REPORT, referral.report_id),
    )
    assert [sees(office, desk, *thing) for thing in things] == [True] * 4
    with pytest.raises(NotFoundError):
        say(office, service_triage.accept, referral)
    assert say(office, service_triage.accept, referral, by=desk).triage is Triage.ACCEPTED
    back = send_on(office, referral, office.clinic_id, consent=True, by=desk)
    assert (back.to_institution_id, back.accepted_at) == (office.world.lead_id, None)
    assert [sees(office, desk, *thing) for thing in things] == [False] * 4
    assert sees(office, office.desk, ObjectType.REFERRAL, referral.id)


def test_nobody_is_sent_where_nobody_answers_or_where_another_request_is_live(
    office: Office,
) -> None:
    case = make_decided(office)
    [twin] = office.clinic.system(make_decided_twins, case_id=case.id, count=1)
    referral = refer(office, case)
    desk, _ = elsewhere(office)
    facts = clinic_facts(name="青光眼门诊", department="青光眼科")
    glaucoma = office.clinic.do(desk, calendar.add_clinic, facts=facts)
    other = office.clinic.system(cases.get_case, case_id=twin)
    refer(office, other, clinic_id=glaucoma.id)
    with pytest.raises(ReferralLiveError):
        send_on(office, referral, glaucoma.id, consent=True)
    with pytest.raises(RefusedError):
        send_on(office, referral, "0" * 32)
    assert reread(office, referral).clinic_id == office.clinic_id


def test_a_hospital_without_anybody_at_its_office_is_not_asked(office: Office) -> None:
    referral = refer(office, make_decided(office))
    desk, clinic_id = elsewhere(office)
    [place] = office.clinic.system(
        affiliations.list_affiliations, practitioner_ids=[str(desk.practitioner_id)]
    )
    told = {"affiliation_id": place.id, "revision": place.revision}
    office.clinic.system(affiliations.stop_affiliation, **told)
    with pytest.raises(DeskMissingError):
        send_on(office, referral, clinic_id, consent=True)
    assert reread(office, referral) == referral


def test_of_two_clerks_the_second_is_told_to_look_again(office: Office) -> None:
    referral = refer(office, make_decided(office))
    raise_to(office, referral, ReferralUrgency.URGENT)
    old = referral.revision
    with pytest.raises(ReferralChangedError):
        raise_to(office, referral, ReferralUrgency.EMERGENCY, revision=old)
    told = {"how": ReferralStatus.RETURNED, "reason": "请先查OCT", "revision": old}
    with pytest.raises(ReferralChangedError):
        say(office, service_end.end_referral, referral, **told)


def test_what_has_a_time_is_not_answered_again(office: Office) -> None:
    referral, _ = make_booked(office)
    with pytest.raises(ReferralBookedError):
        say(office, service_triage.accept, referral)
    with pytest.raises(ReferralBookedError):
        raise_to(office, referral, ReferralUrgency.EMERGENCY)


@pytest.mark.parametrize(
    ("answer", "urgent"),
    [("accept", []), ("upgrade", [True]), ("returned", []), ("redirect", [])],
)
def test_whoever_asked_is_told_outside_the_page(
    office: Office, answer: str, urgent: list[bool]
) -> None:
    referral = refer(office, make_decided(office))
    office.clinic.settle()
    office.clinic.system(gathering.gather, rules=NOTICES)
    form = WayForm(WayKind.EMAIL, "chen@clinic.example", "", frozenset({NoticeEvent.REFERRAL}))
    told = {"form": form, "language": "zh-Hans", "rules": NOTICES, "origins": ()}
    office.clinic.do(office.world.physician, notices.add_way, **told)
    ANSWERS[answer](office, referral)
    office.clinic.settle()
    office.clinic.system(gathering.gather, rules=NOTICES)

    def kept(work: Work) -> list[tuple[NoticeEvent, bool]]:
        return [(row.event, row.is_urgent) for row in work.session.scalars(select(NoticeRow))]

    assert office.clinic.system(kept) == [(NoticeEvent.REFERRAL, urgent == [True])]


ANSWERS: dict[str, Any] = {
    "accept": lambda office, referral: say(office, service_triage.accept, referral),
    "upgrade": lambda office, referral: raise_to(office, referral, ReferralUrgency.EMERGENCY),
    "returned": lambda office, referral: say(
        office, service_end.end_referral, referral, how=ReferralStatus.RETURNED, reason="先查OCT"
    ),
    "redirect": lambda office, referral: send_on(
        office, referral, elsewhere(office)[1], consent=True
    ),
}
