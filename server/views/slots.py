"""The slot pool of one hospital: its clinics, what is published, what is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import BaseModel

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from server.rules.booking import BookingBook
from server.views.booking_answers import SlotAnswer
from server.views.slot_grid import Grid, make_grid, week_of


class ClinicAnswer(BaseModel):
    """One clinic; `version` is sent back with a change."""

    id: str
    institution_id: str
    name: str
    name_en: str
    department: str
    address: str
    phone: str
    mode: str
    version: int
    location: str


class ClinicsAnswer(BaseModel):
    """The clinics that can be booked."""

    clinics: list[ClinicAnswer]


class SlotsAnswer(BaseModel):
    """Slots, and where the page stands that shows them."""

    slots: list[SlotAnswer]
    location: str


class WithdrawnAnswer(BaseModel):
    """How many were taken back, and how many stay."""

    stopped: int
    kept: int
    location: str


class StoppedAnswer(BaseModel):
    """How many slots were stopped, which referrals wait anew in order, how many slots stay."""

    stopped: int
    requeued: list[str]
    kept: int
    location: str


_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class SlotsPage:
    """One clinic of the hospital, one week of it."""

    place: Institution
    clinics: Sequence[Clinic]
    clinic: Clinic | None
    grid: Grid | None
    physicians: Sequence[tuple[str, PersonName]]
    today: date


def make_page(
    work: Work, *, clinic_id: str | None, week: date | None, book: BookingBook
) -> SlotsPage:
    """Read the page; without a choice it shows the first clinic and the week that is to come."""
    place = organisations.get_institution(work, work.actor.institution)
    clinics = calendar.list_own_clinics(work)
    clinic = next((each for each in clinics if each.id == clinic_id), None)
    clinic = clinic or (clinics[0] if clinics else None)
    today = place.local_day(work.now)
    furthest = book.slots.furthest
    ahead = today + timedelta(days=2) if today.weekday() >= _SATURDAY else today
    monday = min(max(week_of(week or ahead), week_of(today)), week_of(today + furthest))
    return SlotsPage(
        place=place,
        clinics=clinics,
        clinic=clinic,
        grid=None if clinic is None else make_grid(work, [clinic], week=monday, furthest=furthest),
        physicians=_physicians(work, place.id),
        today=today,
    )


def clinic_as_json(clinic: Clinic) -> ClinicAnswer:
    """One clinic."""
    facts = clinic.facts
    return ClinicAnswer(
        id=clinic.id,
        institution_id=clinic.institution_id,
        name=facts.name,
        name_en=facts.name_en,
        department=facts.department,
        address=facts.address,
        phone=facts.phone,
        mode=facts.mode,
        version=clinic.revision,
        location=f"/slots?clinic={clinic.id}",
    )


def _physicians(work: Work, institution_id: str) -> list[tuple[str, PersonName]]:
    found = affiliations.list_people_with_role(work, institution_id, Role.EXPERT)
    names = practitioners.names_of(work, {each.practitioner_id for each in found})
    return [(each.practitioner_id, names[each.practitioner_id]) for each in found]
