"""Free times that may take the place of a lost one: same specialty, before the due day (REF-03)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic, Slot
from consult.calendar.timetable import day_bounds
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals.records import Referral

MOST_OFFERS = 3
_LOOKED_AT = 50
_FURTHEST = timedelta(days=366)


def list_offers(work: Work, waiting: Sequence[Referral]) -> dict[str, tuple[Slot, ...]]:
    """For each referral to the acting hospital its earliest free times, its own clinic's first.

    Where none lies before the due day, the earliest after it: late is better than none.
    """
    zone = organisations.get_institution(work, work.actor.institution).zone
    wanted = {referral.specialty for referral in waiting}
    free = [
        slot
        for clinic in calendar.list_own_clinics(work)
        if clinic.facts.department in wanted and not clinic.is_by_request
        for slot in _free(work, clinic)
    ]
    clinics = calendar.clinics_by_id(work, {slot.clinic_id for slot in free})
    return {
        referral.id: _fitting(
            referral,
            [
                slot
                for slot in free
                if clinics[slot.clinic_id].facts.department == referral.specialty
            ],
            over_at=day_bounds(referral.due_on, days=1, zone=zone)[1],
        )
        for referral in waiting
    }


def _free(work: Work, clinic: Clinic) -> list[Slot]:
    until = work.now + _FURTHEST
    return calendar.list_free_slots(
        work, clinic_id=clinic.id, since=work.now, until=until, limit=_LOOKED_AT
    )


def _fitting(referral: Referral, free: Sequence[Slot], *, over_at: datetime) -> tuple[Slot, ...]:
    in_time = [slot for slot in free if slot.starts_at < over_at] or free
    found = sorted(
        in_time, key=lambda slot: (slot.clinic_id != referral.clinic_id, slot.starts_at, slot.id)
    )
    return tuple(found[:MOST_OFFERS])
