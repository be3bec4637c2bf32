"""The clinics of the demonstration, and the appointments that they offer."""

from datetime import datetime, time, timedelta

from consult.calendar import service as calendar
from consult.calendar import service_publish
from consult.calendar.clinics import ClinicFacts, Publication
from consult.kernel.work import Actor, Role
from server.demo.model import ClinicPlan, InstitutionPlan
from server.demo.people import people_by_role
from server.demo.stage import Stage
from server.i18n import CHINESE, ENGLISH

_EVENING = time(16)


async def add_clinics(stage: Stage, actors: dict[tuple[str, str], Actor]) -> dict[str, str]:
    """Every clinic with its appointments, the evening before anybody refers to one; their ids."""
    found = {}
    for clinic in stage.plan.clinics:
        desk = people_by_role(stage.plan.practitioners)[clinic.institution, Role.REFERRAL_DESK]
        actor = actors[desk, clinic.institution]
        at = _published_at(stage, clinic)
        made = await stage.act(at, actor, calendar.add_clinic, facts=_facts(stage, clinic))
        found[clinic.code] = str(made.id)
        physician = actors[clinic.doctor, clinic.institution]
        for publication in _publications(clinic, physician_id=physician.person):
            await stage.act(
                at,
                actor,
                service_publish.publish_slots,
                clinic_id=made.id,
                publication=publication,
                rules=stage.rules.booking.slots,
            )
    return found


def _published_at(stage: Stage, clinic: ClinicPlan) -> datetime:
    first = clinic.slots[0].starts_at if clinic.slots else stage.now
    referred = (case.steps[0].at for case in stage.plan.cases if case.clinic is not None)
    opened = min(referred, default=first)
    before = min(first, opened.astimezone(first.tzinfo)) - timedelta(days=1)
    return datetime.combine(before.date(), _EVENING, first.tzinfo)


def _publications(clinic: ClinicPlan, *, physician_id: str) -> list[Publication]:
    return [
        Publication(
            day_from=clinic.slots[0].starts_at.date(),
            day_until=clinic.slots[-1].starts_at.date(),
            weekdays=session.weekdays,
            start=session.starts,
            end=session.ends,
            minutes=clinic.slot_minutes,
            physician_id=physician_id,
        )
        for session in clinic.sessions
    ]


def _facts(stage: Stage, clinic: ClinicPlan) -> ClinicFacts:
    place = next(each for each in stage.plan.institutions if each.code == clinic.institution)
    doctor = next(each for each in stage.plan.practitioners if each.login == clinic.doctor)
    terms = stage.rules.terms
    return ClinicFacts(
        name=clinic.name.zh,
        name_en=clinic.name.en,
        department=terms.text(CHINESE, "specialty", doctor.specialty),
        department_en=terms.text(ENGLISH, "specialty", doctor.specialty),
        address=_address(place, clinic, CHINESE),
        address_en=_address(place, clinic, ENGLISH),
        phone=place.phone,
        mode=clinic.mode,
    )


def _address(place: InstitutionPlan, clinic: ClinicPlan, tongue: str) -> str:
    if tongue == CHINESE:
        return f"{place.address.zh} {clinic.place.zh}"
    return f"{clinic.place.en}, {place.address.en}"
