"""A patient as one institution knows her, and what a registration form must say."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from consult.kernel.ids import InstitutionId, PatientId
from consult.kernel.rules import MalformedRulesError, RuleTable
from consult.people.patients.documents import DocumentKind, Sex

TAIL_LENGTH: Final = 4
_TO_ASCII: Final = {0xFF01 + step: 0x21 + step for step in range(94)}
_PHONE_BLANKS: Final = {ord(letter): None for letter in " -()\u3000\u00a0"}


class IdentityStatus(enum.StrEnum):
    """Whether a document has shown who the patient is."""

    SETTLED = "settled"
    PENDING = "pending"


class ContactRelation(enum.StrEnum):
    """Whose telephone it is, or who speaks for the patient."""

    SELF = "self"
    PARENT = "parent"
    SPOUSE = "spouse"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    RELATIVE = "relative"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RegistrationRules:
    """The figures of config/patients.toml."""

    version: str
    adult_age_years: int
    oldest_age_years: int
    phone_pattern: re.Pattern[str]
    longest_search: int
    most_found: int


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers for a minor."""

    name: str
    relation: ContactRelation
    phone: str


@dataclass(frozen=True, slots=True)
class PatientForm:
    """A registration as it was typed; nothing in it has been checked."""

    name: str
    document_kind: DocumentKind
    document_number: str = ""
    sex: Sex | None = None
    birth_on: date | None = None
    phone: str = ""
    phone_relation: ContactRelation | None = None
    address: str = ""
    guardian_name: str = ""
    guardian_relation: ContactRelation | None = None
    guardian_phone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a checked form says about a person."""

    name: str
    document_kind: DocumentKind
    document_number: str
    identity_status: IdentityStatus
    sex: Sex
    birth_on: date
    phone: str
    phone_relation: ContactRelation | None
    address: str
    guardian: Guardian | None


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of one institution; the same person elsewhere is another row."""

    id: PatientId
    institution_id: InstitutionId
    local_number: str
    facts: Facts
    registered_at: datetime
    revision: int

    @property
    def name(self) -> str:
        """The name as written on the document."""
        return self.facts.name

    @property
    def sex(self) -> Sex:
        """The sex in the record."""
        return self.facts.sex

    @property
    def birth_on(self) -> date:
        """The date of birth."""
        return self.facts.birth_on

    @property
    def is_pending(self) -> bool:
        """Whether the identity must still be settled."""
        return self.facts.identity_status is IdentityStatus.PENDING

    @property
    def tail(self) -> str:
        """What tells namesakes apart: the last four of the document, else of the local number."""
        return (self.facts.document_number or self.local_number)[-TAIL_LENGTH:]

    def age_on(self, today: date) -> int:
        """Completed years of life."""
        return age_on(self.facts.birth_on, today)


@dataclass(frozen=True, slots=True)
class Found:
    """A line of a search; `namesake` asks for the birth date and the last four beside the name."""

    patient: Patient
    namesake: bool


def parse_registration_rules(mapping: Mapping[str, object]) -> RegistrationRules:
    """The figures of config/patients.toml."""
    table = RuleTable(mapping)
    keys = ("adult_age_years", "oldest_age_years", "phone_pattern", "longest_search", "most_found")
    table.only("name", "version", "source", *keys)
    table.text("source")
    try:
        pattern = re.compile(table.text("phone_pattern"))
    except re.error:
        raise MalformedRulesError("phone_pattern", "is no regular expression") from None
    return RegistrationRules(
        version=table.text("version"),
        adult_age_years=table.whole("adult_age_years", lowest=1),
        oldest_age_years=table.whole("oldest_age_years", lowest=1),
        phone_pattern=pattern,
        longest_search=table.whole("longest_search", lowest=1),
        most_found=table.whole("most_found", lowest=1),
    )


def age_on(birth_on: date, today: date) -> int:
    """Completed years; whoever is born on 29 February grows older on 1 March."""
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


def normalise_phone(text: str) -> str:
    """A telephone number without the marks that people put between its digits."""
    return text.translate(_TO_ASCII).translate(_PHONE_BLANKS)
