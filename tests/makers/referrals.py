"""A clinic with slots, a referral office and decided cases, for tests: through the services."""

from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cache
from typing import Any

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.calendar import service as calendar
from consult.calendar import service_hold, service_publish
from consult.calendar.clinics import ClinicFacts, Publication, Slot
from consult.cases import service as cases
from consult.cases.model import Case
from consult.cases.tables import CaseRow
from consult.kernel.ids import CaseId, ConsortiumId, InstitutionId, PractitionerId, new_id
from consult.kernel.work import Actor, Role, Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.referrals import service as referrals
from consult.referrals import service_book, service_desk, service_open
from consult.referrals.records import Appointment, Referral, ReferralRequest
from consult.reports import service_decide
from consult.reports.model import ReferralUrgency
from consult.reports.seal import SystemSeal
from consult.reports.service_decide import Decided
from consult.reports.versions import Choice, NextStep, Report
from server.rules.booking import BookingBook, load_booking_book
from tests.makers.cases import citizen_number
from tests.makers.clinic import MORNING, Clinic
from tests.makers.consortium import AFFILIATED_DAYS, CONFIG, Consortium, make_consortium
from tests.makers.reports import make_read_case, prepare, sign
from tests.makers.tellings import after_rules

TUESDAY = MORNING.date() + timedelta(days=1)


@dataclass(frozen=True)
class Office:
    """The lead hospital's retina clinic and the person at its referral office."""

    world: Consortium
    seal: SystemSeal
    desk: Actor
    clinic_id: str

    @property
    def clinic(self) -> Clinic:
        """The database and its clock."""
        return self.world.clinic

    def at(self, clinic: Clinic) -> "Office":
        """The same office at another time."""
        return replace(self, world=replace(self.world, clinic=clinic))


@cache
def book() -> BookingBook:
    """The rules of slots and referrals in config/."""
    return load_booking_book(CONFIG)


def make_office(clinic: Clinic, seal: SystemSeal) -> Office:
    """A consortium whose lead hospital has a clinic and a referral office."""
    world = make_consortium(clinic)
    desk = add_desk(world, "gao", name="高敏", at=world.lead_id)
    added = clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    return Office(world, seal, desk, added.id)


def add_desk(world: Consortium, login: str, *, name: str, at: str) -> Actor:
    """A person at an institution's referral office."""
    roles, today = frozenset({Role.REFERRAL_DESK}), world.clinic.now.date()
    person = world.clinic.system(
        practitioners.add_practitioner,
        login=login,
        profile=Profile(name=name, title="office_head"),
        affiliation=NewAffiliation(at, roles, from_on=today - timedelta(days=AFFILIATED_DAYS)),
        password_hash="",
    )
    return Actor(
        practitioner_id=PractitionerId(person.id),
        institution_id=InstitutionId(at),
        roles=roles,
        consortium_ids=frozenset({ConsortiumId(world.id)}),
    )


def clinic_facts(**changes: Any) -> ClinicFacts:
    """What the slip says of the retina clinic."""
    told: dict[str, Any] = {
        "name": "眼底病门诊",
        "name_en": "Retina clinic",
        "department": "眼底病科",
        "department_en": "Retina",
        "address": "门诊楼 3 楼 5 诊室",
        "address_en": "Outpatient building, floor 3, room 5",
        "phone": "0799-2266110",
        "notes": "1 楼自助机或 6 号窗口取号",
    }
    return ClinicFacts(**{**told, **changes})


def publication(**changes: Any) -> Publication:
    """Tuesday morning, four slots of a quarter of an hour."""
    told: dict[str, Any] = {
        "day_from": TUESDAY,
        "day_until": TUESDAY,
        "weekdays": frozenset({2}),
        "start": time(8, 30),
        "end": time(9, 30),
        "minutes": 15,
        "physician_name": "梁思远",
    }
    return Publication(**{**told, **changes})


def publish(office: Office, *, clinic_id: str | None = None, **changes: Any) -> list[Slot]:
    """Publish slots as the desk."""
    return office.clinic.do(
        office.desk,
        service_publish.publish_slots,
        clinic_id=clinic_id or office.clinic_id,
        publication=publication(**changes),
        rules=book().slots,
    )


def make_reported(office: Office, **patient: Any) -> Report:
    """A report that asks for a referral, signed and not yet received."""
    world = office.world
    read = make_read_case(world, **patient)
    shown = prepare(world, read, by=world.expert)
    return sign(world, read, by=world.expert, shown=shown, seal=office.seal)


def make_decided(office: Office, *, next_step: NextStep = NextStep.REFER, **patient: Any) -> Case:
    """A case with a signed report that was received and decided."""
    world, do = office.world, office.clinic.do
    report = make_reported(office, **patient)
    do(world.physician, service_decide.receive_report, report_id=report.id)
    do(
        world.physician,
        service_decide.decide_case,
        case_id=report.case_id,
        said=Decided(
            Choice.ACCEPTED,
            next_step,
            reason="" if next_step is NextStep.REFER else "患者要求在本院随访",
        ),
        rules=after_rules(),
    )
    return do(world.physician, cases.get_case, case_id=report.case_id)


def make_second(office: Office, sequence: int = 4) -> Case:
    """Another patient's decided case; `sequence` stands in her citizen number."""
    return make_decided(office, document_number=citizen_number(sequence))


def make_twins(office: Office | Consortium, case: Case, count: int) -> list[CaseId]:
    """Cases that differ in nothing but id and number, for races."""

    def write(work: Work) -> list[CaseId]:
        row = work.session.get_one(CaseRow, case.id)
        columns = {column.key for column in CaseRow.__table__.columns} - {"id", "number"}
        values = {name: getattr(row, name) for name in columns}
        made = [CaseId(new_id()) for _ in range(count)]
        for place, twin in enumerate(made):
            work.session.add(CaseRow(id=twin, number=f"twin-{place}", **values))
            access.keep(
                work,
                Ref(ObjectType.CASE, twin),
                custodian=(Party.INSTITUTION, case.institution_id),
            )
        return made

    return office.clinic.system(write)


def request(office: Office, **changes: Any) -> ReferralRequest:
    """A referral to the retina clinic, with the patient's consent."""
    told: dict[str, Any] = {
        "clinic_id": office.clinic_id,
        "urgency": ReferralUrgency.ROUTINE,
        "reason": "左眼中度非增生型，请散瞳检查及OCT。",
        "consent": True,
    }
    return ReferralRequest(**{**told, **changes})


def hold(office: Office, case: Case, slot: Slot, *, by: Actor | None = None) -> Slot:
    """Hold a slot for the case."""
    return office.clinic.do(
        by or office.world.physician,
        service_hold.hold_slot,
        slot_id=slot.id,
        case_id=case.id,
        limits=book().holds,
    )


def refer(office: Office, case: Case, **changes: Any) -> Referral:
    """Refer the patient of the case."""
    return office.clinic.do(
        office.world.physician,
        service_open.open_referral,
        case_id=case.id,
        wish=request(office, **changes),
        rules=book().referrals,
    )


def confirm(office: Office, referral: Referral, slot: Slot) -> Appointment:
    """Book the held slot."""
    return office.clinic.do(
        office.world.physician,
        service_book.confirm_booking,
        referral_id=referral.id,
        slot_id=slot.id,
    )


def make_booked(office: Office) -> tuple[Referral, Appointment]:
    """A referral with an appointment in the first free slot of Tuesday."""
    case = make_decided(office)
    slot = publish(office)[0]
    hold(office, case, slot)
    referral = refer(office, case)
    appointment = confirm(office, referral, slot)
    return reread(office, referral), appointment


def reread(office: Office, referral: Referral) -> Referral:
    """The referral as it stands now."""
    return office.clinic.system(referrals.get_referral, referral_id=referral.id)


def on_the_day(office: Office) -> Office:
    """Tuesday, 08:40 in Shanghai."""
    return office.at(office.clinic.later(hours=24, minutes=20))


def case_of(office: Office, referral: Referral) -> Case:
    """The case as it stands now."""
    return office.clinic.system(cases.get_case, case_id=referral.case_id)


def arrive(office: Office, referral: Referral) -> Referral:
    """The patient is at the counter."""
    revision = reread(office, referral).revision
    office.clinic.do(
        office.desk, service_desk.mark_arrived, referral_id=referral.id, revision=revision
    )
    return reread(office, referral)
