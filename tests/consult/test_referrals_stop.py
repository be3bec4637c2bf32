"""A stopped clinic (停诊): nobody is lost or stays on a stopped slot; the urgent come first."""

from collections.abc import Sequence
from concurrent.futures import wait
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Slot, Stop
from consult.calendar.errors import HoldOverError, SlotTakenError
from consult.calendar.model import Half, SlotStatus
from consult.cases import service as cases
from consult.kernel.errors import ConsultError, NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.referrals import service as referrals
from consult.referrals import service_book, service_desk, service_stop
from consult.referrals.desk import DeskView
from consult.referrals.model import AppointmentStatus, ReferralStatus, RequeueCause
from consult.referrals.records import Appointment, Referral
from consult.referrals.service_stop import Stopped
from consult.reports.model import ReferralUrgency
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    TUESDAY,
    Office,
    arrive,
    book,
    case_of,
    confirm,
    hold,
    make_booked,
    make_decided,
    make_office,
    make_second,
    on_the_day,
    publish,
    refer,
    reread,
)
from tests.makers.twins import make_decided_twins

REASON = "医师临时会诊"
URGENCIES = (ReferralUrgency.ROUTINE, ReferralUrgency.EMERGENCY, ReferralUrgency.URGENT)


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


def test_who_was_booked_waits_anew_the_most_urgent_first(office: Office) -> None:
    slots = publish(office)
    booked = [
        book_for(office, case_id, slot, urgency=urgency)
        for case_id, slot, urgency in zip(people(office, 3), slots, URGENCIES, strict=False)
    ]
    done = stop(office, day=TUESDAY)
    assert (done.stopped, done.kept) == (4, 0)
    assert [referral.urgency for referral in done.requeued] == [
        *(ReferralUrgency.EMERGENCY, ReferralUrgency.URGENT, ReferralUrgency.ROUTINE),
    ]
    waiting = rebook_list(office)
    assert [each.id for each in waiting] == [each.id for each in done.requeued]
    assert {each.id for each in waiting} == {referral.id for referral, _ in booked}
    for referral, appointment in booked:
        now = reread(office, referral)
        assert (now.status, now.requeued_because) == (
            ReferralStatus.REQUESTED,
            RequeueCause.STOPPED,
        )
        assert now.was_booked_at == appointment.booked_at
        assert now.answer_by == office.clinic.now + within(referral.urgency)
        assert case_of(office, referral).owner_id == office.desk.person
        ended = appointment_of(office, referral)
        assert (ended.status, ended.ended_reason) == (AppointmentStatus.CANCELLED, REASON)
    assert set(statuses(office, slots)) == {SlotStatus.STOPPED}
    kinds = office.clinic.kinds()
    assert (kinds.count("referral.requeued"), kinds.count("slots.stopped")) == (3, 1)


def test_equally_urgent_stand_by_due_day_and_then_by_booking(office: Office) -> None:
    slots = publish(office)
    first, second, third = people(office, 3)
    late = office.at(office.clinic.later(minutes=5))
    expected = [book_for(office, second, slots[1])[0].id, book_for(late, first, slots[0])[0].id]
    expected.append(book_for(late.at(late.clinic.later(minutes=1)), third, slots[2])[0].id)
    assert [referral.id for referral in stop(late, day=TUESDAY).requeued] == expected


def test_stopping_twice_changes_nothing(office: Office) -> None:
    referral, _ = make_booked(office)
    stop(office, day=TUESDAY)
    before, lines = reread(office, referral), len(office.clinic.lines())
    again = stop(office, day=TUESDAY)
    assert (again.stopped, again.requeued, again.kept) == (0, (), 0)
    assert (reread(office, referral), len(office.clinic.lines())) == (before, lines)


def test_nobody_books_a_stopped_slot_and_a_hold_on_it_is_over(office: Office) -> None:
    slots, case = publish(office), make_decided(office)
    hold(office, case, slots[0])
    stop(office, slot_ids=[slots[0].id])
    assert statuses(office, slots) == [SlotStatus.STOPPED, *[SlotStatus.FREE] * 3]
    with pytest.raises(SlotTakenError):
        hold(office, case, slots[0])
    referral = refer(office, case)
    with pytest.raises(HoldOverError):
        confirm(office, referral, slots[0])
    hold(office, case, slots[1])
    assert confirm(office, referral, slots[1]).slot_id == slots[1].id


def test_half_a_day_leaves_the_other_half(office: Office) -> None:
    morning = publish(office)
    afternoon = publish(office, start=time(14), end=time(15))
    assert stop(office, day=TUESDAY, half=Half.AFTERNOON).stopped == 4
    assert set(statuses(office, morning)) == {SlotStatus.FREE}
    assert set(statuses(office, afternoon)) == {SlotStatus.STOPPED}


def test_a_patient_who_has_come_is_not_sent_away(office: Office) -> None:
    referral, _ = make_booked(office)
    day = on_the_day(office)
    arrive(day, referral)
    done = stop(day, day=TUESDAY)
    assert (done.stopped, done.requeued, done.kept) == (3, (), 1)
    assert reread(day, referral).status is ReferralStatus.BOOKED


def test_free_times_before_the_day_are_offered_those_of_the_clinic_first(office: Office) -> None:
    referral, _ = make_booked(office)
    facts = {"physician_name": "周怀瑾", "start": time(14), "end": time(15)}
    later = publish(office, **facts)
    beyond = TUESDAY + timedelta(days=100)
    publish(office, day_from=beyond, day_until=beyond, weekdays={beyond.isoweekday()})
    stop(office, day=TUESDAY, half=Half.MORNING)
    [line] = office.clinic.do(
        office.desk, service_desk.list_desk, view=DeskView.REBOOK, rules=book().referrals
    )
    assert [slot.id for slot in line.offers] == [slot.id for slot in later[:3]]
    hold(office, case_of(office, referral), later[0], by=office.desk)
    confirm(office, referral, later[0])
    assert rebook_list(office) == []
    now = reread(office, referral)
    assert (now.status, now.requeued_at, now.answer_by) == (ReferralStatus.BOOKED, None, None)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"reason": " ", "day": TUESDAY}, "reason"),
        ({}, "day"),
        ({"day": TUESDAY, "slot_ids": ["0" * 32]}, "day"),
        ({"day": TUESDAY - timedelta(days=2)}, "day"),
        ({"slot_ids": ["0" * 32] * 201}, "slot_ids"),
    ],
)
def test_a_stop_that_cannot_be_meant_is_refused(
    office: Office, told: dict[str, Any], field: str
) -> None:
    slots = publish(office)
    with pytest.raises(RefusedError) as refusal:
        stop(office, **told)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert set(statuses(office, slots)) == {SlotStatus.FREE}


def test_only_the_clinic_s_own_desk_stops_it(office: Office) -> None:
    slots = publish(office)
    for somebody in (office.world.physician, office.world.stranger):
        with pytest.raises(NotFoundError):
            stop(office, by=somebody, day=TUESDAY)
    with pytest.raises(NotFoundError):
        stop(office, slot_ids=[slots[0].id, "0" * 32])


def test_of_bookings_that_race_a_stop_none_stays_and_nobody_is_lost(office: Office) -> None:
    slots = publish(office, end=time(10, 30))
    case_ids = people(office, len(slots))
    asked = [refer_id(office, case_id) for case_id in case_ids]
    for case_id, slot in zip(case_ids, slots, strict=True):
        office.clinic.do(
            office.world.physician,
            service_hold.hold_slot,
            slot_id=slot.id,
            case_id=case_id,
            limits=book().holds,
        )
    racers = [start_confirm(office, *pair) for pair in zip(asked[:3], slots[:3], strict=True)]
    racers.append(start_stop(office))
    racers += [start_confirm(office, *pair) for pair in zip(asked[3:], slots[3:], strict=True)]
    racers.append(start_stop(office))
    wait(racers, timeout=25)
    failed = [racer.exception() for racer in racers if racer.exception() is not None]
    assert all(isinstance(failure, ConsultError) for failure in failed), failed
    assert {type(failure) for failure in failed} <= {HoldOverError}
    assert set(statuses(office, slots)) == {SlotStatus.STOPPED}
    for referral in asked:
        now = reread(office, referral)
        assert now.status is ReferralStatus.REQUESTED
        newest = office.clinic.system(referrals.find_appointment, referral=now)
        assert newest is None or newest.status is AppointmentStatus.CANCELLED
        assert (newest is not None) == (now.requeued_because is RequeueCause.STOPPED)
    listed = office.clinic.do(
        office.desk, service_desk.list_desk, view=DeskView.OPEN, rules=book().referrals
    )
    assert {line.referral.id for line in listed} == {referral.id for referral in asked}


def stop(
    office: Office, *, by: Actor | None = None, slot_ids: Sequence[str] = (), **told: Any
) -> Stopped:
    """Stop the office's clinic."""
    wish = Stop(**{"reason": REASON, "slot_ids": tuple(slot_ids), **told})
    return office.clinic.do(
        by or office.desk,
        service_stop.stop_clinic,
        clinic_id=office.clinic_id,
        stop=wish,
        rules=book().referrals,
    )


def start_stop(office: Office) -> Any:
    return office.clinic.start(
        office.desk,
        service_stop.stop_clinic,
        clinic_id=office.clinic_id,
        stop=Stop(reason=REASON, day=TUESDAY),
        rules=book().referrals,
    )


def start_confirm(office: Office, referral: Referral, slot: Slot) -> Any:
    return office.clinic.start(
        office.world.physician,
        service_book.confirm_booking,
        referral_id=referral.id,
        slot_id=slot.id,
    )


def people(office: Office, count: int) -> list[str]:
    """Decided cases of as many patients."""
    first = make_second(office)
    twins = office.clinic.system(
        make_decided_twins, case_id=first.id, count=count - 1, of_one_person=False
    )
    return [str(first.id), *twins]


def refer_id(office: Office, case_id: str, **changes: Any) -> Referral:
    return refer(office, office.clinic.system(cases.get_case, case_id=case_id), **changes)


def book_for(
    office: Office,
    case_id: str,
    slot: Slot,
    *,
    urgency: ReferralUrgency = ReferralUrgency.ROUTINE,
) -> tuple[Referral, Appointment]:
    """A referral of this urgency, booked into the slot."""
    referral = refer_id(office, case_id, urgency=urgency)
    hold(office, case_of(office, referral), slot)
    return referral, confirm(office, referral, slot)


def rebook_list(office: Office) -> list[Referral]:
    found = office.clinic.do(
        office.desk, service_desk.list_desk, view=DeskView.REBOOK, rules=book().referrals
    )
    return [line.referral for line in found]


def statuses(office: Office, slots: Sequence[Slot]) -> list[SlotStatus]:
    clinic = office.clinic.system(calendar.get_clinic, clinic_id=office.clinic_id)
    found = office.clinic.system(
        calendar.list_slots,
        clinics=[clinic],
        since=slots[0].starts_at,
        until=slots[-1].ends_at,
    )
    by_id = {slot.id: slot.status for slot in found}
    return [by_id[slot.id] for slot in slots]


def appointment_of(office: Office, referral: Referral) -> Appointment:
    found = office.clinic.system(referrals.find_appointment, referral=referral)
    assert found is not None
    return found


def within(urgency: ReferralUrgency) -> timedelta:
    return book().referrals.periods.answer_within[urgency]
