"""How people prove who they are (config/sign_in.toml): passwords, second factor, locks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from consult.kernel.rules import RuleTable
from consult.kernel.work import Role

_UNLOCK_WAYS: Final = frozenset({"password", "code"})


@dataclass(frozen=True, slots=True)
class AttemptRules:
    """Budgets of wrong tries: for one name, one address, one network, the installation."""

    account: int
    address: int
    network: int
    installation: int
    window: timedelta
    lock: timedelta


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a session lasts at most, and without being used."""

    longest: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class SecondFactorRules:
    """Who must have a second factor, and how it is made."""

    required_roles: frozenset[Role]
    recovery_codes: int
    setup: timedelta

    def is_due(self, roles: frozenset[Role]) -> bool:
        """Whether any of these roles needs one."""
        return bool(self.required_roles & roles)


@dataclass(frozen=True, slots=True)
class LockRules:
    """After how long without a hand on it a page is covered, and what uncovers it."""

    after: timedelta
    unlock_by: tuple[str, ...]

    def ways_for(self, *, has_second_factor: bool) -> tuple[str, ...]:
        """What uncovers it for this person; who has no app is asked for the password."""
        ways = (way for way in self.unlock_by if way != "code" or has_second_factor)
        return tuple(ways) or ("password",)


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """For how long a foreign case is opened in an emergency, and by when that is reviewed."""

    lasts: timedelta
    review_within: timedelta
    shortest_reason: int


@dataclass(frozen=True, slots=True)
class ProviderRules:
    """What the identity provider's word is good for, and when it is asked for a fresh one.

    `proof`: for how long it is good for the one act it was asked for; `clocks`: by how much its
    clock may be behind ours; `two_factors`: what its `amr` or `acr` says where it asked for two.
    """

    proof: timedelta
    clocks: timedelta
    two_factors: frozenset[str]
    always_asks: bool


@dataclass(frozen=True, slots=True)
class SignInRules:
    """Length and forbidden passwords, budgets of wrong tries, second factor, locked screens."""

    name: str
    version: str
    source: str
    shortest: int
    longest: int
    common: frozenset[str]
    attempts: AttemptRules
    sessions: SessionRules
    second_factor: SecondFactorRules
    lock: LockRules
    locks: Mapping[str, LockRules]
    emergency: EmergencyRules
    provider: ProviderRules

    def lock_at(self, institution_code: str) -> LockRules:
        """The institution's own rule, else the installation's."""
        return self.locks.get(institution_code, self.lock)


def parse_sign_in_rules(mapping: Mapping[str, object]) -> SignInRules:
    """The rules of config/sign_in.toml."""
    table = RuleTable(mapping)
    parts = ("password", "attempts", "sessions", "second_factor", "lock", "emergency", "provider")
    table.only("name", "version", "source", *parts)
    password = table.table("password")
    password.only("shortest", "longest", "common")
    return SignInRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        shortest=password.whole("shortest", lowest=8),
        longest=password.whole("longest", lowest=64),
        common=frozenset(text.casefold() for text in password.texts("common")),
        attempts=_attempts(table.table("attempts")),
        sessions=_sessions(table.table("sessions")),
        second_factor=_second_factor(table.table("second_factor")),
        lock=_lock(table.table("lock")),
        locks=_locks(table.table("lock")),
        emergency=_emergency(table.table("emergency")),
        provider=_provider(table.table("provider")),
    )


def _attempts(table: RuleTable) -> AttemptRules:
    failures = ("account_failures", "address_failures", "network_failures", "installation_failures")
    table.only(*failures, "window_minutes", "lock_minutes")
    account, address, network, installation = (table.whole(key, lowest=1) for key in failures)
    return AttemptRules(
        account=account,
        address=address,
        network=network,
        installation=installation,
        window=_minutes(table, "window_minutes"),
        lock=_minutes(table, "lock_minutes"),
    )


def _sessions(table: RuleTable) -> SessionRules:
    table.only("longest_hours", "idle_minutes")
    return SessionRules(
        longest=timedelta(hours=table.whole("longest_hours", lowest=1)),
        idle=_minutes(table, "idle_minutes"),
    )


def _second_factor(table: RuleTable) -> SecondFactorRules:
    table.only("required_roles", "recovery_codes", "setup_minutes")
    return SecondFactorRules(
        required_roles=frozenset(table.codes("required_roles", Role)),
        recovery_codes=table.whole("recovery_codes", lowest=5),
        setup=_minutes(table, "setup_minutes"),
    )


def _lock(table: RuleTable) -> LockRules:
    table.only("after_minutes", "unlock_by", "institutions")
    ways = table.texts("unlock_by")
    if not ways or not set(ways) <= _UNLOCK_WAYS:
        raise table.wrong("unlock_by", "must name password, code or both")
    return LockRules(after=_minutes(table, "after_minutes"), unlock_by=ways)


def _locks(table: RuleTable) -> Mapping[str, LockRules]:
    if not table.has("institutions"):
        return MappingProxyType({})
    own = {code: _lock(each) for code, each in table.children("institutions")}
    return MappingProxyType(own)


def _emergency(table: RuleTable) -> EmergencyRules:
    table.only("lasts_minutes", "review_within_hours", "shortest_reason")
    return EmergencyRules(
        lasts=_minutes(table, "lasts_minutes"),
        review_within=timedelta(hours=table.whole("review_within_hours", lowest=1)),
        shortest_reason=table.whole("shortest_reason", lowest=5),
    )


def _provider(table: RuleTable) -> ProviderRules:
    table.only("proof_seconds", "clock_seconds", "two_factors", "always_asks")
    return ProviderRules(
        proof=timedelta(seconds=table.whole("proof_seconds", lowest=10)),
        clocks=timedelta(seconds=table.whole("clock_seconds", lowest=1)),
        two_factors=frozenset(table.texts("two_factors")),
        always_asks=table.flag("always_asks"),
    )


def _minutes(table: RuleTable, key: str) -> timedelta:
    return timedelta(minutes=table.whole(key, lowest=1))
