"""The forms of the three services: what blocks, what is read, what is refused."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.answers import question_of, validate_answers
from consult.cases.forms import Form, QuestionKind, parse_form
from consult.kernel.errors import FieldProblem, FormRefusedError
from tests.makers.rulebooks import read_config

TODAY = date(2026, 1, 5)
SCREENING = parse_form(read_config("service_types/screening_read.toml"))
DIAGNOSIS = parse_form(read_config("service_types/remote_diagnosis.toml"))
CONSULTATION = parse_form(read_config("service_types/remote_consultation.toml"))
FORMS = [SCREENING, DIAGNOSIS, CONSULTATION]

SCREENED: dict[str, Any] = {
    "diabetes": "yes",
    "red_flags": ["none"],
    "va_right": {"notation": "five_mark", "value": "4.8"},
    "va_left": "not_measured",
}


def problems_of(form: Form, answers: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(FormRefusedError) as refusal:
        validate_answers(form, answers, today=TODAY)
    found: list[FieldProblem] = list(refusal.value.problems)
    return {problem.field: problem.code for problem in found}


def required(form: Form) -> set[str]:
    return {question.key for question in form.questions if question.required}


def test_at_a_screening_exactly_the_minimum_blocks() -> None:
    assert required(SCREENING) == {"diabetes", "red_flags", "va_right", "va_left"}
    assert problems_of(SCREENING, {}) == dict.fromkeys(required(SCREENING), "field-missing")
    kept = validate_answers(SCREENING, SCREENED, today=TODAY)
    assert dict(kept) == SCREENED
    assert not SCREENING.asks_urgency


def test_a_consultation_needs_its_five_legal_contents() -> None:
    assert required(CONSULTATION) == {
        *("reason", "purpose", "timing", "summary", "invited_specialty", "invited_title"),
    }
    problems = problems_of(CONSULTATION, dict.fromkeys(required(CONSULTATION), "  "))
    assert problems == dict.fromkeys(required(CONSULTATION), "field-missing")


def test_every_problem_is_named_at_once() -> None:
    problems = problems_of(
        SCREENING,
        {
            "diabetes": "perhaps",
            "red_flags": ["none", "field_obscured"],
            "va_right": {"notation": "five_mark", "value": "3.0"},
            "hba1c": "7.25",
            "diabetes_years": "120",
            "systolic": "49",
            "iop_left": "high",
            "name": "Zhang",
        },
    )
    assert problems == {
        "name": "field-unknown",
        "diabetes": "field-not-a-choice",
        "red_flags": "choice-excludes-others",
        "va_right": "acuity-five-mark-out-of-range",
        "va_left": "field-missing",
        "hba1c": "too-many-places",
        "diabetes_years": "too-large",
        "systolic": "too-small",
        "iop_left": "number-malformed",
    }


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("hba1c", "７．２", "7.2"),
        ("hba1c", 7.2, "7.2"),
        ("hba1c", 7, "7.0"),
        ("hba1c", "unknown", "unknown"),
        ("hba1c", "not_measured", "not_measured"),
        ("systolic", "120", "120"),
        ("va_left", {"notation": "low_vision", "value": "hm"},
         {"notation": "low_vision", "value": "HM"}),
        ("va_left", {"notation": "not_measured", "value": ""}, "not_measured"),
        ("red_flags", ["flashes_floaters", "sudden_vision_loss", "flashes_floaters"],
         ["sudden_vision_loss", "flashes_floaters"]),
        ("red_flags", "none", ["none"]),
        ("drugs", " 二甲双胍\r\n胰岛素 ", "二甲双胍\n胰岛素"),
        ("diabetes_type", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_an_answer_is_kept_in_one_form(key: str, value: object, kept: object) -> None:
    assert validate_answers(SCREENING, SCREENED | {key: value}, today=TODAY)[key] == kept


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("diabetes", 1, "field-malformed"),
        ("diabetes", ["yes"], "field-malformed"),
        ("diabetes", "not_measured", "field-not-a-choice"),
        ("red_flags", {"none": True}, "field-malformed"),
        ("red_flags", [1], "field-malformed"),
        ("red_flags", ["headache"], "field-not-a-choice"),
        ("va_left", "4.9", "field-malformed"),
        ("va_left", {"notation": "five_mark", "value": 4.9}, "field-malformed"),
        ("va_left", {"notation": "unknown", "value": "4.9"}, "acuity-notation-unknown"),
        ("va_left", {"value": "4.9"}, "field-malformed"),
        ("hba1c", True, "field-malformed"),
        ("hba1c", "NaN", "number-malformed"),
        ("hba1c", float("inf"), "number-malformed"),
        ("hba1c", "1" * 400, "number-malformed"),
        ("drugs", "x" * 1001, "field-too-long"),
        ("drugs", "\u202egnp.exe", "text-forbidden-character"),
        ("drugs", "a\x00b", "text-forbidden-character"),
        ("drugs", {"a": "b"}, "field-malformed"),
    ],
)
def test_nonsense_is_refused_by_field(key: str, value: object, code: str) -> None:
    assert problems_of(SCREENING, SCREENED | {key: value}) == {key: code}


def test_the_question_is_preset_at_a_screening_and_asked_elsewhere() -> None:
    kept = validate_answers(SCREENING, SCREENED, today=TODAY)
    assert question_of(SCREENING, kept, language="zh-Hans") == "糖网筛查阅片"
    assert question_of(SCREENING, kept, language="en").startswith("Diabetic")
    assert question_of(DIAGNOSIS, {"purpose": "有无渗出?"}, language="en") == "有无渗出?"


def test_a_date_lies_in_the_calendar_and_not_after_today() -> None:
    form_data = read_config("service_types/screening_read.toml")
    form_data["field"].append(
        {"key": "onset_on", "kind": "date", "required": False, "label": {"zh": "日", "en": "Day"}}
    )
    form = parse_form(form_data)
    kept = validate_answers(form, SCREENED | {"onset_on": "2026-01-05"}, today=TODAY)
    assert kept["onset_on"] == "2026-01-05"
    for value, code in [
        ("2026-01-06", "date-in-future"),
        ("2025-02-29", "date-malformed"),
        ("20250101", "date-malformed"),
        ("1700-01-01", "date-malformed"),
        (5, "field-malformed"),
    ]:
        assert problems_of(form, SCREENED | {"onset_on": value}) == {"onset_on": code}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(data=st.data())
def test_any_json_is_kept_or_refused_field_by_field(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMS))
    keys = [question.key for question in form.questions]
    answers = data.draw(st.dictionaries(st.sampled_from(keys) | st.text(max_size=9), JSON))
    try:
        kept = validate_answers(form, answers, today=TODAY)
    except FormRefusedError:
        return
    again = validate_answers(form, dict(kept), today=TODAY)
    assert again == kept


def test_the_three_forms_use_every_kind_of_question_but_the_date() -> None:
    kinds = {question.kind for form in FORMS for question in form.questions}
    assert kinds == set(QuestionKind) - {QuestionKind.DATE}
