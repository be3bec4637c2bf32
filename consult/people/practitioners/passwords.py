"""What a password must be (config/sign_in.toml)."""

import unicodedata

from consult.kernel.errors import RefusedError
from consult.people.practitioners.sign_in_rules import SignInRules


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
