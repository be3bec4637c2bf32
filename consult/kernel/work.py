"""The context of one unit of work: who acts, when, in which session, and where it is noted."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from sqlalchemy.orm import Session

from consult.kernel.errors import Fact
from consult.kernel.ids import (
    AffiliationId,
    ConsortiumId,
    InstitutionId,
    PanelId,
    PractitionerId,
)
from consult.kernel.keys import Vault

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(enum.StrEnum):
    """What a person may be at an institution (config/roles.toml says what each may do)."""

    ADMINISTRATOR = "administrator"
    CONSORTIUM_ADMINISTRATOR = "consortium_administrator"
    REQUESTING_PHYSICIAN = "requesting_physician"
    PHOTOGRAPHER = "photographer"
    EXPERT = "expert"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    REFERRAL_DESK = "referral_desk"
    MANAGER = "manager"
    REGULATOR = "regulator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which institution, in which roles; the system acts without a person."""

    practitioner_id: PractitionerId | None
    institution_id: InstitutionId | None
    affiliation_id: AffiliationId | None = None
    roles: frozenset[Role] = frozenset()
    consortium_ids: frozenset[ConsortiumId] = frozenset()
    panel_ids: frozenset[PanelId] = frozenset()
    session_id: str | None = None
    sees_names: bool = True  # the doors say no where no role of the person needs them
    is_reading: bool = False
    """Whether the request changes nothing; what was opened in an emergency counts only then."""
    machine_id: str | None = None
    """The machine that acts where no person does; the journal has it in place of a session."""

    @property
    def is_system(self) -> bool:
        """Whether neither person nor machine stands behind this act (clocks, jobs)."""
        return self.practitioner_id is None and self.machine_id is None

    @property
    def person(self) -> PractitionerId:
        """The acting person's id; only for steps that a person takes."""
        if self.practitioner_id is None:
            raise LookupError("the system or a machine is not a person")
        return self.practitioner_id

    @property
    def institution(self) -> InstitutionId:
        """The institution for which the person acts."""
        if self.institution_id is None:
            raise LookupError("the system acts for no institution")
        return self.institution_id


SYSTEM = Actor(practitioner_id=None, institution_id=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: what happened to which object, and why.

    `codes` holds ids, codes, numbers and rule versions and is chained; `words` holds free text and
    names, which lie apart and can be erased: the chain keeps only their salted hash. `case_id` and
    `patient_id` put the entry on the timeline of a case and on the list of who saw a patient.
    """

    kind: str
    object_type: str
    object_id: str
    codes: Mapping[str, Fact] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    case_id: str | None = None
    patient_id: str | None = None


class Journal(Protocol):
    """Where a step writes down what it does."""

    def __call__(self, *entries: Entry) -> None:
        """Write entries in the unit of the change that they tell of, in their order."""


@dataclass(frozen=True, slots=True)
class Work:
    """The only context that is passed down: session, actor, time of the step, journal."""

    session: Session
    actor: Actor
    now: datetime
    journal: Journal

    @property
    def vault(self) -> Vault:
        """The keys of this server, for sealed columns."""
        return cast("Vault", self.session.info["vault"])


def roles_of(codes: "Iterable[str]") -> frozenset[Role]:
    """The roles with these codes."""
    return frozenset(Role(code) for code in codes)
