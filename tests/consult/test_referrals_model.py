"""Slots, appointments and referrals: tables that are complete, and a loop that closes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.calendar.model import (
    NEXT_SLOT_STATUS,
    SlotStatus,
    SlotStepNotAllowedError,
    is_hold_over,
    require_slot_step,
)
from consult.kernel.ids import AppointmentId, ReferralId, SlotId
from consult.referrals.model import (
    APPOINTMENT_ENDS,
    NEXT_APPOINTMENT_STATUS,
    NEXT_REFERRAL_STATUS,
    REFERRAL_AFTER,
    REFERRAL_ENDS,
    AppointmentStatus,
    AppointmentStepNotAllowedError,
    ReferralStatus,
    ReferralStepNotAllowedError,
    is_live,
    is_loop_closed,
    require_appointment_step,
    require_referral_step,
)


def test_every_status_has_a_row() -> None:
    assert set(NEXT_SLOT_STATUS) == set(SlotStatus)
    assert set(NEXT_REFERRAL_STATUS) == set(ReferralStatus)
    assert set(NEXT_APPOINTMENT_STATUS) == set(REFERRAL_AFTER) == set(AppointmentStatus)
    assert {s for s, after in NEXT_REFERRAL_STATUS.items() if not after} == REFERRAL_ENDS
    assert {s for s, after in NEXT_APPOINTMENT_STATUS.items() if not after} == APPOINTMENT_ENDS


def test_a_slot_is_booked_only_through_a_hold_and_no_slot_is_stuck() -> None:
    before = {have for have, after in NEXT_SLOT_STATUS.items() if SlotStatus.BOOKED in after}
    assert before == {SlotStatus.HELD}
    assert all(NEXT_SLOT_STATUS.values())
    with pytest.raises(SlotStepNotAllowedError):
        require_slot_step(SlotId("s1"), have=SlotStatus.BOOKED, want=SlotStatus.HELD)
    require_slot_step(SlotId("s1"), have=SlotStatus.FREE, want=SlotStatus.HELD)


def test_a_hold_ends_at_its_instant() -> None:
    at = datetime(2026, 1, 5, 2, 42, tzinfo=UTC)
    assert not is_hold_over(at, now=at - timedelta(seconds=1))
    assert is_hold_over(at, now=at)
    assert is_hold_over(None, now=at)


def test_a_referral_ends_in_the_ways_that_are_known_and_in_no_other() -> None:
    assert {status.value for status in REFERRAL_ENDS} == {
        *("seen", "declined", "returned", "patient_declined", "lost", "outside", "cancelled"),
    }
    for status in ReferralStatus:
        assert is_live(status) is (status not in REFERRAL_ENDS)
        if is_live(status):
            assert REFERRAL_ENDS & NEXT_REFERRAL_STATUS[status]


@given(data=st.data())
def test_after_any_appointment_the_referral_has_ended_or_somebody_must_act(
    data: st.DataObject,
) -> None:
    referral, appointment = ReferralStatus.REQUESTED, AppointmentStatus.PROPOSED
    for _ in range(30):
        ways = sorted(NEXT_APPOINTMENT_STATUS[appointment])
        if not ways:
            if appointment is AppointmentStatus.FULFILLED:
                assert referral is ReferralStatus.SEEN
                return
            assert is_live(referral)
            appointment = (
                AppointmentStatus.BOOKED
                if appointment is AppointmentStatus.RESCHEDULED
                else AppointmentStatus.PROPOSED
            )
        else:
            want = data.draw(st.sampled_from(ways))
            require_appointment_step(AppointmentId("a1"), have=appointment, want=want)
            appointment = want
        after = REFERRAL_AFTER[appointment]
        if after is not referral:
            require_referral_step(ReferralId("r1"), have=referral, want=after)
            referral = after


@given(statuses=st.lists(st.sampled_from(ReferralStatus), max_size=5))
def test_a_case_closes_only_when_no_referral_is_under_way(statuses: list[ReferralStatus]) -> None:
    assert is_loop_closed(statuses) is set(statuses).issubset(REFERRAL_ENDS)


def test_what_the_tables_lack_is_a_conflict() -> None:
    with pytest.raises(ReferralStepNotAllowedError):
        require_referral_step(
            ReferralId("r1"), have=ReferralStatus.SEEN, want=ReferralStatus.REQUESTED
        )
    with pytest.raises(AppointmentStepNotAllowedError):
        require_appointment_step(
            AppointmentId("a1"), have=AppointmentStatus.NOSHOW, want=AppointmentStatus.FULFILLED
        )
