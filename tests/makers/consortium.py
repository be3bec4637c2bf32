"""A small consortium for tests: a lead hospital with a panel, two centres, their people."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from consult.cases.model import ServiceType
from consult.cases.rules import CaseRules
from consult.kernel.ids import PanelId, PractitionerId
from consult.kernel.work import Actor, Role
from consult.people.organisations import agreements, consortia, panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Tier
from consult.people.patients.registration import PatientRules
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from server.rules.cases import load_case_rules, load_patient_rules
from tests.makers.clinic import Clinic

CONFIG = Path(__file__).resolve().parent.parent.parent / "config"
AFFILIATED_DAYS, AGREED_DAYS, LICENSED_DAYS = 369, 360, 725


@dataclass(frozen=True)
class Consortium:
    """Who is who."""

    clinic: Clinic
    id: str
    panel_id: str
    agreement_id: str
    lead_id: str
    centre_id: str
    other_id: str
    physician: Actor
    colleague: Actor
    photographer: Actor
    stranger: Actor
    leader: Actor
    expert: Actor


def make_consortium(clinic: Clinic) -> Consortium:
    """Found it, with an agreement between the centre and the lead hospital; the other has none."""
    lead = _institution(clinic, "JZYY", "江州市眼科医院")
    centre = _institution(clinic, "YXWS", "云溪镇中心卫生院")
    other = _institution(clinic, "QSWS", "青山社区卫生服务中心")
    made = clinic.system(
        consortia.add_consortium, name="江州眼科专科医联体", name_en="Jiangzhou", lead_id=lead
    )
    for member in (centre, other):
        clinic.system(consortia.add_member, consortium_id=made.id, institution_id=member)
    people = {
        login: _person(clinic, login, name=name, at=at, role=role, consortium_id=made.id)
        for login, name, at, role in (
            ("chen", "陈立民", centre, Role.REQUESTING_PHYSICIAN),
            ("he", "何秀兰", centre, Role.REQUESTING_PHYSICIAN),
            ("wu", "吴晓燕", centre, Role.PHOTOGRAPHER),
            ("sun", "孙国强", other, Role.REQUESTING_PHYSICIAN),
            ("zhou", "周怀瑾", lead, Role.EXPERT),
            ("li", "李文博", lead, Role.EXPERT),
        )
    }
    services = frozenset(ServiceType)
    panel = clinic.system(
        panels.add_panel,
        new=panels.NewPanel(
            consortium_id=made.id,
            institution_id=lead,
            name="眼底病专家组",
            name_en="Retina panel",
            leader_id=people["zhou"].person,
            member_ids=frozenset({people["li"].person}),
            services=services,
        ),
    )
    agreement = clinic.system(
        agreements.add_agreement,
        consortium_id=made.id,
        inviting_id=centre,
        invited_id=lead,
        terms=agreed_terms(clinic, services),
    )
    return Consortium(
        clinic=clinic,
        id=made.id,
        panel_id=panel.id,
        agreement_id=agreement.id,
        lead_id=lead,
        centre_id=centre,
        other_id=other,
        physician=people["chen"],
        colleague=people["he"],
        photographer=people["wu"],
        stranger=people["sun"],
        leader=_on_panel(people["zhou"], panel.id),
        expert=_on_panel(people["li"], panel.id),
    )


def agreed_terms(clinic: Clinic, services: frozenset[str]) -> agreements.Terms:
    """What an agreement says that holds on the day of the clinic's clock, and for a year about."""
    today = clinic.now.date()
    return agreements.Terms(
        services,
        "免费",
        "按协议",
        today - timedelta(days=AFFILIATED_DAYS),
        today + timedelta(days=AGREED_DAYS),
    )


@cache
def case_rules() -> CaseRules:
    """The rules of cases in config/."""
    return load_case_rules(CONFIG)


@cache
def patient_rules() -> PatientRules:
    """The rules of registration in config/."""
    return load_patient_rules(CONFIG)


def _institution(clinic: Clinic, code: str, name: str) -> str:
    new = organisations.NewInstitution(code=code, name=name, tier=Tier.COMMUNITY)
    return clinic.system(organisations.add_institution, new=new).id


def _person(
    clinic: Clinic, login: str, *, name: str, at: str, role: Role, consortium_id: str
) -> Actor:
    today = clinic.now.date()
    person = clinic.system(
        practitioners.add_practitioner,
        login=login,
        profile=Profile(
            name=name,
            title="attending_physician",
            licence_no="110" + login,
            licence_valid_until=today + timedelta(days=LICENSED_DAYS),
        ),
        affiliation=NewAffiliation(
            at, frozenset({role}), from_on=today - timedelta(days=AFFILIATED_DAYS)
        ),
        password_hash="",
    )
    return Actor(
        practitioner_id=PractitionerId(person.id),
        institution_id=at,
        roles=frozenset({role}),
        consortium_ids=frozenset({consortium_id}),
    )


def _on_panel(actor: Actor, panel_id: PanelId) -> Actor:
    return Actor(
        practitioner_id=actor.practitioner_id,
        institution_id=actor.institution_id,
        roles=actor.roles,
        consortium_ids=actor.consortium_ids,
        panel_ids=frozenset({panel_id}),
    )


def expire_licence(world: Consortium, person_id: str) -> None:
    """The licence on record ended last year."""
    known = world.clinic.system(practitioners.get_practitioner, practitioner_id=person_id)
    world.clinic.system(
        practitioners.change_practitioner,
        practitioner_id=person_id,
        profile=Profile(
            name=known.name,
            title=known.title,
            licence_no=known.licence_no,
            licence_valid_until=date(2025, 12, 31),
        ),
        revision=known.revision,
    )
