"""A patient's consent: what was ticked, who signed, and what is missing from it (U17)."""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Final

from consult.cases.consent_rules import (
    ConsentItem,
    ConsentNeed,
    ConsentRules,
    ConsentScope,
    Signer,
    SigningMethod,
)
from consult.kernel.errors import FieldProblem

_MONTHS_IN_YEAR: Final = 12
_LONGEST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Consent:
    """What the form says; nothing has a default, and what was not filled in is None or empty.

    `cost_fen` is what the patient was told it costs, 0 for free. `adult_reason` says why an adult
    does not sign in person (disclosure unsuitable, or unable to decide).
    """

    items: frozenset[ConsentItem]
    scope: ConsentScope | None
    signer: Signer | None
    method: SigningMethod | None
    signed_on: date | None
    valid_until_on: date | None
    cost_fen: int | None
    relation: str
    signer_name: str
    signer_document: str
    power_of_attorney: str
    witness_name: str
    adult_reason: str


def check_consent(
    rules: ConsentRules, consent: Consent, *, patient_birth_on: date | None, today: date
) -> list[FieldProblem]:
    """Everything that keeps this consent from holding today; `today` is the institution's date."""
    problems = [
        FieldProblem(f"items.{code}", "consent-item-required")
        for code, item in rules.items.items()
        if item.blocks and code not in consent.items
    ]
    if consent.cost_fen is None:
        problems.append(FieldProblem("cost_fen", "field-missing"))
    elif consent.cost_fen < 0:
        problems.append(FieldProblem("cost_fen", "too-small", {"low": 0}))
    problems += _check_signature(rules, consent, birth_on=patient_birth_on)
    problems += _check_validity(rules, consent, today=today)
    return problems


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last day."""
    year, month = divmod(day.year * _MONTHS_IN_YEAR + day.month - 1 + months, _MONTHS_IN_YEAR)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def is_adult(birth_on: date, *, on: date, adult_age: int) -> bool:
    """Whether the birthday of that age has come; born on 29 February, one waits for 1 March."""
    return (on.year - birth_on.year, on.month, on.day) >= (adult_age, birth_on.month, birth_on.day)


def is_in_force(consent: Consent, *, on: date, withdrawn_on: date | None) -> bool:
    """Whether a consent that held when it was given still holds on this date."""
    if consent.signed_on is None or on < consent.signed_on:
        return False
    if withdrawn_on is not None and on >= withdrawn_on:
        return False
    return consent.valid_until_on is None or on <= consent.valid_until_on


def _check_signature(
    rules: ConsentRules, consent: Consent, *, birth_on: date | None
) -> list[FieldProblem]:
    if consent.signer is None or consent.method is None:
        given = {"signer": consent.signer, "method": consent.method}
        return [FieldProblem(key, "field-missing") for key in given if given[key] is None]
    signer, method = rules.signers[consent.signer], rules.methods[consent.method]
    needs = dict.fromkeys((*signer.needs, *method.needs))
    problems = [
        FieldProblem(need, "field-missing") for need in needs if not _text(consent, need).strip()
    ]
    problems += [
        FieldProblem(need, "field-too-long", {"limit": _LONGEST_TEXT})
        for need in ConsentNeed
        if len(_text(consent, need)) > _LONGEST_TEXT
    ]
    if len(consent.adult_reason) > _LONGEST_TEXT:
        problems.append(FieldProblem("adult_reason", "field-too-long", {"limit": _LONGEST_TEXT}))
    # A patient whose date of birth is unknown is taken for an adult.
    on = consent.signed_on
    minor = (
        birth_on is not None
        and on is not None
        and not is_adult(birth_on, on=on, adult_age=rules.adult_age)
    )
    if minor and consent.signer is not Signer.GUARDIAN:
        problems.append(FieldProblem("signer", "minor-needs-guardian", {"age": rules.adult_age}))
    if not minor and signer.reason_for_adult and not consent.adult_reason.strip():
        problems.append(FieldProblem("adult_reason", "field-missing"))
    return problems


def _text(consent: Consent, need: ConsentNeed) -> str:
    match need:
        case ConsentNeed.RELATION:
            return consent.relation
        case ConsentNeed.SIGNER_NAME:
            return consent.signer_name
        case ConsentNeed.SIGNER_DOCUMENT:
            return consent.signer_document
        case ConsentNeed.POWER_OF_ATTORNEY:
            return consent.power_of_attorney
        case ConsentNeed.WITNESS_NAME:
            return consent.witness_name


def _check_validity(rules: ConsentRules, consent: Consent, *, today: date) -> list[FieldProblem]:
    if consent.scope is None:
        return [FieldProblem("scope", "field-missing")]
    if consent.signed_on is None:
        return [FieldProblem("signed_on", "field-missing")]
    if consent.signed_on > today:
        return [FieldProblem("signed_on", "date-in-future")]
    if consent.scope is ConsentScope.SINGLE:
        unasked = consent.valid_until_on is not None
        return [FieldProblem("valid_until_on", "not-asked-here")] if unasked else []
    return _check_programme(rules, consent.signed_on, consent.valid_until_on, today=today)


def _check_programme(
    rules: ConsentRules, signed_on: date, until: date | None, *, today: date
) -> list[FieldProblem]:
    months = rules.programme_months
    if until is None:
        return [FieldProblem("valid_until_on", "field-missing")]
    if until > add_months(signed_on, months):
        return [FieldProblem("valid_until_on", "consent-too-long", {"months": months})]
    if until < today:
        return [FieldProblem("valid_until_on", "consent-expired")]
    return []
