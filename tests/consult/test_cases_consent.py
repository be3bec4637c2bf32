"""Consent: what blocks, who may sign, how long it holds."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.consent import Consent, add_months, check_consent, is_adult, is_in_force
from consult.cases.consent_rules import (
    ConsentItem,
    ConsentScope,
    Signer,
    SigningMethod,
    parse_consent_rules,
)
from tests.makers.rulebooks import read_config

RULES = parse_consent_rules(read_config("consent.toml"))
TODAY = date(2026, 1, 5)
ADULT, CHILD = date(1956, 3, 8), date(2015, 3, 8)
GIVEN = Consent(
    items=frozenset({ConsentItem.TELEMEDICINE, ConsentItem.DATA_SHARING}),
    scope=ConsentScope.SINGLE,
    signer=Signer.SELF,
    method=SigningMethod.PAPER,
    signed_on=TODAY,
    valid_until_on=None,
    cost_fen=0,
    relation="",
    signer_name="",
    signer_document="",
    power_of_attorney="",
    witness_name="",
    adult_reason="",
)
BY_GUARDIAN = replace(
    GIVEN, signer=Signer.GUARDIAN, relation="母亲", signer_name="李英", signer_document="E1234567"
)
EMPTY = Consent(
    items=frozenset(), scope=None, signer=None, method=None, signed_on=None, valid_until_on=None,
    cost_fen=None, relation="", signer_name="", signer_document="", power_of_attorney="",
    witness_name="", adult_reason="",
)  # fmt: skip


def problems(consent: Consent, born: date | None = ADULT) -> dict[str, str]:
    found = check_consent(RULES, consent, patient_birth_on=born, today=TODAY)
    return {problem.field: problem.code for problem in found}


def test_an_adult_who_signs_for_himself_needs_only_the_first_two_ticks() -> None:
    assert problems(GIVEN) == {}
    assert problems(replace(GIVEN, items=frozenset(ConsentItem))) == {}


@pytest.mark.parametrize("item", ConsentItem)
def test_the_first_two_ticks_block_and_the_others_are_optional(item: ConsentItem) -> None:
    without = replace(GIVEN, items=frozenset(ConsentItem) - {item})
    blocks = item in {ConsentItem.TELEMEDICINE, ConsentItem.DATA_SHARING}
    assert problems(without) == ({f"items.{item}": "consent-item-required"} if blocks else {})


def test_an_empty_form_names_everything_at_once() -> None:
    assert set(problems(EMPTY)) == {
        *("items.telemedicine", "items.data_sharing", "cost_fen", "signer", "method", "scope"),
    }


@pytest.mark.parametrize("signer", [Signer.SELF, Signer.RELATIVE, Signer.AGENT])
def test_a_minor_needs_a_guardian(signer: Signer) -> None:
    assert problems(BY_GUARDIAN, CHILD) == {}
    assert problems(replace(BY_GUARDIAN, signer=signer), CHILD)["signer"] == "minor-needs-guardian"


def test_one_is_of_age_on_the_eighteenth_birthday() -> None:
    assert problems(GIVEN, date(2008, 1, 5)) == {}
    assert problems(GIVEN, date(2008, 1, 6)) == {"signer": "minor-needs-guardian"}
    assert is_adult(date(2008, 2, 29), on=date(2026, 3, 1), adult_age=18)
    assert not is_adult(date(2008, 2, 29), on=date(2026, 2, 28), adult_age=18)


@pytest.mark.parametrize(
    ("signer", "missing"),
    [
        (Signer.RELATIVE, {"relation", "signer_name", "signer_document", "adult_reason"}),
        (Signer.GUARDIAN, {"relation", "signer_name", "signer_document", "adult_reason"}),
        (Signer.AGENT, {"relation", "signer_name", "signer_document", "power_of_attorney"}),
    ],
)
def test_who_signs_for_an_adult_shows_why_and_by_what_right(
    signer: Signer, missing: set[str]
) -> None:
    found = problems(replace(GIVEN, signer=signer))
    assert found == dict.fromkeys(missing, "field-missing")


def test_a_fingerprint_needs_a_witness() -> None:
    fingerprint = replace(GIVEN, method=SigningMethod.FINGERPRINT)
    assert problems(fingerprint) == {"witness_name": "field-missing"}
    assert problems(replace(fingerprint, witness_name="王芳")) == {}


@pytest.mark.parametrize(
    ("signed_on", "until", "code"),
    [
        (TODAY, date(2027, 1, 5), None),
        (TODAY, TODAY, None),
        (TODAY, date(2027, 1, 6), "consent-too-long"),
        (date(2025, 1, 4), date(2026, 1, 4), "consent-expired"),
        (TODAY, None, "field-missing"),
    ],
)
def test_a_programme_holds_at_most_a_year(
    signed_on: date, until: date | None, code: str | None
) -> None:
    consent = replace(
        GIVEN, scope=ConsentScope.PROGRAMME, signed_on=signed_on, valid_until_on=until
    )
    assert problems(consent) == ({} if code is None else {"valid_until_on": code})


def test_dates_money_and_length_are_checked() -> None:
    assert problems(replace(GIVEN, signed_on=date(2026, 1, 6))) == {"signed_on": "date-in-future"}
    assert problems(replace(GIVEN, signed_on=None)) == {"signed_on": "field-missing"}
    assert problems(replace(GIVEN, valid_until_on=TODAY)) == {"valid_until_on": "not-asked-here"}
    assert problems(replace(GIVEN, cost_fen=-1)) == {"cost_fen": "too-small"}
    assert problems(replace(GIVEN, relation="x" * 201)) == {"relation": "field-too-long"}
    assert problems(replace(GIVEN, adult_reason="x" * 201)) == {"adult_reason": "field-too-long"}


def test_a_withdrawn_or_expired_consent_no_longer_holds() -> None:
    consent = replace(GIVEN, scope=ConsentScope.PROGRAMME, valid_until_on=date(2026, 6, 1))
    assert is_in_force(consent, on=date(2026, 6, 1), withdrawn_on=None)
    assert not is_in_force(consent, on=date(2026, 6, 2), withdrawn_on=None)
    assert not is_in_force(consent, on=date(2026, 1, 4), withdrawn_on=None)
    assert not is_in_force(consent, on=date(2026, 2, 1), withdrawn_on=date(2026, 2, 1))
    assert not is_in_force(EMPTY, on=TODAY, withdrawn_on=None)


@given(day=st.dates(date(1900, 1, 1), date(2200, 1, 1)), months=st.integers(0, 48))
def test_months_are_added_by_the_calendar(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and add_months(later, 0) == later)
