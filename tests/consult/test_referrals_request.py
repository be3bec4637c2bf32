"""A clinic that is asked (申请预约): the desk books in its own system and writes back (U22)."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from consult.calendar import service as calendar
from consult.calendar.clinics import Stop
from consult.calendar.errors import ClinicByRequestError
from consult.calendar.model import BookingMode
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.referrals import service as referrals
from consult.referrals import (
    service_book,
    service_desk,
    service_request,
    service_slip,
    service_stop,
)
from consult.referrals.desk import DeskView
from consult.referrals.errors import (
    ClinicNotByRequestError,
    ReferralBookedError,
    ReferralChangedError,
)
from consult.referrals.model import AppointmentStatus, ReferralStatus, RequeueCause
from consult.referrals.records import Appointment, Referral, VisitOutcome
from consult.referrals.service_request import WrittenBack
from consult.reports.model import ReferralUrgency
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    TUESDAY,
    Office,
    arrive,
    book,
    case_of,
    clinic_facts,
    hold,
    make_decided,
    make_office,
    on_the_day,
    publish,
    refer,
    reread,
)

HOURS = book().referrals.periods.answer_within


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    """The lead hospital's office, whose clinic is booked in the hospital's own system."""
    made = make_office(clinic, load_seal(tmp_path / "seal"))
    set_mode(made, BookingMode.REQUEST, revision=1)
    return made


def test_from_the_request_to_the_visit(office: Office) -> None:
    referral = refer(office, make_decided(office), urgency=ReferralUrgency.URGENT)
    assert referral.answer_by == office.clinic.now + HOURS[ReferralUrgency.URGENT]
    assert case_of(office, referral).owner_id == office.desk.practitioner_id
    assert [each.id for each in listed(office, DeskView.ASKED)] == [referral.id]
    booked = write_back(office, referral, place="3 楼 9 诊室", ticket="A017")
    assert (booked.slot_id, booked.place, booked.ticket) == (None, "3 楼 9 诊室", "A017")
    assert booked.starts_at.isoformat() == "2026-01-06T00:30:00+00:00"
    now = reread(office, referral)
    assert (now.status, now.answer_by) == (ReferralStatus.BOOKED, None)
    slip, _ = office.clinic.do(
        office.world.physician, service_slip.open_slip, appointment_id=booked.id
    )
    assert slip.number == booked.number
    day = on_the_day(office)
    arrived = arrive(day, now)
    seen = day.clinic.do(
        day.desk,
        service_desk.record_outcome,
        referral_id=now.id,
        revision=arrived.revision,
        outcome=VisitOutcome("PDR", "", "择期手术"),
    )
    assert seen.status is ReferralStatus.SEEN


def test_writing_back_twice_gives_one_appointment(office: Office) -> None:
    referral = refer(office, make_decided(office))
    first = write_back(office, referral)
    assert write_back(office, referral).id == first.id
    with pytest.raises(ReferralChangedError):
        write_back(office, referral, at=time(9))
    with pytest.raises(ReferralBookedError):
        write_back(office, reread(office, referral), at=time(9))


def test_another_time_takes_the_place_of_the_one_named(office: Office) -> None:
    referral = refer(office, make_decided(office))
    first = write_back(office, referral)
    second = write_back(office, reread(office, referral), at=time(9), replaces=first.id)
    old = office.clinic.system(referrals.get_appointment, appointment_id=first.id)
    assert (old.status, second.status) == (
        AppointmentStatus.RESCHEDULED,
        AppointmentStatus.BOOKED,
    )
    assert office.clinic.kinds().count("referral.rebooked") == 1


def test_a_request_that_is_not_answered_in_time_is_red_and_told_once(office: Office) -> None:
    referral = refer(office, make_decided(office))
    late = office.at(
        office.clinic.later(hours=HOURS[ReferralUrgency.ROUTINE].total_seconds() / 3600)
    )
    before = office.at(late.clinic.later(seconds=-1))
    assert listed(before, DeskView.RED) == []
    assert before.clinic.system(service_request.note_unanswered) == 0
    assert [each.id for each in listed(late, DeskView.RED)] == [referral.id]
    assert late.clinic.system(service_request.note_unanswered) == 1
    assert late.clinic.system(service_request.note_unanswered) == 0
    assert reread(late, referral).escalated_at == late.clinic.now
    told = [line for line in late.clinic.lines() if line.kind == "referral.unanswered"]
    assert [line.codes["owner"] for line in told] == [office.desk.practitioner_id]
    write_back(late, reread(late, referral), day=late.clinic.now.date() + timedelta(days=1))
    assert listed(late, DeskView.RED) == []


def test_a_cancelled_time_is_owed_anew(office: Office) -> None:
    referral = refer(office, make_decided(office))
    write_back(office, referral)
    later = office.at(office.clinic.later(hours=1))
    asked = later.clinic.do(
        office.world.physician,
        service_book.cancel_booking,
        referral_id=referral.id,
        revision=reread(office, referral).revision,
        reason="患者改期",
        rules=book().referrals,
    )
    assert asked.requeued_because is RequeueCause.CANCELLED
    assert asked.answer_by == later.clinic.now + HOURS[ReferralUrgency.ROUTINE]
    assert [each.id for each in listed(later, DeskView.ASKED)] == [referral.id]


def test_after_a_missed_visit_the_office_is_asked_again_when_the_patient_wants(
    office: Office,
) -> None:
    referral = refer(office, make_decided(office))
    write_back(office, referral)
    day = on_the_day(office)
    missed = day.clinic.do(
        day.desk,
        service_desk.mark_noshow,
        referral_id=referral.id,
        revision=reread(office, referral).revision,
        rules=book().referrals,
    )
    assert (missed.answer_by, listed(day, DeskView.ASKED)) == (None, [])
    ask = {"referral_id": referral.id, "rules": book().referrals}
    again = day.clinic.do(
        office.world.physician, service_request.ask_again, revision=missed.revision, **ask
    )
    assert again.answer_by == day.clinic.now + HOURS[ReferralUrgency.ROUTINE]
    for revision in (missed.revision, again.revision):
        with pytest.raises(ReferralChangedError):
            day.clinic.do(
                office.world.physician, service_request.ask_again, revision=revision, **ask
            )
    with pytest.raises(NotFoundError):
        day.clinic.do(
            office.world.stranger, service_request.ask_again, revision=again.revision, **ask
        )


def test_a_stopped_day_reaches_whom_the_hospital_booked_itself(office: Office) -> None:
    referral = refer(office, make_decided(office))
    write_back(office, referral)
    done = office.clinic.do(
        office.desk,
        service_stop.stop_clinic,
        clinic_id=office.clinic_id,
        stop=Stop(reason="医师外出", day=TUESDAY),
        rules=book().referrals,
    )
    assert [each.id for each in done.requeued] == [referral.id]
    assert reread(office, referral).requeued_because is RequeueCause.STOPPED


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"day": TUESDAY - timedelta(days=2)}, "day"),
        ({"day": TUESDAY + timedelta(days=400)}, "day"),
        ({"day": TUESDAY - timedelta(days=1), "at": time(8)}, "at"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(
    office: Office, told: dict[str, Any], field: str
) -> None:
    referral = refer(office, make_decided(office))
    with pytest.raises(RefusedError) as refusal:
        write_back(office, referral, **told)
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_only_the_desk_writes_back_and_only_where_it_was_asked(office: Office) -> None:
    referral = refer(office, make_decided(office))
    for somebody in (office.world.physician, office.world.stranger):
        with pytest.raises(NotFoundError):
            write_back(office, referral, by=somebody)
    set_mode(office, BookingMode.DIRECT, revision=2)
    with pytest.raises(ClinicNotByRequestError):
        write_back(office, referral)


def test_no_slot_is_published_or_held_where_the_hospital_books_itself(office: Office) -> None:
    with pytest.raises(ClinicByRequestError):
        publish(office)
    set_mode(office, BookingMode.DIRECT, revision=2)
    slot = publish(office)[0]
    set_mode(office, BookingMode.REQUEST, revision=3)
    with pytest.raises(ClinicByRequestError):
        hold(office, make_decided(office), slot)


def test_a_clinic_with_slots_owes_no_time(office: Office) -> None:
    set_mode(office, BookingMode.DIRECT, revision=2)
    referral = refer(office, make_decided(office))
    assert (referral.answer_by, listed(office, DeskView.ASKED)) == (None, [])


def set_mode(office: Office, mode: BookingMode, *, revision: int) -> None:
    office.clinic.do(
        office.desk,
        calendar.change_clinic,
        clinic_id=office.clinic_id,
        revision=revision,
        facts=clinic_facts(mode=mode),
    )


def listed(office: Office, view: DeskView) -> list[Referral]:
    found = office.clinic.do(office.desk, service_desk.list_desk, view=view, rules=book().referrals)
    return [line.referral for line in found]


def write_back(
    office: Office, referral: Referral, *, by: Actor | None = None, **told: Any
) -> Appointment:
    """What the desk booked in its own system: Tuesday, half past eight."""
    return office.clinic.do(
        by or office.desk,
        service_request.write_back,
        referral_id=referral.id,
        revision=referral.revision,
        told=WrittenBack(**{"day": TUESDAY, "at": time(8, 30), **told}),
        rules=book().slots,
    )
