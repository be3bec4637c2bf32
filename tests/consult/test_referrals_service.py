"""From the decision to the appointment: filled in, agreed to, booked once."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from consult.calendar import service as calendar
from consult.calendar.errors import HoldOverError
from consult.cases import service as cases
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.people.patients import service as patients
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.practitioners import affiliations
from consult.referrals import service as referrals
from consult.referrals import service_book, service_desk, service_end, service_open
from consult.referrals.criteria import Meets
from consult.referrals.desk import DeskView
from consult.referrals.errors import (
    ClinicElsewhereError,
    DeskMissingError,
    IdentityPendingError,
    NotForReferralError,
    ReferralBookedError,
    ReferralConsentNeededError,
    ReferralLiveError,
)
from consult.referrals.model import (
    AppointmentStatus,
    ReferralStatus,
)
from consult.referrals.proposal import propose
from consult.referrals.records import VisitOutcome
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
    assert (refusal.value.told.referral_id, refusal.value.told.number) == (first.id, first.number)


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
