"""What a password must be, and how often a wrong one may be typed (config/sign_in.toml)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from consult.kernel.errors import RefusedError
from consult.kernel.rules import RuleTable


@dataclass(frozen=True, slots=True)
class SignInRules:
    """Length and forbidden passwords, budgets of wrong tries, and how long a lock lasts."""

    name: str
    version: str
    source: str
    shortest: int
    longest: int
    common: frozenset[str]
    account_failures: int
    address_failures: int
    network_failures: int
    window: timedelta
    lock: timedelta


def parse_sign_in_rules(mapping: Mapping[str, object]) -> SignInRules:
    """The rules of config/sign_in.toml."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "password", "attempts")
    password, attempts = table.table("password"), table.table("attempts")
    password.only("shortest", "longest", "common")
    attempts.only(
        *("account_failures", "address_failures", "network_failures"),
        *("window_minutes", "lock_minutes"),
    )
    return SignInRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        shortest=password.whole("shortest", lowest=8),
        longest=password.whole("longest", lowest=64),
        common=frozenset(text.casefold() for text in password.texts("common")),
        account_failures=attempts.whole("account_failures", lowest=1),
        address_failures=attempts.whole("address_failures", lowest=1),
        network_failures=attempts.whole("network_failures", lowest=1),
        window=timedelta(minutes=attempts.whole("window_minutes", lowest=1)),
        lock=timedelta(minutes=attempts.whole("lock_minutes", lowest=1)),
    )


def normalise_password(text: str) -> str:
    """One spelling of what a person typed, whatever keyboard or input method made it."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, *, login: str, rules: SignInRules, field: str) -> str:
    """The password as it is hashed; raises RefusedError for the field when it is too weak."""
    password = normalise_password(text)
    folded = password.casefold()
    if len(password) < rules.shortest:
        raise RefusedError("password-too-short", field=field, shortest=rules.shortest)
    if len(password) > rules.longest:
        raise RefusedError("field-too-long", field=field, limit=rules.longest)
    if login.casefold() in folded and len(folded) - len(login) < rules.shortest:
        raise RefusedError("password-is-login", field=field)
    if folded in rules.common or len(set(folded)) <= len("ab"):
        raise RefusedError("password-common", field=field)
    return password
