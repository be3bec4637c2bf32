"""How people prove who they are (config/sign_in.toml): passwords, second factor, locks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from consult.kernel.rules import RuleTable
from consult.kernel.work import Role


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
class SecondFactorRules:
    """Who must have a second factor, and how it is made."""

    required_roles: frozenset[Role]
    recovery_codes: int
    setup: timedelta

    def is_due(self, roles: frozenset[Role]) -> bool:
        """Whether any of these roles needs one."""
        return bool(self.required_roles & roles)


@dataclass(frozen=True, slots=True)
class SignInRules:
    """Length and forbidden passwords, budgets of wrong tries, second factor."""

    name: str
    version: str
    source: str
    shortest: int
    longest: int
    common: frozenset[str]
    attempts: AttemptRules
    second_factor: SecondFactorRules


def parse_sign_in_rules(mapping: Mapping[str, object]) -> SignInRules:
    """The rules of config/sign_in.toml."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "password", "attempts", "second_factor")
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
        second_factor=_second_factor(table.table("second_factor")),
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


def _second_factor(table: RuleTable) -> SecondFactorRules:
    table.only("required_roles", "recovery_codes", "setup_minutes")
    return SecondFactorRules(
        required_roles=frozenset(table.codes("required_roles", Role)),
        recovery_codes=table.whole("recovery_codes", lowest=5),
        setup=_minutes(table, "setup_minutes"),
    )


def _minutes(table: RuleTable, key: str) -> timedelta:
    return timedelta(minutes=table.whole(key, lowest=1))
