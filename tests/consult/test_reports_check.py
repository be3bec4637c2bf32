"""Which reports may be signed."""

from collections.abc import Collection
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from consult.kernel.errors import FormRefusedError
from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.ids import ReportId
from consult.reports.body import body_as_json, parse_body
from consult.reports.check import check_report
from consult.reports.forms import ReportForm, parse_report_form
from consult.reports.grading import OutcomeRules, parse_outcome_rules
from consult.reports.model import (
    DIAGNOSTIC_REPORT_STATUS,
    NEXT_REPORT_STATUS,
    SIGNED,
    Dme,
    Quality,
    QualityCause,
    ReferralNeed,
    ReferralUrgency,
    ReportBody,
    ReportStatus,
    ReportStepNotAllowedError,
    make_blank_body,
    require_report_step,
    signed_status,
)
from tests.makers.readings import graded, ungradable, unread
from tests.makers.rulebooks import broken, read_config

RULES = parse_outcome_rules(read_config("grading.toml"))
CODES = read_config("terms/icd10.toml")["icd10"]
SCREENING, DIAGNOSIS, CONSULTATION = (
    parse_report_form(read_config(f"report_forms/{name}.toml"))
    for name in ("screening_read", "remote_diagnosis", "remote_consultation")
)
ABSENT, NOT_EXAMINED = unread(EyeStatus.ABSENT), unread(EyeStatus.PRESENT)
CLEAR = replace(
    make_blank_body(),
    right=graded(),
    left=graded(),
    advice="按期复查。",
    referral_need=ReferralNeed.NONE,
    interval_months=12,
)
WHOLE = replace(
    CLEAR,
    diagnoses=("Z13.5",),
    impression="未见明显异常",
    answer="未见渗出。",
    limits="仅依据照片。",
)
REFERRED = replace(
    CLEAR,
    right=graded(3),
    referral_need=ReferralNeed.URGENT,
    referral_urgency=ReferralUrgency.URGENT,
    interval_months=None,
)


def problems(
    body: ReportBody,
    form: ReportForm = SCREENING,
    *,
    pictured: Collection[Eye] = (),
    rules: OutcomeRules = RULES,
) -> dict[str, str]:
    found = check_report(form, body, rules=rules, diagnosis_codes=CODES, pictured=pictured)
    return {problem.field: problem.code for problem in found}


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (SCREENING, CLEAR),
        (SCREENING, REFERRED),
        (SCREENING, replace(CLEAR, left=ABSENT)),
        (SCREENING, replace(CLEAR, left=unread(EyeStatus.NLP))),
        (SCREENING, replace(CLEAR, left=ungradable(), interval_months=None)),
        (DIAGNOSIS, WHOLE),
        (DIAGNOSIS, replace(WHOLE, left=NOT_EXAMINED)),
        (DIAGNOSIS, replace(WHOLE, right=graded(None, None))),
        (CONSULTATION, WHOLE),
        (CONSULTATION, replace(WHOLE, left=NOT_EXAMINED,
                               right=replace(NOT_EXAMINED, findings="角膜溃疡"))),
    ],
)  # fmt: skip
def test_a_complete_report_may_be_signed(form: ReportForm, body: ReportBody) -> None:
    assert problems(body, form) == {}


def test_a_blank_report_names_everything_that_is_missing() -> None:
    eyes = {f"{eye}.eye_status": "field-missing" for eye in Eye}
    rest = {"advice": "field-missing", "referral_need": "field-missing"}
    assert problems(make_blank_body()) == eyes | rest
    more = dict.fromkeys(("diagnoses", "impression", "answer", "limits"), "field-missing")
    for form in (DIAGNOSIS, CONSULTATION):
        found = problems(make_blank_body(), form)
        assert (eyes | rest | more).items() <= found.items()


@pytest.mark.parametrize("part", ["diagnoses", "impression", "answer", "advice", "limits"])
def test_each_mandatory_part_is_missed_by_name(part: str) -> None:
    body = parse_body(body_as_json(WHOLE) | {part: None})
    assert problems(body, CONSULTATION) == {part: "field-missing"}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"left": NOT_EXAMINED}, "left.quality", "field-missing"),
        ({"left": graded(None)}, "left.icdr", "field-missing"),
        ({"left": graded(0, None)}, "left.dme", "field-missing"),
        ({"left": replace(ungradable(), causes=())}, "left.causes", "cause-required"),
        ({"left": replace(ungradable(), icdr=0)}, "left.icdr", "ungradable-has-no-grade"),
        ({"left": replace(ungradable(), dme=Dme.NONE)}, "left.dme", "ungradable-has-no-grade"),
        ({"left": replace(ABSENT, quality=Quality.GOOD)}, "left.quality", "not-for-absent-eye"),
        ({"left": replace(ABSENT, icdr=2)}, "left.icdr", "not-for-absent-eye"),
        ({"left": replace(graded(1), quality=None)}, "left.icdr", "grade-needs-quality"),
        ({"left": replace(graded(), waiver="x")}, "left.waiver", "waiver-only-for-ungradable"),
        ({"left": replace(graded(), causes=(QualityCause.OBSCURED,))}, "left.causes",
         "good-has-no-cause"),
        ({"left": replace(graded(), quality=Quality.GRADABLE, causes=(QualityCause.NO_IMAGE,))},
         "left.causes", "no-image-is-ungradable"),
        ({"interval_months": 13}, "interval_months", "interval-contradicts-rule"),
        ({"interval_months": None}, "interval_months", "field-missing"),
        ({"left": ungradable()}, "interval_months", "interval-contradicts-rule"),
        ({"left": ungradable(waiver="已面诊")}, "interval_months", "interval-contradicts-rule"),
        ({"left": graded(2), "interval_months": 6}, "referral_need", "referral-below-rule"),
        ({"referral_urgency": ReferralUrgency.ROUTINE}, "referral_urgency",
         "urgency-without-referral"),
        ({"referral_need": ReferralNeed.REFER}, "referral_urgency", "field-missing"),
        ({"referral_need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.ROUTINE},
         "referral_urgency", "urgency-contradicts-need"),
        ({"diagnoses": ("X99.9",)}, "diagnoses", "diagnosis-unknown"),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_by_field(
    changes: dict[str, Any], field: str, code: str
) -> None:
    assert problems(replace(CLEAR, **changes)).get(field) == code


def test_less_than_the_rule_needs_a_reason() -> None:
    body = replace(CLEAR, left=graded(4), interval_months=3)
    assert problems(body) == {"referral_need": "referral-below-rule"}
    assert problems(replace(body, override_reason="激光术后稳定")) == {}


def test_what_is_less_than_the_rule_stands_in_the_rules_of_grading() -> None:
    body = replace(CLEAR, left=ungradable(), interval_months=6)
    assert problems(body) == {}
    strict = parse_outcome_rules(
        broken(read_config("grading.toml"), "least_need.ungradable", "refer")
    )
    assert problems(body, rules=strict) == {"referral_need": "referral-below-rule"}


def test_a_diagnosis_needs_one_eye_with_a_quality_and_its_findings() -> None:
    neither = replace(WHOLE, right=NOT_EXAMINED, left=NOT_EXAMINED)
    assert problems(neither, DIAGNOSIS) == {"right.quality": "one-eye-required"}
    assert problems(neither, CONSULTATION) == {"right.findings": "one-eye-required"}
    silent = replace(WHOLE, right=replace(graded(), findings=" "))
    assert problems(silent, DIAGNOSIS) == {"right.findings": "field-missing"}


_READINGS = {
    "read": graded(),
    "unreadable": ungradable(),
    "passed over": NOT_EXAMINED,
    "absent": ABSENT,
    "sees nothing": unread(EyeStatus.NLP),
}
_FORMS = {"screening": SCREENING, "diagnosis": DIAGNOSIS, "consultation": CONSULTATION}


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize(("right", "left"), list(product(_READINGS, repeat=2)))
@pytest.mark.parametrize("pictured", [(), (Eye.RIGHT,), (Eye.LEFT,), (Eye.RIGHT, Eye.LEFT)])
def test_no_eye_with_a_picture_is_passed_over_in_any_form(
    form: str, right: str, left: str, pictured: tuple[Eye, ...]
) -> None:
    body = replace(WHOLE, right=_READINGS[right], left=_READINGS[left], interval_months=None)
    found = problems(body, _FORMS[form], pictured=pictured)
    for eye, told in ((Eye.RIGHT, right), (Eye.LEFT, left)):
        code = found.get(f"{eye}.quality")
        if told != "passed over":
            assert code in {None, "one-eye-required"}
        elif form == "screening":
            assert code == "field-missing"
        elif eye in pictured:
            assert code == "picture-needs-quality"
        else:
            assert code in {None, "one-eye-required"}


def test_an_unreadable_eye_that_is_passed_over_is_not_seen_again_in_a_year() -> None:
    passed_over = replace(WHOLE, left=NOT_EXAMINED)
    assert problems(passed_over, DIAGNOSIS) == {}
    refused = problems(passed_over, DIAGNOSIS, pictured=list(Eye))
    assert refused == {"left.quality": "picture-needs-quality"}
    told = replace(WHOLE, left=ungradable())
    assert problems(told, DIAGNOSIS, pictured=list(Eye)) == {
        "interval_months": "interval-contradicts-rule"
    }


def test_a_body_survives_the_way_to_json_and_back() -> None:
    for body in (make_blank_body(), CLEAR, WHOLE, REFERRED, replace(CLEAR, left=ungradable())):
        assert parse_body(body_as_json(body)) == body
    assert parse_body({}) == make_blank_body()


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        ({"right": []}, "right", "field-malformed"),
        ({"right": {"icdr": 5}}, "right.icdr", "out-of-range"),
        ({"right": {"icdr": "two"}}, "right.icdr", "field-malformed"),
        ({"right": {"icdr": True}}, "right.icdr", "field-malformed"),
        ({"right": {"icdr": 2.0}}, "right.icdr", "field-malformed"),
        ({"right": {"icdr": "9" * 5000}}, "right.icdr", "out-of-range"),
        ({"left": {"eye_status": "gone"}}, "left.eye_status", "field-not-a-choice"),
        ({"left": {"causes": ["boredom"]}}, "left.causes", "field-not-a-choice"),
        ({"left": {"causes": 3}}, "left.causes", "field-malformed"),
        ({"left": {"name": "x"}}, "left.name", "field-unknown"),
        ({"dme": "none"}, "dme", "field-unknown"),
        ({"impression": 1}, "impression", "field-malformed"),
        ({"impression": "x" * 4001}, "impression", "field-too-long"),
        ({"impression": "a\x07"}, "impression", "text-forbidden-character"),
        ({"diagnoses": [1]}, "diagnoses", "field-malformed"),
        ({"diagnoses": ["H36.0"] * 21}, "diagnoses", "too-many"),
        ({"referral_need": 1}, "referral_need", "field-malformed"),
        ({"interval_months": 0}, "interval_months", "out-of-range"),
        ({"interval_months": 61}, "interval_months", "out-of-range"),
    ],
)
def test_a_malformed_draft_is_refused_by_field(
    content: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(FormRefusedError) as refusal:
        parse_body(content)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, code)]


def test_numbers_of_a_form_may_come_as_text() -> None:
    body = parse_body({"right": {"icdr": "2"}, "interval_months": " 6 "})
    assert (body.right.icdr, body.interval_months) == (2, 6)
    assert parse_body({"interval_months": ""}).interval_months is None


def test_a_signed_version_never_changes_but_for_its_retraction() -> None:
    assert set(NEXT_REPORT_STATUS) == set(DIAGNOSTIC_REPORT_STATUS) == set(ReportStatus)
    for status in SIGNED:
        assert NEXT_REPORT_STATUS[status] == {ReportStatus.AMENDED, ReportStatus.RETRACTED}
        with pytest.raises(ReportStepNotAllowedError):
            require_report_step(ReportId("r1"), have=status, want=ReportStatus.DRAFT)
    require_report_step(ReportId("r1"), have=ReportStatus.DRAFT, want=ReportStatus.FINAL)
    assert signed_status(1) is ReportStatus.FINAL
    assert {signed_status(2), signed_status(9)} == {ReportStatus.AMENDED}
