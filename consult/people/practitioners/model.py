"""People who work here: their licence, their affiliations, and what an affiliation lets them be."""

from dataclasses import dataclass
from datetime import date, datetime

from consult.kernel.ids import AffiliationId, InstitutionId, PractitionerId
from consult.kernel.work import Role

LONGEST_LIST = 500
GIVEN_BY_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR, Role.CONSORTIUM_ADMINISTRATOR})
"""Only an administrator of the installation gives these roles, or touches their bearers."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person's form says; the words of its codes stand in config/terms."""

    name: str
    name_en: str = ""
    title: str = ""
    specialty: str = ""
    licence_no: str = ""
    licence_class: str = ""
    licence_valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A person with a sign-in."""

    id: PractitionerId
    login: str
    name: str
    name_en: str
    pinyin: str
    title: str
    specialty: str
    licence_no: str
    licence_class: str
    licence_valid_until: date | None
    language: str | None
    revision: int

    def is_licensed(self, on: date) -> bool:
        """Whether a licence holds on this day."""
        until = self.licence_valid_until
        return bool(self.licence_no) and (until is None or on <= until)


@dataclass(frozen=True, slots=True)
class PersonName:
    """How a person is named beside what she did."""

    name: str
    name_en: str
    title: str


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A person's place at an institution (多点执业, 派驻): in which roles, and when."""

    id: AffiliationId
    practitioner_id: PractitionerId
    institution_id: InstitutionId
    roles: frozenset[Role]
    from_on: date
    until_on: date | None
    stopped_at: datetime | None
    revision: int

    def holds_on(self, day: date) -> bool:
        """Whether the person may act under it on this day."""
        begun = self.from_on <= day
        return self.stopped_at is None and begun and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class Credential:
    """A person's password as it is kept; a change has a new revision, which old sessions lack."""

    practitioner_id: PractitionerId
    password_hash: str
    must_change: bool
    revision: int
