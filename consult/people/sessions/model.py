"""What a signed-in browser is, and how wrong tries are counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from consult.kernel.ids import AffiliationId, PractitionerId
from consult.kernel.work import Actor
from consult.people.organisations.model import Institution
from consult.people.practitioners.model import Affiliation

BY_PASSWORD, BY_PROVIDER, BY_TOKEN = "password", "provider", "token"
SEEN_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=90)
GUARD_KEPT = timedelta(days=1)
"""Longer than any window in which wrong tries count."""


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A signing window that nobody has ended yet, as each request finds it."""

    address: str = field(repr=False)
    until: datetime
    touched_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a session, the institution for which she acts, and how to greet her."""

    actor: Actor
    login: str
    person_name: str
    person_name_en: str
    institution_name: str
    institution_name_en: str
    institution_code: str
    zone: str
    language: str | None
    must_change_password: bool
    has_second_factor: bool
    signed_in_by: str
    expires_at: datetime
    seen_at: datetime
    locked_at: datetime | None
    emergency_until: datetime | None
    window: OpenWindow | None = None
    rights: frozenset[str] = frozenset()
    """What a machine's token opens; a person has roles."""

    @property
    def is_machine(self) -> bool:
        """Whether a machine came in by its token."""
        return self.signed_in_by == BY_TOKEN


@dataclass(frozen=True, slots=True)
class WayIn:
    """How a session was opened; through a provider, under which names it is known there.

    `is_proved`: the person has just been asked there who she is, and not only recognised;
    `is_by_two`: with two factors.
    """

    by: str = BY_PASSWORD
    sub: str | None = None
    sid: str | None = None
    is_proved: bool = False
    is_by_two: bool = False


WITH_PASSWORD = WayIn()


@dataclass(frozen=True, slots=True)
class Window:
    """A signing window (签名时段): until when, and for how many reports still."""

    id: str
    until: datetime
    reports_left: int


@dataclass(frozen=True, slots=True)
class Client:
    """From where somebody signs in: words for the browser, and the network address."""

    browser: str
    address: str


@dataclass(frozen=True, slots=True)
class Session:
    """One open session, for the list in which its owner can end it."""

    id: str
    affiliation_id: AffiliationId
    client: Client
    opened_at: datetime
    seen_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries: the address, and the browser's name where the account has used it before."""

    address: str
    known_browser: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in that is within its budget; no person where the name is unknown."""

    login: str
    key: str
    address: str
    practitioner_id: PractitionerId | None
    password_hash: str | None
    revision: int | None
    has_second_factor: bool
    locks_now: bool


@dataclass(frozen=True, slots=True)
class StandingSession:
    """An open session that may still be under way, and what tells whether its screen is locked."""

    token_hash: str
    institution_code: str
    seen_at: datetime
    locked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just been opened."""

    session_id: str
    affiliation_id: AffiliationId
    expires_at: datetime
    must_choose: bool
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An institution for which a person may act today."""

    affiliation: Affiliation
    institution: Institution


def count_failures(
    failures_at: Sequence[datetime], *, now: datetime, window: timedelta
) -> list[datetime]:
    """The failures that still count."""
    return [at for at in failures_at if now - at < window]
