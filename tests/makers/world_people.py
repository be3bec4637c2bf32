"""Three institutions with a person in every role at each, signed in, and one more to spare."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from consult.kernel.ids import PractitionerId
from consult.kernel.work import Actor, Role
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Tier
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.people.sessions import service as sessions
from consult.people.sessions.model import Client
from server.auth.cookies import hash_token, make_token
from server.auth.passwords import hash_password
from server.security import csrf_token
from tests.makers.clinic import Clinic
from tests.makers.people import sign_in_rules

PASSWORD = "crane-window-42-lamp"
_BROWSER = Client("Chrome 109 · Windows", "10.0.0.7")


class Side(enum.StrEnum):
    """Where a person works: at the inviting centre, at the invited hospital, or elsewhere."""

    HOME = "home"
    LEAD = "lead"
    AWAY = "away"


NAMES: Mapping[Side, str] = {
    Side.HOME: "云溪镇中心卫生院",
    Side.LEAD: "江州市眼科医院",
    Side.AWAY: "海州市第二人民医院",
}


@dataclass(frozen=True)
class Person:
    """One account, and how to act as it with or without HTTP."""

    side: Side
    role: Role
    login: str
    id: str
    affiliation_id: str
    actor: Actor
    token: str

    @property
    def cookies(self) -> dict[str, str]:
        """What the person's browser sends."""
        return {"lianzhen": self.token}

    @property
    def csrf(self) -> str:
        """What the person's pages carry."""
        return csrf_token(self.token)


@cache
def known_hash() -> str:
    """The hash of PASSWORD: made once, as hashing is meant to be slow."""
    return hash_password(PASSWORD)


def add_place(clinic: Clinic, side: Side, code: str, name: str) -> str:
    """An institution."""
    tier = Tier.TERTIARY if side is Side.LEAD else Tier.COMMUNITY
    new = organisations.NewInstitution(code=code, name=name, tier=tier, phone="0799-2266110")
    return clinic.system(organisations.add_institution, new=new).id


def found_installation(clinic: Clinic, login: str, code: str) -> tuple[str, str]:
    """The centre and its administrator, by set-up; the ids of both."""
    new = organisations.NewInstitution(code=code, name=NAMES[Side.HOME], tier=Tier.COMMUNITY)
    person = clinic.system(
        practitioners.set_up,
        login=login,
        name=_name(Role.ADMINISTRATOR, Side.HOME),
        institution=new,
        password_hash=known_hash(),
    )
    place = clinic.system(organisations.get_by_code, code=code)
    return person.id, place.id


def bare_person(person_id: str, *, side: Side, role: Role, login: str) -> Person:
    """A person who is not signed in yet."""
    return Person(side, role, login, person_id, "", _bare(person_id), "")


def add_person(
    clinic: Clinic, place_id: str, *, side: Side, role: Role, login: str, name: str = ""
) -> Person:
    """A person with one role, who can sign in with PASSWORD."""
    today = clinic.now.date()
    made = clinic.system(
        practitioners.add_practitioner,
        login=login,
        profile=Profile(
            name=name or _name(role, side),
            title="attending_physician",
            licence_no="110" + login.replace(".", "").replace("_", ""),
            licence_class="physician",
            licence_valid_until=today + timedelta(days=400),
        ),
        affiliation=NewAffiliation(
            place_id, frozenset({role}), from_on=today - timedelta(days=400)
        ),
        password_hash=known_hash(),
        must_change=False,
    )
    return bare_person(made.id, side=side, role=role, login=login)


def let_in(clinic: Clinic, person: Person) -> Person:
    """Open a session for the person, with everything that she may act for by now."""
    token = make_token()
    opened = clinic.do(
        _bare(person.id),
        sessions.open_for,
        affiliation_id=None,
        token_hash=hash_token(token),
        client=_BROWSER,
        rules=sign_in_rules().sessions,
    )
    found = clinic.system(
        sessions.find_signed_in, token_hash=hash_token(token), rules=sign_in_rules().sessions
    )
    assert found is not None
    return Person(
        person.side,
        person.role,
        person.login,
        person.id,
        opened.affiliation_id,
        found.actor,
        token,
    )


def _name(role: Role, side: Side) -> str:
    return _SURNAMES[role] + _GIVEN[side]


def _bare(person_id: str) -> Actor:
    return Actor(practitioner_id=PractitionerId(person_id), institution_id=None)


_GIVEN: Mapping[Side, str] = {Side.HOME: "云", Side.LEAD: "江", Side.AWAY: "海"}
_SURNAMES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "管",
    Role.CONSORTIUM_ADMINISTRATOR: "盟",
    Role.REQUESTING_PHYSICIAN: "陈",
    Role.PHOTOGRAPHER: "吴",
    Role.EXPERT: "周",
    Role.COORDINATOR: "冯",
    Role.REVIEWER: "沈",
    Role.REFERRAL_DESK: "高",
    Role.MANAGER: "郑",
    Role.REGULATOR: "魏",
}
