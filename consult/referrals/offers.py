"""Free times that may take the place of a lost one: same specialty, before the due day (REF-03)."""

from collections.abc import Sequence
from datetime import datetime

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic, Slot
from consult.calendar.timetable import day_bounds
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals.records import Referral

MOST_OFFERS = 3
_LOOKED_AT = 50


def list_offers(work: Work, waiting: Sequence[Referral]) -> dict[str, tuple[Slot, ...]]:
    """For each referral to the acting hospital its earliest free times, its own clinic's first."""
    if not waiting:
        return {}
    zone = organisations.get_institution(work, work.actor.institution).zone
    clinics = [clinic for clinic in calendar.list_own_clinics(work) if not clinic.is_by_request]
    until = max(_over_at(referral, zone=zone) for referral in waiting)
    wanted = {referral.specialty for referral in waiting}
    free = {
        str(clinic.id): _free(work, clinic, until=until)
        for clinic in clinics
        if clinic.facts.department in wanted
    }
    return {
        referral.id: _fitting(referral, clinics, free, over_at=_over_at(referral, zone=zone))
        for referral in waiting
    }


def _free(work: Work, clinic: Clinic, *, until: datetime) -> list[Slot]:
    return calendar.list_free_slots(
        work, clinic_id=clinic.id, since=work.now, until=until, limit=_LOOKED_AT
    )


def _fitting(
    referral: Referral, clinics: Sequence[Clinic], free: dict[str, list[Slot]], *, over_at: datetime
) -> tuple[Slot, ...]:
    found = [
        slot
        for clinic in clinics
        if clinic.facts.department == referral.specialty
        for slot in free[clinic.id]
        if slot.starts_at < over_at
    ]
    found.sort(key=lambda slot: (slot.clinic_id != referral.clinic_id, slot.starts_at, slot.id))
    return tuple(found[:MOST_OFFERS])


def _over_at(referral: Referral, *, zone: str) -> datetime:
    """The end of the day by which the patient should be seen."""
    return day_bounds(referral.due_on, days=1, zone=zone)[1]
