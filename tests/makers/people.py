"""An installation for tests of people: two consortia that must not see each other."""

from dataclasses import dataclass
from datetime import date, timedelta

from consult.kernel.work import SYSTEM, Actor, Role
from consult.people.organisations import agreements, consortia, panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Tier
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.people.practitioners.sign_in_rules import SignInRules, parse_sign_in_rules
from consult.people.sessions import attempts
from consult.people.sessions import service as sessions
from consult.people.sessions.model import Caller, Client, Opened, SignedIn
from tests.makers.clinic import MORNING, Clinic
from tests.makers.rulebooks import read_config

CLIENT = Client("Chrome 109 · Windows", "10.0.0.7")
THIS_YEAR = MORNING.date()
PLACED_FROM, LICENSED_UNTIL = THIS_YEAR - timedelta(days=369), THIS_YEAR + timedelta(days=725)
SERVICES = frozenset({"remote_consultation", "screening_read"})


def sign_in_rules() -> SignInRules:
    """The product's own rules."""
    return parse_sign_in_rules(read_config("sign_in.toml"))


@dataclass(frozen=True)
class House:
    """One consortium: a lead hospital, a centre, an administrator, an expert, a doctor."""

    consortium_id: str
    lead_id: str
    centre_id: str
    administrator: Actor
    expert: Actor
    physician: Actor


def make_house(clinic: Clinic, word: str) -> House:
    """Found a consortium whose codes and logins begin with this word."""
    lead = add_institution(clinic, f"{word}lead", tier=Tier.TERTIARY)
    centre = add_institution(clinic, f"{word}centre")
    founded = clinic.system(
        consortia.add_consortium, name=f"{word} 医联体", name_en="", lead_id=lead
    )
    clinic.system(consortia.add_member, consortium_id=founded.id, institution_id=centre)
    made = {
        role: add_person(clinic, f"{word}.{role.value.replace('_', '-')}", place, role)
        for role, place in (
            (Role.CONSORTIUM_ADMINISTRATOR, lead),
            (Role.EXPERT, lead),
            (Role.REQUESTING_PHYSICIAN, centre),
        )
    }
    return House(
        consortium_id=founded.id,
        lead_id=lead,
        centre_id=centre,
        administrator=actor_of(clinic, made[Role.CONSORTIUM_ADMINISTRATOR]),
        expert=actor_of(clinic, made[Role.EXPERT]),
        physician=actor_of(clinic, made[Role.REQUESTING_PHYSICIAN]),
    )


def add_institution(clinic: Clinic, code: str, *, tier: Tier = Tier.COMMUNITY) -> str:
    """One institution."""
    new = organisations.NewInstitution(code=code, name=f"{code} 医院", tier=tier)
    return clinic.system(organisations.add_institution, new=new).id


def add_person(
    clinic: Clinic,
    login: str,
    institution_id: str,
    *roles: Role,
    until_on: date | None = None,
    licence_valid_until: date | None = LICENSED_UNTIL,
) -> str:
    """One person with one affiliation."""
    return clinic.system(
        practitioners.add_practitioner,
        login=login,
        profile=Profile(
            name="周怀瑾",
            licence_no="110330000012345",
            licence_class="physician",
            licence_valid_until=licence_valid_until,
        ),
        affiliation=NewAffiliation(
            institution_id, frozenset(roles), from_on=PLACED_FROM, until_on=until_on
        ),
        password_hash=f"hash of {login}",
        must_change=False,
    ).id


def add_place(clinic: Clinic, person_id: str, institution_id: str, *roles: Role) -> str:
    """A further affiliation."""
    new = NewAffiliation(institution_id, frozenset(roles), from_on=PLACED_FROM)
    return clinic.system(affiliations.add_affiliation, practitioner_id=person_id, new=new).id


def add_panel(clinic: Clinic, house: House, *, services: frozenset[str] = SERVICES) -> str:
    """A panel led by the house's expert."""
    new = panels.NewPanel(
        consortium_id=house.consortium_id,
        institution_id=house.lead_id,
        name="眼底病会诊组",
        name_en="Retina panel",
        leader_id=house.expert.person,
        member_ids=frozenset(),
        services=services,
    )
    return clinic.system(panels.add_panel, new=new).id


def terms(**changes: object) -> agreements.Terms:
    """A complete agreement for the year of the clinic's clock."""
    said: dict[str, object] = {
        "services": SERVICES,
        "fee_rule": "按价格项目收取",
        "liability": "由邀请方承担",
        "valid_from": THIS_YEAR.replace(month=1, day=1),
        "valid_until": THIS_YEAR.replace(month=12, day=31),
    }
    return agreements.Terms(**(said | changes))  # type: ignore[arg-type] # a form of a test


def agree(clinic: Clinic, house: House, **changes: object) -> str:
    """An agreement between the centre and the lead hospital."""
    return clinic.system(
        agreements.add_agreement,
        consortium_id=house.consortium_id,
        inviting_id=house.centre_id,
        invited_id=house.lead_id,
        terms=terms(**changes),
    ).id


def let_in(
    clinic: Clinic, person_id: str, *, token: str, affiliation_id: str | None = None
) -> Opened:
    """Open a session as the door does after the right password."""
    person = clinic.system(practitioners.get_practitioner, practitioner_id=person_id)
    attempt = clinic.system(
        attempts.begin_attempt,
        login=person.login,
        caller=Caller("10.0.0.7"),
        rules=sign_in_rules().attempts,
    )
    return clinic.do(
        Actor(practitioner_id=person.id, institution_id=None),
        sessions.open_session,
        attempt=attempt,
        affiliation_id=affiliation_id,
        token_hash=token,
        client=CLIENT,
        rules=sign_in_rules().sessions,
    )


def find(clinic: Clinic, token: str) -> SignedIn | None:
    """Who is behind a token."""
    return clinic.do(
        SYSTEM, sessions.find_signed_in, token_hash=token, rules=sign_in_rules().sessions
    )


def actor_of(clinic: Clinic, person_id: str) -> Actor:
    """The person as she acts after signing in."""
    token = f"token of {person_id}"
    let_in(clinic, person_id, token=token)
    found = find(clinic, token)
    assert found is not None
    return found.actor
