"""An appointment is moved by either side: the old slot is free, the new slip says so (REF-05)."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from consult.calendar import service_hold
from consult.calendar.clinics import Slot
from consult.calendar.errors import HoldOverError
from consult.calendar.model import SlotStatus
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor
from consult.referrals import service as referrals
from consult.referrals import service_book, service_slip
from consult.referrals.errors import (
    AppointmentBegunError,
    AppointmentMissingError,
    ReferralBookedError,
)
from consult.referrals.model import (
    AppointmentStatus,
    AppointmentStepNotAllowedError,
    ReferralStatus,
)
from consult.referrals.records import Appointment, Referral
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    arrive,
    book,
    case_of,
    make_booked,
    make_office,
    on_the_day,
    publish,
    reread,
)


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


@pytest.mark.parametrize("side", ["desk", "physician"])
def test_another_time_takes_the_place_of_the_first(office: Office, side: str) -> None:
    by = office.desk if side == "desk" else office.world.physician
    referral, first = make_booked(office)
    later = another_slot(office)
    second = move(office, referral, first, later, by=by)
    assert (second.slot_id, second.status) == (later.id, AppointmentStatus.BOOKED)
    assert appointment(office, first).status is AppointmentStatus.RESCHEDULED
    assert status_of(office, first.slot_id) is SlotStatus.FREE
    assert status_of(office, later.id) is SlotStatus.BOOKED
    after = reread(office, referral)
    assert (after.status, after.revision) == (ReferralStatus.BOOKED, referral.revision + 1)
    told = [line for line in office.clinic.lines() if line.kind == "referral.rebooked"]
    assert [(line.practitioner_id, line.codes["replaces"]) for line in told] == [
        (by.person, first.id)
    ]
    assert {"appointment.rescheduled", "slot.freed"} <= set(office.clinic.kinds())


def test_the_slip_is_renewed_and_the_old_one_no_longer_opens(office: Office) -> None:
    referral, first = make_booked(office)
    assert office.clinic.do(office.desk, service_slip.find_replaced, appointment=first) == ""
    second = move(office, referral, first, another_slot(office))
    replaced = office.clinic.do(office.desk, service_slip.find_replaced, appointment=second)
    assert (replaced, second.number != first.number) == (first.number, True)
    office.clinic.do(office.desk, service_slip.open_slip, appointment_id=second.id)
    with pytest.raises(AppointmentMissingError):
        office.clinic.do(office.desk, service_slip.open_slip, appointment_id=first.id)


def test_moving_twice_gives_one_appointment(office: Office) -> None:
    referral, first = make_booked(office)
    later = another_slot(office)
    second = move(office, referral, first, later)
    again = confirm(office, referral, later, replaces=first.id)
    assert again.id == second.id


def test_who_did_not_see_the_present_appointment_moves_nothing(office: Office) -> None:
    referral, first = make_booked(office)
    later = another_slot(office)
    hold(office, referral, later)
    for seen in ("", "0" * 32):
        with pytest.raises(ReferralBookedError):
            confirm(office, referral, later, replaces=seen)
    assert appointment(office, first).status is AppointmentStatus.BOOKED


def test_without_a_hold_the_first_time_stays(office: Office) -> None:
    referral, first = make_booked(office)
    with pytest.raises(HoldOverError):
        confirm(office, referral, another_slot(office), replaces=first.id)
    assert appointment(office, first).status is AppointmentStatus.BOOKED
    assert status_of(office, first.slot_id) is SlotStatus.BOOKED


def test_a_time_that_has_passed_or_a_patient_who_has_come_is_not_moved(office: Office) -> None:
    referral, first = make_booked(office)
    later = another_slot(office, start_hour=15)
    day = on_the_day(office)
    hold(day, referral, later)
    with pytest.raises(AppointmentBegunError):
        confirm(day, referral, later, replaces=first.id)
    arrive(day, referral)
    with pytest.raises(AppointmentStepNotAllowedError):
        confirm(day, referral, later, replaces=first.id)


def test_only_the_two_sides_hold_and_book_for_a_referral(office: Office) -> None:
    referral, first = make_booked(office)
    later = another_slot(office)
    for somebody in (office.world.stranger, office.world.expert, office.world.leader):
        with pytest.raises(NotFoundError):
            hold(office, referral, later, by=somebody)
        with pytest.raises(NotFoundError):
            confirm(office, referral, later, by=somebody, replaces=first.id)
        with pytest.raises(NotFoundError):
            office.clinic.do(somebody, service_book.release_hold, referral_id=referral.id)


def test_either_side_gives_back_what_is_held(office: Office) -> None:
    referral, _ = make_booked(office)
    later = another_slot(office)
    hold(office, referral, later)
    physician = office.world.physician
    assert office.clinic.do(physician, service_book.release_hold, referral_id=referral.id)
    assert not office.clinic.do(physician, service_book.release_hold, referral_id=referral.id)
    assert status_of(office, later.id) is SlotStatus.FREE


def test_both_sides_confirming_at_once_leave_one_appointment_and_one_slot(office: Office) -> None:
    referral, first = make_booked(office)
    later = another_slot(office)
    hold(office, referral, later)
    racers = [
        office.clinic.start(
            office.desk if turn % 2 else office.world.physician,
            service_book.confirm_booking,
            referral_id=referral.id,
            slot_id=later.id,
            replaces=first.id,
        )
        for turn in range(8)
    ]
    failures = [racer.exception(timeout=20) for racer in racers]
    made = {racer.result().id for racer, no in zip(racers, failures, strict=True) if no is None}
    assert len(made) == 1
    assert office.clinic.kinds().count("referral.rebooked") == 1
    assert status_of(office, first.slot_id) is SlotStatus.FREE
    assert case_of(office, referral).owner_id == office.desk.person


def another_slot(office: Office, *, start_hour: int = 14) -> Slot:
    """A free slot of another physician in the afternoon of Tuesday."""
    return publish(
        office, physician_name="周怀瑾", start=time(start_hour, 0), end=time(start_hour + 1, 0)
    )[0]


def hold(office: Office, referral: Referral, slot: Slot, *, by: Actor | None = None) -> Slot:
    return office.clinic.do(
        by or office.desk,
        service_book.hold_slot,
        referral_id=referral.id,
        slot_ids=[slot.id],
        limits=book().holds,
    )


def confirm(
    office: Office, referral: Referral, slot: Slot, *, by: Actor | None = None, **told: Any
) -> Appointment:
    ids = {"referral_id": referral.id, "slot_id": slot.id}
    return office.clinic.do(by or office.desk, service_book.confirm_booking, **ids, **told)


def move(
    office: Office, referral: Referral, first: Appointment, slot: Slot, *, by: Actor | None = None
) -> Appointment:
    """Hold another time and confirm it in place of the first."""
    hold(office, referral, slot, by=by)
    return confirm(office, referral, slot, by=by, replaces=first.id)


def appointment(office: Office, known: Appointment) -> Appointment:
    return office.clinic.system(referrals.get_appointment, appointment_id=known.id)


def status_of(office: Office, slot_id: str) -> SlotStatus:
    return office.clinic.system(service_hold.get_slot, slot_id=slot_id).status
