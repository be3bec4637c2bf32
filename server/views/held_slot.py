"""The slot that is kept for a patient while somebody reads and decides."""

from dataclasses import dataclass

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Clinic, HoldLimits, Slot
from consult.calendar.timetable import day_bounds, half_of_day
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName


@dataclass(frozen=True, slots=True)
class Held:
    """The slot that is kept, where it is, for how long at most, and what else that half-day has."""

    slot: Slot
    clinic: Clinic
    institution: Institution
    physician: PersonName | None
    others: tuple[Slot, ...]
    most_s: int


def find_held(work: Work, case: Case, *, limits: HoldLimits) -> Held | None:
    """What is kept for the case at this moment."""
    slot = service_hold.find_hold(work, case)
    if slot is None:
        return None
    clinic = calendar.get_clinic(work, slot.clinic_id)
    place = organisations.get_institution(work, clinic.institution_id)
    half = half_of_day(slot.starts_at, zone=place.zone)
    since, until = day_bounds(half[0], days=1, zone=place.zone)
    others = calendar.list_slots(work, clinics=[clinic], since=since, until=until)
    names = practitioners.names_of(work, [slot.physician_id] if slot.physician_id else [])
    return Held(
        slot=slot,
        clinic=clinic,
        institution=place,
        physician=names.get(slot.physician_id or "")
        or (PersonName(slot.physician_name, "", "") if slot.physician_name else None),
        others=tuple(
            other
            for other in others
            if other.physician_name == slot.physician_name
            and half_of_day(other.starts_at, zone=place.zone) == half
            and other.can_be_had(now=work.now)
        ),
        most_s=int(limits.hold.total_seconds()),
    )
