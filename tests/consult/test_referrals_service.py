"""From the decision to the end of the loop: refer, book, arrive, tell, close."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from consult.access.model import ObjectType
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.errors import HoldOverError
from consult.calendar.model import SlotStatus
from consult.cases import service as cases
from consult.cases.errors import CaseChangedError
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.people.patients import service as patients
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.practitioners import affiliations
from consult.referrals import service as referrals
from consult.referrals import service_book, service_desk, service_end, service_open
from consult.referrals.criteria import Meets
from consult.referrals.errors import (
    AppointmentMissingError,
    AppointmentNotYetError,
    ClinicElsewhereError,
    CloseNeedsDecisionError,
    DeskMissingError,
    EndNotYoursError,
    IdentityPendingError,
    LoopOpenError,
    NotForReferralError,
    ReferralBookedError,
    ReferralChangedError,
    ReferralConsentNeededError,
    ReferralLiveError,
)
from consult.referrals.model import (
    AppointmentStatus,
    AppointmentStepNotAllowedError,
    ReferralStatus,
)
from consult.referrals.proposal import propose
from consult.referrals.records import DeskView, Referral, Side, VisitOutcome
from consult.reports.model import ReferralUrgency
from consult.reports.seal import load_seal
from consult.reports.versions import NextStep
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    add_desk,
    book,
    clinic_facts,
    confirm,
    hold,
    make_booked,
    make_decided,
    make_office,
    make_second,
    publish,
    refer,
    request,
    reread,
)

OUTCOME = VisitOutcome(
    diagnosis="左眼中度NPDR伴DME",
    findings="OCT：中心凹厚度 412 μm",
    advice="抗VEGF治疗，1 月后复查",
)


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


def on_the_day(office: Office) -> Office:
    """Tuesday, 08:40 in Shanghai."""
    return office.at(office.clinic.later(hours=24, minutes=20))


def case_of(office: Office, referral: Referral) -> Case:
    return office.clinic.system(cases.get_case, case_id=referral.case_id)


def arrive(office: Office, referral: Referral) -> Referral:
    revision = reread(office, referral).revision
    office.clinic.do(
        office.desk, service_desk.mark_arrived, referral_id=referral.id, revision=revision
    )
    return reread(office, referral)


def test_the_way_from_the_report_to_the_end_of_the_loop(office: Office) -> None:
    referral, appointment = make_booked(office)
    assert (referral.status, appointment.status) == (
        ReferralStatus.BOOKED,
        AppointmentStatus.BOOKED,
    )
    assert (appointment.turn, appointment.physician_name) == (1, "梁思远")
    assert case_of(office, referral).owner_id == office.desk.practitioner_id
    day = on_the_day(office)
    arrived = arrive(day, referral)
    assert case_of(day, referral).status is CaseStatus.REFERRING
    seen = day.clinic.do(
        day.desk,
        service_desk.record_outcome,
        referral_id=referral.id,
        revision=arrived.revision,
        outcome=OUTCOME,
    )
    assert (seen.status, seen.outcome) == (ReferralStatus.SEEN, OUTCOME)
    case = case_of(day, referral)
    assert (case.status, case.owner_id) == (
        CaseStatus.FOLLOW_UP,
        office.world.physician.practitioner_id,
    )
    closed = day.clinic.do(
        office.world.physician, service_end.close_case, case_id=case.id, revision=case.revision
    )
    assert (closed.status, closed.owner_id, closed.closed_at) == (
        CaseStatus.CLOSED,
        None,
        day.clinic.now,
    )
    kinds = day.clinic.kinds()
    told = [kind for kind in kinds if kind.startswith(("referral.", "appointment.", "slot."))]
    assert told == [
        "slot.held",
        "referral.requested",
        "slot.booked",
        "appointment.booked",
        "referral.booked",
        "appointment.arrived",
        "referral.arrived",
        "appointment.fulfilled",
        "referral.seen",
    ]


def test_everything_is_filled_in_from_the_report_and_says_by_which_rule(office: Office) -> None:
    case = make_decided(office)
    proposal = office.clinic.do(
        office.world.physician, propose, case_id=case.id, rules=book().referrals
    )
    assert proposal.urgency is ReferralUrgency.ROUTINE
    assert "左眼中度" in proposal.reason
    assert proposal.assessment.meets is Meets.MEETS
    assert proposal.due_on == date(2026, 4, 5)
    referral = refer(office, case)
    kept = reread(office, referral).assessment
    assert (kept.rule_name, kept.rule_version) == ("ada-2017", "2026.1")
    assert "Diabetes Care 2017" in kept.rule_source
    assert {reason.code for reason in kept.reasons} >= {"icdr_2", "dme_suspected"}
    assert referral.due_on == date(2026, 4, 5)


def test_urgency_shortens_the_time_and_the_criteria_never_lengthen_it(office: Office) -> None:
    case = make_decided(office)
    assert refer(office, case, urgency=ReferralUrgency.URGENT).due_on == date(2026, 1, 12)


def test_without_the_patients_consent_nothing_is_sent(office: Office) -> None:
    case = make_decided(office)
    with pytest.raises(ReferralConsentNeededError) as refusal:
        refer(office, case, consent=False)
    assert refusal.value.problems[0].field == "consent"
    with pytest.raises(RefusedError):
        refer(office, case, reason="  ")
    with pytest.raises(RefusedError):
        refer(office, case, reason="长" * 2001)
    assert not [kind for kind in office.clinic.kinds() if kind.startswith("referral.")]


def test_a_patient_without_a_document_is_not_referred_before_that_is_settled(
    office: Office,
) -> None:
    unknown = {
        "document_kind": DocumentKind.NONE,
        "document_number": "",
        "sex": Sex.FEMALE,
        "birth_on": date(1962, 3, 14),
    }
    case = make_decided(office, **unknown)
    with pytest.raises(IdentityPendingError):
        refer(office, case)


def test_a_case_without_the_decision_to_refer_is_not_referred(office: Office) -> None:
    case = make_decided(office, next_step=NextStep.FOLLOW_UP)
    with pytest.raises(NotForReferralError):
        refer(office, case)


def test_a_second_referral_points_to_the_live_one(office: Office) -> None:
    case = make_decided(office)
    first = refer(office, case)
    with pytest.raises(ReferralLiveError) as refusal:
        refer(office, case)
    assert (refusal.value.referral_id, refusal.value.number) == (first.id, first.number)


def test_two_referrals_of_one_case_at_once_become_one(office: Office) -> None:
    case = make_decided(office)
    racers = [
        office.clinic.start(
            office.world.physician,
            service_open.open_referral,
            case_id=case.id,
            wish=request(office),
            rules=book().referrals,
        )
        for _ in range(8)
    ]
    lost = [racer.exception(timeout=20) for racer in racers]
    assert lost.count(None) == 1


def test_the_desk_sees_the_referred_patient_and_nobody_elses(office: Office) -> None:
    world, case = office.world, make_decided(office)
    elsewhere = add_desk(world, "tan", name="谭洁", at=world.other_id)
    clinic_b = office.clinic.do(elsewhere, calendar.add_clinic, facts=clinic_facts(phone="1"))
    referral = refer(office, case, clinic_id=clinic_b.id)
    assert office.clinic.do(elsewhere, referrals.get_referral, referral_id=referral.id)
    assert office.clinic.do(elsewhere, patients.get_patient, patient_id=case.patient_id)
    assert office.clinic.do(elsewhere, cases.get_case, case_id=case.id)
    with pytest.raises(NotFoundError):
        office.clinic.do(office.desk, referrals.get_referral, referral_id=referral.id)
    ended = office.clinic.do(
        elsewhere,
        service_end.end_referral,
        referral_id=referral.id,
        revision=1,
        how=ReferralStatus.DECLINED,
        reason="本院无相应设备",
        side=Side.DESK,
    )
    assert ended.status is ReferralStatus.DECLINED
    with pytest.raises(NotFoundError):
        office.clinic.do(elsewhere, patients.get_patient, patient_id=case.patient_id)
    line = office.clinic.do(
        elsewhere, service_desk.list_desk, view=DeskView.DONE, rules=book().referrals
    )
    assert [each.referral.id for each in line] == [referral.id]


def test_a_hospital_without_a_referral_office_takes_nobody(office: Office) -> None:
    held = affiliations.list_affiliations
    mine = office.clinic.system(held, practitioner_ids=[office.desk.practitioner_id])[0]
    office.clinic.system(
        affiliations.stop_affiliation, affiliation_id=mine.id, revision=mine.revision
    )
    with pytest.raises(DeskMissingError):
        refer(office, make_decided(office))


def test_confirming_twice_gives_one_appointment_and_another_slot_is_refused(
    office: Office,
) -> None:
    referral, appointment = make_booked(office)
    slot = publish(office, physician_name="周怀瑾")[0]
    again = office.clinic.do(
        office.world.physician,
        service_book.confirm_booking,
        referral_id=referral.id,
        slot_id=appointment.slot_id,
    )
    assert again.id == appointment.id
    with pytest.raises(ReferralBookedError):
        confirm(office, referral, slot)


def test_a_hold_that_is_over_is_not_confirmed(office: Office) -> None:
    slot, case = publish(office)[0], make_decided(office)
    hold(office, case, slot)
    referral = refer(office, case)
    late = office.at(office.clinic.later(minutes=15))
    with pytest.raises(HoldOverError):
        confirm(late, referral, slot)
    other = make_second(office)
    hold(late, other, slot)
    with pytest.raises(HoldOverError):
        confirm(late, referral, slot)
    assert reread(late, referral).status is ReferralStatus.REQUESTED


def test_a_slot_of_another_hospital_is_not_booked_for_this_referral(office: Office) -> None:
    world, case = office.world, make_decided(office)
    elsewhere = add_desk(world, "tan", name="谭洁", at=world.other_id)
    clinic_b = office.clinic.do(elsewhere, calendar.add_clinic, facts=clinic_facts())
    slot = publish(replace(office, desk=elsewhere), clinic_id=clinic_b.id)[0]
    referral = refer(office, case)
    hold(office, case, slot)
    with pytest.raises(ClinicElsewhereError):
        confirm(office, referral, slot)
    with pytest.raises(NotFoundError):
        confirm(office, referral, replace(slot, id=new_id()))


def test_one_press_refers_and_books(office: Office) -> None:
    slot, case = publish(office)[0], make_decided(office)
    hold(office, case, slot)
    press = {
        "case_id": case.id,
        "slot_id": slot.id,
        "wish": request(office),
        "rules": book().referrals,
    }
    booked = office.clinic.do(office.world.physician, service_book.refer_and_book, **press)
    assert booked.status is AppointmentStatus.BOOKED
    again = office.clinic.do(office.world.physician, service_book.refer_and_book, **press)
    assert again.id == booked.id


def test_a_press_without_a_hold_leaves_no_referral_behind(office: Office) -> None:
    slot, case = publish(office)[0], make_decided(office)
    with pytest.raises(HoldOverError):
        office.clinic.do(
            office.world.physician,
            service_book.refer_and_book,
            case_id=case.id,
            slot_id=slot.id,
            wish=request(office),
            rules=book().referrals,
        )
    assert office.clinic.do(office.world.physician, referrals.list_referrals, case_id=case.id) == []


def test_a_cancelled_booking_frees_its_slot_and_is_booked_anew(office: Office) -> None:
    referral, appointment = make_booked(office)
    cancel = {"referral_id": referral.id, "revision": referral.revision, "side": Side.INVITING}
    with pytest.raises(RefusedError):
        office.clinic.do(office.world.physician, service_book.cancel_booking, reason=" ", **cancel)
    with pytest.raises(NotFoundError):
        office.clinic.do(office.desk, service_book.cancel_booking, reason="停电", **cancel)
    asked = office.clinic.do(
        office.world.physician, service_book.cancel_booking, reason="患者改期", **cancel
    )
    assert asked.status is ReferralStatus.REQUESTED
    with pytest.raises(ReferralChangedError):
        office.clinic.do(
            office.world.physician, service_book.cancel_booking, reason="患者改期", **cancel
        )
    slot = office.clinic.do(
        office.world.physician, service_hold.get_slot, slot_id=appointment.slot_id
    )
    assert slot.status is SlotStatus.FREE
    hold(office, case_of(office, referral), slot)
    anew = confirm(office, asked, slot)
    assert anew.id != appointment.id
    old = office.clinic.do(
        office.world.physician, referrals.get_appointment, appointment_id=appointment.id
    )
    assert (old.status, old.ended_reason) == (AppointmentStatus.CANCELLED, "患者改期")


def test_the_desk_books_again_for_a_patient_in_its_care(office: Office) -> None:
    referral, appointment = make_booked(office)
    asked = office.clinic.do(
        office.desk,
        service_book.cancel_booking,
        referral_id=referral.id,
        revision=referral.revision,
        reason="医师停诊",
        side=Side.DESK,
    )
    later = publish(office, physician_name="周怀瑾")[1]
    hold(office, case_of(office, referral), later, by=office.desk)
    booked = office.clinic.do(
        office.desk, service_book.confirm_booking, referral_id=asked.id, slot_id=later.id
    )
    assert booked.slot_id != appointment.slot_id


def test_arrival_belongs_to_the_day_and_a_missed_visit_to_after_its_time(office: Office) -> None:
    referral, _ = make_booked(office)
    step = {"referral_id": referral.id, "revision": referral.revision}
    for early in (service_desk.mark_arrived, service_desk.mark_noshow):
        with pytest.raises(AppointmentNotYetError):
            office.clinic.do(office.desk, early, **step)
    day = on_the_day(office)
    for somebody in (office.world.physician, office.world.stranger):
        with pytest.raises(NotFoundError):
            day.clinic.do(somebody, service_desk.mark_arrived, **step)
    with pytest.raises(AppointmentStepNotAllowedError):
        day.clinic.do(day.desk, service_desk.record_outcome, outcome=OUTCOME, **step)
    missed = day.clinic.do(day.desk, service_desk.mark_noshow, **step)
    assert missed.status is ReferralStatus.REQUESTED
    with pytest.raises(AppointmentMissingError):
        arrive(day, missed)
    assert case_of(day, missed).owner_id == office.desk.practitioner_id


def test_an_old_page_moves_nothing(office: Office) -> None:
    referral, _ = make_booked(office)
    day = on_the_day(office)
    arrive(day, referral)
    with pytest.raises(ReferralChangedError):
        day.clinic.do(
            day.desk,
            service_desk.record_outcome,
            referral_id=referral.id,
            revision=referral.revision,
            outcome=OUTCOME,
        )


def test_an_outcome_says_diagnosis_and_advice(office: Office) -> None:
    referral, _ = make_booked(office)
    arrived = arrive(on_the_day(office), referral)
    with pytest.raises(FormRefusedError) as refusal:
        on_the_day(office).clinic.do(
            office.desk,
            service_desk.record_outcome,
            referral_id=referral.id,
            revision=arrived.revision,
            outcome=VisitOutcome(diagnosis=" ", findings="长" * 2001, advice=""),
        )
    assert {problem.field for problem in refusal.value.problems} == {
        "diagnosis",
        "findings",
        "advice",
    }


@pytest.mark.parametrize(
    ("side", "how"),
    [
        (Side.INVITING, ReferralStatus.PATIENT_DECLINED),
        (Side.INVITING, ReferralStatus.CANCELLED),
        (Side.INVITING, ReferralStatus.LOST),
        (Side.DESK, ReferralStatus.DECLINED),
        (Side.DESK, ReferralStatus.LOST),
    ],
)
def test_a_referral_that_ends_without_a_visit_is_followed_up(
    office: Office, side: Side, how: ReferralStatus
) -> None:
    referral, appointment = make_booked(office)
    by = office.world.physician if side is Side.INVITING else office.desk
    ended = office.clinic.do(
        by,
        service_end.end_referral,
        referral_id=referral.id,
        revision=referral.revision,
        how=how,
        reason="电话三次未接通",
        side=side,
    )
    assert (ended.status, ended.end_reason) == (how, "电话三次未接通")
    slot = office.clinic.system(service_hold.get_slot, slot_id=appointment.slot_id)
    assert slot.status is SlotStatus.FREE
    case = case_of(office, referral)
    assert case.status is CaseStatus.FOLLOW_UP
    assert case.owner_id == office.world.physician.practitioner_id


@pytest.mark.parametrize(
    ("side", "how"),
    [
        (Side.INVITING, ReferralStatus.DECLINED),
        (Side.INVITING, ReferralStatus.SEEN),
        (Side.DESK, ReferralStatus.CANCELLED),
        (Side.DESK, ReferralStatus.REQUESTED),
    ],
)
def test_an_end_is_said_by_its_own_side(office: Office, side: Side, how: ReferralStatus) -> None:
    referral, _ = make_booked(office)
    by = office.world.physician if side is Side.INVITING else office.desk
    with pytest.raises(EndNotYoursError):
        office.clinic.do(
            by,
            service_end.end_referral,
            referral_id=referral.id,
            revision=referral.revision,
            how=how,
            reason="原因",
            side=side,
        )


def test_a_patient_who_refuses_before_anything_was_sent_is_followed_up(office: Office) -> None:
    case = make_decided(office)
    refused = office.clinic.do(
        office.world.physician,
        service_end.decline_before,
        case_id=case.id,
        clinic_id=office.clinic_id,
        reason="患者要求先观察",
        rules=book().referrals,
    )
    assert refused.status is ReferralStatus.PATIENT_DECLINED
    assert case_of(office, refused).status is CaseStatus.FOLLOW_UP
    granted = [
        line
        for line in office.clinic.lines()
        if line.kind == "access.granted" and line.object_type == ObjectType.REFERRAL
    ]
    assert granted == []


def test_a_case_is_closed_by_its_own_side_when_no_referral_is_under_way(office: Office) -> None:
    referral, _ = make_booked(office)
    case = case_of(office, referral)
    close = {"case_id": case.id, "revision": case.revision}
    with pytest.raises(LoopOpenError):
        office.clinic.do(office.world.physician, service_end.close_case, **close)
    with pytest.raises(NotFoundError):
        office.clinic.do(office.desk, service_end.close_case, **close)
    undecided = make_second(office)
    with pytest.raises(CloseNeedsDecisionError):
        office.clinic.do(
            office.world.physician,
            service_end.close_case,
            case_id=undecided.id,
            revision=undecided.revision,
        )


def test_a_case_in_follow_up_without_referral_is_closed_once(office: Office) -> None:
    case = make_decided(office, next_step=NextStep.FOLLOW_UP)
    close = {"case_id": case.id, "revision": case.revision}
    office.clinic.do(office.world.physician, service_end.close_case, **close)
    with pytest.raises(CaseChangedError):
        office.clinic.do(office.world.physician, service_end.close_case, **close)


def test_the_red_list_shows_what_is_due_and_not_booked(office: Office) -> None:
    case = make_decided(office)
    referral = refer(office, case)

    def red(office: Office) -> list[str]:
        found = office.clinic.do(
            office.desk, service_desk.list_desk, view=DeskView.RED, rules=book().referrals
        )
        return [line.referral.id for line in found]

    assert red(office) == []
    assert red(office.at(office.clinic.later(days=86))) == []
    assert red(office.at(office.clinic.later(days=87))) == [referral.id]
    slot = publish(office)[0]
    hold(office, case, slot)
    confirm(office, referral, slot)
    assert red(office.at(office.clinic.later(days=100))) == []


def test_todays_visits_stand_on_todays_list(office: Office) -> None:
    referral, appointment = make_booked(office)

    def today(office: Office) -> list[str]:
        found = office.clinic.do(
            office.desk, service_desk.list_desk, view=DeskView.TODAY, rules=book().referrals
        )
        return [line.appointment.id for line in found if line.appointment is not None]

    assert today(office) == []
    assert today(on_the_day(office)) == [appointment.id]
    assert today(office.at(office.clinic.later(hours=48))) == []
    assert referral.is_live


def test_an_office_lists_only_what_is_referred_to_it(office: Office) -> None:
    refer(office, make_decided(office))
    found = office.clinic.do(
        office.world.physician, service_desk.list_desk, view=DeskView.OPEN, rules=book().referrals
    )
    assert found == []
