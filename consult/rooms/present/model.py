"""Who sits beside a participant of a call: the patient, relatives, colleagues."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.kernel.ids import InstitutionId, PractitionerId
from consult.people.organisations.model import Tier

MOST_PRESENT: Final = 40
LONGEST_NAME: Final = 80


class PresentAs(enum.StrEnum):
    """As what somebody sits there."""

    PATIENT = "patient"
    RELATIVE = "relative"
    PHYSICIAN = "physician"
    NURSE = "nurse"
    TECHNICIAN = "technician"
    OTHER = "other"


class IdentityBy(enum.StrEnum):
    """How the identity of a patient who sits there was confirmed (VID-09)."""

    DOCUMENT = "document"
    ASKED = "asked"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class InvitingRules:
    """Of which licence classes one physician of the inviting side has to be there (U30 v)."""

    classes: frozenset[str]
    community_classes: frozenset[str]

    def allowed_at(self, tier: Tier) -> frozenset[str]:
        """The classes that count at an institution of this tier."""
        is_community = tier in {Tier.PRIMARY, Tier.COMMUNITY}
        return self.community_classes if is_community else self.classes


@dataclass(frozen=True, slots=True)
class NewPresent:
    """What is said of one person; the patient is named by the case, anybody else by `name`."""

    who: PresentAs
    name: str
    identity: IdentityBy | None


@dataclass(frozen=True, slots=True)
class Present:
    """One person beside a participant, from when until when; `gone_at` is None to the end."""

    id: str
    room_id: str
    said_by: PractitionerId
    institution_id: InstitutionId
    who: PresentAs
    name: str
    identity: IdentityBy | None
    said_at: datetime
    gone_at: datetime | None
