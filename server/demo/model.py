"""What the demonstration shall contain, before anything of it is stored."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from consult.calendar.model import BookingMode
from consult.cases.model import ServiceType
from consult.kernel.words import Words
from consult.kernel.work import Role
from consult.people.patients.documents import DocumentKind, Sex
from server.demo.case_model import CasePlan, SlotPlan


class Tier(enum.StrEnum):
    """Where an institution stands in the consortium; the authority stands beside it."""

    LEAD = "lead"
    DISTRICT = "district"
    COMMUNITY = "community"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class InstitutionPlan:
    """One hospital, health centre or authority."""

    code: str
    name: Words
    tier: Tier
    address: Words
    phone: str


@dataclass(frozen=True, slots=True)
class ConsortiumPlan:
    """The consortium with its lead and members, by institution code."""

    code: str
    name: Words
    lead: str
    members: tuple[str, ...]
    overseers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """An expert panel; leader and members by sign-in name."""

    code: str
    name: Words
    institution: str
    leader: str
    members: tuple[str, ...]
    services: tuple[ServiceType, ...]


@dataclass(frozen=True, slots=True)
class AgreementPlan:
    """The agreement between an inviting institution and the lead hospital."""

    number: str
    inviting: str
    invited: str
    services: tuple[ServiceType, ...]
    fee_rule: Words
    liability: Words
    cost_fen: Mapping[ServiceType, int]
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class AffiliationPlan:
    """Where a person works, in which roles."""

    institution: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class PractitionerPlan:
    """A person who signs in; title and specialty are terms; `licence` is None who treats nobody."""

    login: str
    password: str
    name: Words
    title: str
    specialty: str
    licence: str | None
    affiliations: tuple[AffiliationPlan, ...]


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """A person who never lived; `key` is what cases refer to."""

    key: str
    institution: str
    name: str
    sex: Sex
    birth_on: date
    document_kind: DocumentKind
    document_number: str
    phone: str
    phone_relation: str
    seed: int


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """The half-days on which a clinic is held, 1 Monday to 7 Sunday."""

    weekdays: frozenset[int]
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class ClinicPlan:
    """A clinic with the appointments around the day of seeding."""

    code: str
    name: Words
    institution: str
    doctor: str
    place: Words
    mode: BookingMode
    slot_minutes: int
    sessions: tuple[SessionPlan, ...]
    slots: tuple[SlotPlan, ...]


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Everything the demonstration contains."""

    seed: int
    image_px: int
    claims_last: timedelta
    foreign_image_note: str
    institutions: tuple[InstitutionPlan, ...]
    consortium: ConsortiumPlan
    panels: tuple[PanelPlan, ...]
    agreements: tuple[AgreementPlan, ...]
    practitioners: tuple[PractitionerPlan, ...]
    patients: tuple[PatientPlan, ...]
    clinics: tuple[ClinicPlan, ...]
    cases: tuple[CasePlan, ...]
