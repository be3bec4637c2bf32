"""What ticked lesions make of a report: computed, overridden with a reason, refused (VW-06, U3)."""

from dataclasses import replace
from typing import Any

import pytest

from consult.cases.model import ServiceType
from consult.kernel.errors import FormRefusedError
from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.body import body_as_json, parse_body
from consult.reports.changes import find_changes
from consult.reports.forms import EyesAsked
from consult.reports.graded import Basis, grades_of, settle, unsaid
from consult.reports.grading import OutcomeRank
from consult.reports.lesion_check import check_lesions
from consult.reports.lesions import Lesion, Quadrant, Said
from consult.reports.model import (
    Dme,
    EyeReading,
    NhsMaculopathy,
    NhsRetinopathy,
    ReportBody,
    make_blank_body,
)
from consult.reports.outcome import find_outcome
from consult.reports.versions import OF_AN_EYE
from tests.makers.lesions import RULES, only, present, ticked
from tests.makers.readings import graded, ungradable, unread
from tests.makers.reports import report_rules

CLEAN = graded()
SCREENING = report_rules(ServiceType.SCREENING_READ)


def read(lesions: Any, **changes: Any) -> EyeReading:
    """An eye in which these lesions were ticked, and no grade chosen by hand."""
    return replace(graded(None, None), lesions=lesions, **changes)


def settled(right: EyeReading, *, low_acuity: bool | None = None) -> EyeReading:
    body = replace(make_blank_body(), right=right, left=CLEAN)
    return settle(RULES, body, {Eye.RIGHT: {"low_acuity": low_acuity}}).right


def problems(right: EyeReading) -> dict[str, str]:
    body: ReportBody = settle(RULES, replace(make_blank_body(), right=right, left=CLEAN), {})
    return {each.field: each.code for each in check_lesions(RULES, body, {})}


def test_a_grade_that_nobody_chose_is_computed() -> None:
    found = settled(read(ticked("haemorrhage", "hard_exudate", "exudate_1dd")))
    assert (found.icdr, found.dme) == (2, Dme.SUSPECTED)
    assert (found.nhs_r, found.nhs_m) == (NhsRetinopathy.R1, NhsMaculopathy.M1)


def test_the_best_acuity_of_the_case_decides_on_blood_near_the_fovea() -> None:
    eye = read(ticked("haemorrhage", "mah_1dd"))
    assert settled(eye, low_acuity=True).nhs_m is NhsMaculopathy.M1
    assert settled(eye, low_acuity=False).nhs_m is NhsMaculopathy.M0
    assert settled(eye).nhs_m is None


def test_nothing_is_computed_of_an_eye_of_which_no_lesion_was_said() -> None:
    assert settled(graded(None, None)).icdr is None
    assert grades_of(RULES, CLEAN, {}) == ()
    assert problems(graded(3)) == {}


def test_what_is_not_said_keeps_a_grade_from_being_computed() -> None:
    eye = read(only(["haemorrhage"]))
    assert settled(eye).icdr is None
    assert {"nvd", "nve", "irma"} <= set(unsaid(RULES, eye))
    for icdr, allowed in ((0, False), (1, False), (2, True), (4, True)):
        told = problems(replace(eye, icdr=icdr))
        assert ("right.icdr" in told) is not allowed, icdr


@pytest.mark.parametrize(
    ("lesions", "given", "field"),
    [
        (ticked("nvd"), {"icdr": 3}, "right.icdr"),
        (ticked(), {"icdr": 1}, "right.icdr"),
        (ticked("laser"), {"icdr": 0}, "right.icdr"),
        (ticked("thickening_1dd"), {"dme": Dme.NONE}, "right.dme"),
        (ticked(), {"dme": Dme.CANNOT_TELL}, "right.dme"),
        (ticked("irma"), {"nhs_r": NhsRetinopathy.R1}, "right.nhs_r"),
        (ticked(), {"nhs_m": NhsMaculopathy.M1}, "right.nhs_m"),
    ],
)
def test_a_grade_against_the_lesions_needs_a_reason(
    lesions: Any, given: dict[str, Any], field: str
) -> None:
    eye = read(lesions, **given)
    assert field in problems(eye)
    argued = replace(eye, grade_reason="FFA 另见无灌注区")
    assert problems(argued) == {}
    kept = settled(argued)
    assert kept.grade_reason == "FFA 另见无灌注区"
    scale = field.removeprefix("right.")
    found = {grade.scale: grade for grade in grades_of(RULES, kept, {})}[scale]
    assert (found.basis, found.given) == (Basis.OVERRIDE, str(given[scale]))


def test_a_reason_without_another_grade_is_not_kept() -> None:
    assert settled(read(ticked("nvd"), icdr=4, grade_reason="…")).grade_reason == ""


@pytest.mark.parametrize(
    ("eye", "code"),
    [
        (read(ticked("centre_involved")), "lesion-needs-another"),
        (read({"nvd": present(2)}), "lesion-has-no-quadrants"),
        (read({"moon": present()}), "lesion-unknown"),
        (replace(ungradable(), lesions=ticked()), "ungradable-excludes-nothing"),
        (replace(unread(EyeStatus.ABSENT), lesions={"nvd": present()}), "not-for-absent-eye"),
        (replace(unread(EyeStatus.PRESENT), lesions={"nvd": present()}), "grade-needs-quality"),
    ],
)
def test_a_lesion_that_cannot_be_is_refused_by_name(eye: EyeReading, code: str) -> None:
    found = problems(eye)
    assert code in found.values()
    assert all(field.startswith("right.lesions.") for field in found)


def test_an_ungradable_eye_has_no_nhs_grade_either() -> None:
    eye = replace(ungradable(), nhs_r=NhsRetinopathy.R0)
    assert problems(eye) == {"right.nhs_r": "ungradable-has-no-grade"}


def test_a_clear_sign_in_an_ungradable_eye_counts_even_where_a_retake_was_waived() -> None:
    for waiver in ("", "已约手术"):
        eye = settled(replace(ungradable(waiver=waiver), lesions={"nvd": present()}))
        outcome = find_outcome(SCREENING.outcome, right=eye, left=CLEAN)
        assert (eye.icdr, outcome.rank) == (None, OutcomeRank.URGENT)
    faint = settled(replace(ungradable(), lesions={"microaneurysm": present()}))
    ranked = find_outcome(SCREENING.outcome, right=faint, left=CLEAN).rank
    assert ranked is OutcomeRank.UNGRADABLE


@pytest.mark.parametrize(
    ("lesions", "rank", "months"),
    [
        (ticked(), OutcomeRank.FOLLOW_UP, 12),
        (ticked("hard_exudate", "exudate_1dd"), OutcomeRank.REFER, 6),
        (ticked("hard_exudate", "exudate_1dd", "centre_involved"), OutcomeRank.URGENT, 4),
        (ticked("nve"), OutcomeRank.URGENT, 3),
    ],
)
def test_what_lesions_add_to_the_outcome(lesions: Any, rank: OutcomeRank, months: int) -> None:
    outcome = find_outcome(SCREENING.outcome, right=settled(read(lesions)), left=CLEAN)
    assert (outcome.rank, outcome.max_interval_months) == (rank, months)


@pytest.mark.parametrize(
    ("given", "rank"),
    [
        (NhsRetinopathy.R1, OutcomeRank.FOLLOW_UP),
        (NhsRetinopathy.R2, OutcomeRank.REFER),
        (NhsRetinopathy.R3S, OutcomeRank.FOLLOW_UP),
        (NhsRetinopathy.R3A, OutcomeRank.URGENT),
    ],
)
def test_what_an_nhs_grade_alone_adds(given: NhsRetinopathy, rank: OutcomeRank) -> None:
    eye = replace(graded(), nhs_r=given)
    assert find_outcome(SCREENING.outcome, right=eye, left=CLEAN).rank is rank


def test_it_is_all_the_same_in_which_quadrants_beading_is() -> None:
    top = (Quadrant.SUPEROTEMPORAL, Quadrant.SUPERONASAL)
    bottom = (Quadrant.INFEROTEMPORAL, Quadrant.INFERONASAL)
    for two in (top, bottom):
        eye = read(ticked() | {"venous_beading": Lesion(Said.PRESENT, two)})
        assert settled(eye).icdr == 3
    assert {*top, *bottom} == set(Quadrant)


def test_maculopathy_by_acuity_is_referred_although_no_oedema_was_seen() -> None:
    eye = settled(read(ticked("microaneurysm", "mah_1dd")), low_acuity=True)
    outcome = find_outcome(SCREENING.outcome, right=eye, left=CLEAN)
    assert (eye.icdr, eye.dme, outcome.rank) == (1, Dme.NONE, OutcomeRank.REFER)


def test_lesions_and_sections_are_kept_as_they_were_said() -> None:
    told = {
        "right": {"lesions": {"irma": {"said": "present", "quadrants": ["inferonasal"]},
                              "nvd": {"said": "absent", "quadrants": []},
                              "nve": {"said": None, "quadrants": []}}},
        "sections": {"lungs": {"codes": ["nodule"], "text": ""}, "pleura": {"text": " "}},
    }  # fmt: skip
    kept = body_as_json(parse_body(told))
    right: Any = kept["right"]
    assert right["lesions"] == {
        "irma": {"said": "present", "quadrants": ["inferonasal"]},
        "nvd": {"said": "absent", "quadrants": []},
    }
    assert kept["sections"] == {"lungs": {"codes": ["nodule"], "text": ""}}
    assert body_as_json(parse_body(kept)) == kept


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        ({"right": {"lesions": {"nvd": {"said": "maybe"}}}}, "right.lesions.nvd.said",
         "field-not-a-choice"),
        ({"right": {"lesions": {"irma": {"said": "absent", "quadrants": ["inferonasal"]}}}},
         "right.lesions.irma.quadrants", "quadrants-need-lesion"),
        ({"right": {"lesions": {"NVD!": {"said": "present"}}}}, "right.lesions.NVD!",
         "field-unknown"),
        ({"right": {"lesions": {f"l{n}": {} for n in range(65)}}}, "right.lesions", "too-many"),
        ({"right": {"lesions": {"nvd": "present"}}}, "right.lesions.nvd", "field-malformed"),
        ({"right": {"least_icdr": 4}}, "least_icdr", "field-unknown"),
        ({"sections": {"lungs": {"colour": "red"}}}, "colour", "field-unknown"),
    ],
)  # fmt: skip
def test_malformed_lesions_are_named(content: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(FormRefusedError) as refusal:
        parse_body(content)
    assert code in {each.code for each in refusal.value.problems}
    assert any(each.field.endswith(field) for each in refusal.value.problems)


def test_an_older_schema_differs_in_nothing_that_it_did_not_know() -> None:
    new: dict[str, Any] = {
        "patient": dict.fromkeys(("name", "sex", "birth_on", "tail"), "x"),
        "materials": [],
        "body": body_as_json(replace(make_blank_body(), right=graded(0), left=graded(0))),
    }
    later = ("lesions", "nhs_r", "nhs_m", "grade_reason")
    body = {key: said for key, said in new["body"].items() if key != "sections"}
    for eye in Eye:
        body[eye] = {key: said for key, said in body[eye].items() if key not in later}
    assert find_changes({**new, "body": body}, new) == []
    body["right"] = body["right"] | {"icdr": None}
    assert [each.field for each in find_changes({**new, "body": body}, new)] == ["right.icdr"]


def test_the_form_follows_the_service_and_the_pictures() -> None:
    diagnosis = report_rules(ServiceType.REMOTE_DIAGNOSIS)
    consultation = report_rules(ServiceType.REMOTE_CONSULTATION)
    for rules, modalities, name in (
        (diagnosis, {"OP"}, "remote_diagnosis"),
        (diagnosis, {"DX"}, "chest_imaging"),
        (diagnosis, {"CT", "DX"}, "chest_imaging"),
        (diagnosis, {"CT", "OP"}, "remote_diagnosis"),
        (diagnosis, {"US"}, "general_imaging"),
        (diagnosis, {"MR", "US"}, "general_imaging"),
        (diagnosis, {"CT", "US"}, "general_imaging"),
        (diagnosis, {"OP", "US"}, "remote_diagnosis"),
        (diagnosis, {OF_AN_EYE, "US"}, "remote_diagnosis"),
        (diagnosis, set(), "remote_diagnosis"),
        (consultation, {"CT", "US"}, "general_consultation"),
        (consultation, {"OP"}, "remote_consultation"),
        (SCREENING, {"CT"}, "screening_read"),
    ):
        form = rules.for_pictures(modalities).form
        assert form.name == name, (name, modalities)
        assert form.has_eyes is (form.eyes is not EyesAsked.NONE)
    assert diagnosis.for_pictures({"US"}).title.title.en == "Remote imaging report"
    assert diagnosis.for_pictures({"DX"}).title.title.en == "Remote chest imaging report"
    assert diagnosis.title == diagnosis.titles.by_service[ServiceType.REMOTE_DIAGNOSIS]
