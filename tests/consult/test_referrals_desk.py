"""The appointment and the visit: cancelled, missed, arrived, told; what the office sees."""

from pathlib import Path
from typing import Any

import pytest

from consult.calendar import service_hold
from consult.calendar.model import SlotStatus
from consult.cases.model import CaseStatus
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.referrals import service as referrals
from consult.referrals import service_book, service_desk, service_end
from consult.referrals.desk import DeskView
from consult.referrals.errors import (
    AppointmentMissingError,
    AppointmentNotYetError,
    ReferralChangedError,
)
from consult.referrals.model import (
    AppointmentStatus,
    AppointmentStepNotAllowedError,
    ReferralStatus,
)
from consult.referrals.records import VisitOutcome
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    arrive,
    book,
    case_of,
    confirm,
    hold,
    make_booked,
    make_decided,
    make_office,
    on_the_day,
    publish,
    refer,
)

OUTCOME = VisitOutcome(
    diagnosis="左眼中度NPDR伴DME",
    findings="OCT：中心凹厚度 412 μm",
    advice="抗VEGF治疗，1 月后复查",
)


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


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


def test_a_cancelled_booking_frees_its_slot_and_is_booked_anew(office: Office) -> None:
    referral, appointment = make_booked(office)
    cancel: dict[str, Any] = {"referral_id": referral.id, "revision": referral.revision}
    cancel["rules"] = book().referrals
    with pytest.raises(RefusedError):
        office.clinic.do(office.world.physician, service_book.cancel_booking, reason=" ", **cancel)
    for somebody in (office.world.stranger, office.world.expert):
        with pytest.raises(NotFoundError):
            office.clinic.do(somebody, service_book.cancel_booking, reason="停电", **cancel)
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
        rules=book().referrals,
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
    rules = {"rules": book().referrals}
    with pytest.raises(AppointmentNotYetError):
        office.clinic.do(office.desk, service_desk.mark_arrived, **step)
    with pytest.raises(AppointmentNotYetError):
        office.clinic.do(office.desk, service_desk.mark_noshow, **step, **rules)
    day = on_the_day(office)
    for somebody in (office.world.physician, office.world.stranger):
        with pytest.raises(NotFoundError):
            day.clinic.do(somebody, service_desk.mark_arrived, **step)
    with pytest.raises(AppointmentStepNotAllowedError):
        day.clinic.do(day.desk, service_desk.record_outcome, outcome=OUTCOME, **step)
    missed = day.clinic.do(day.desk, service_desk.mark_noshow, **step, **rules)
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
