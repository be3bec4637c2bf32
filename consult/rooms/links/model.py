"""A link into one room: for whom it is, whether it still opens, and who came by it."""

import enum
import hmac
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.people.patients.model import TAIL_LENGTH, Patient
from consult.rooms.model import Knock, Room

MOST_LINKS: Final = 60
_BETWEEN_NAMES: Final = frozenset(" .·•‧・\u00b7\u3000")


class LinkFor(enum.StrEnum):
    """Who comes by a link: somebody without an account, or the maker's own second device."""

    PATIENT = "patient"
    RELATIVE = "relative"
    COLLEAGUE = "colleague"
    COMPANION = "companion"


class Identity(enum.StrEnum):
    """What came of the question who somebody is; the values themselves are never kept."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    NOT_ON_FILE = "not_on_file"


class Asks(enum.StrEnum):
    """By which last four the patient's record knows the patient."""

    DOCUMENT = "document"
    PHONE = "phone"
    NOTHING = "nothing"


class LinkState(enum.StrEnum):
    """What a link is good for now."""

    FRESH = "fresh"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OVER = "over"
    EARLY = "early"
    """The session for which it was made comes later."""
    WAITING = "waiting"
    """Its time has come, and its room is not open yet."""
    MOVED = "moved"
    """The session for which it was made was moved or ended."""


@dataclass(frozen=True, slots=True)
class LinkRules:
    """What config/rooms.toml says of links, and how often an address may ask for none."""

    guest_for: timedelta
    tries: int
    companion_for: timedelta
    asked_most: int
    asked_window: timedelta


@dataclass(frozen=True, slots=True)
class Link:
    """One link; `person_id` is who comes by it in the room: a guest's own, or the maker's."""

    id: str
    room_id: str
    for_whom: LinkFor
    person_id: str
    institution_id: InstitutionId
    made_by: PractitionerId
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    tries: int
    identity: Identity | None
    name: str = field(default="", repr=False)

    @property
    def is_guest(self) -> bool:
        """Whether a person without an account comes by it."""
        return self.for_whom is not LinkFor.COMPANION


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is told to whoever holds a link: who invites, and whether it opens.

    `starts_at` and `opens_at` are those of the session for which it was made.
    """

    state: LinkState
    for_whom: LinkFor
    made_by: PractitionerId
    institution_id: InstitutionId
    expires_at: datetime
    starts_at: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever used a link, as the room stands now; `knock` is None until she has asked."""

    link: Link
    room: Room
    case_id: CaseId
    is_over: bool
    knock: Knock | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of herself, as it was typed."""

    name: str = field(repr=False)
    patient_name: str = field(repr=False)
    tail: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one try, and how many are left."""

    identity: Identity
    left: int

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked."""
        return self.identity is not Identity.NOT_MATCHED or self.left == 0


def state_of(link: Link, *, is_over: bool, now: datetime) -> LinkState:
    """What a link is good for at this moment."""
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if is_over:
        return LinkState.OVER
    if link.used_at is not None:
        return LinkState.USED
    return LinkState.EXPIRED if now >= link.expires_at else LinkState.FRESH


def asks_of(patient: Patient) -> Asks:
    """By which last four this patient can be known."""
    if patient.facts.document_number:
        return Asks.DOCUMENT
    return Asks.PHONE if patient.facts.phone else Asks.NOTHING


def compare(patient: Patient, name: str, tail: str) -> Identity:
    """Whether name and last four are those of the record; takes as long for either answer."""
    asks = asks_of(patient)
    if asks is Asks.NOTHING:
        return Identity.NOT_ON_FILE
    number = patient.facts.document_number if asks is Asks.DOCUMENT else patient.facts.phone
    is_name = hmac.compare_digest(_plain(name), _plain(patient.name))
    is_tail = hmac.compare_digest(_plain(tail), _plain(number)[-TAIL_LENGTH:])
    return Identity.MATCHED if is_name and is_tail else Identity.NOT_MATCHED


def is_settled(link: Link, most_tries: int) -> bool:
    """Whether a guest has said who she is, as often as she is asked."""
    if link.identity is None:
        return False
    return link.identity is not Identity.NOT_MATCHED or link.tries >= most_tries


def _plain(text: str) -> bytes:
    """A name or number as people mean it: no matter how wide, how large, how spaced."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return "".join(each for each in wide if each not in _BETWEEN_NAMES).encode()
