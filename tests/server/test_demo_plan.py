"""The demonstration is fiction that holds: the same each time, complete, and nobody's data."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from consult.annotations.model import Tool
from consult.calendar.model import BookingMode
from consult.cases.model import NEXT_STATUS, CaseStatus, Priority, ServiceType
from consult.cases.urgency import NO_RED_FLAG, parse_urgency_rules, propose_urgency
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Role
from consult.people.patients.documents import (
    DocumentKind,
    check_letter,
    parse_document,
    parse_document_rules,
)
from consult.reports.graded import Basis, grades_of
from consult.reports.lesion_rules import parse_lesion_rules
from consult.reports.lesions import Lesion, Said
from consult.reports.model import Dme, Quality
from consult.reports.versions import NextStep
from imaging.fundus.draw import draw_fundus
from imaging.fundus.spec import parse_spec
from server.demo.case_model import CasePlan, MarkPlan, PlacePlan, StepKind
from server.demo.findings import lesions_of
from server.demo.model import DemoPlan, Tier
from server.demo.page import format_page
from server.demo.plan import make_plan, read_demo
from server.demo.report_body import body_of
from server.demo.steps import PATHS
from server.rules.reports import load_report_rules
from server.rules.rulebook import read_toml
from server.terms import load_terms

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "config" / "demo.toml").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 6, 2, 30, tzinfo=UTC)
STATES = {
    CaseStatus.DRAFT,
    CaseStatus.ASSIGNED,
    CaseStatus.ACCEPTED,
    CaseStatus.READING,
    CaseStatus.REPORTED,
    CaseStatus.ACKNOWLEDGED,
    CaseStatus.REFERRING,
    CaseStatus.FOLLOW_UP,
    CaseStatus.CLOSED,
    CaseStatus.DECLINED,
    CaseStatus.RETURNED,
    CaseStatus.WITHDRAWN,
    CaseStatus.CANCELLED,
}
BY_TURNS = {CaseStatus.RETURNED}
"""What only the turns of a case lead to."""


def planned(chosen: str | None = None, *, now: datetime = NOW) -> DemoPlan:
    return make_plan(read_demo(SOURCE, chosen), now=now)


PLAN = planned()
AFTER_DECISION = {NextStep.FOLLOW_UP: CaseStatus.FOLLOW_UP, NextStep.CLOSE: CaseStatus.CLOSED}


def steps_of(case: CasePlan) -> tuple[StepKind, ...]:
    return tuple(step.kind for step in case.steps)


def test_the_same_seed_and_moment_give_the_same_plan() -> None:
    assert planned() == PLAN


def test_another_seed_gives_other_patients() -> None:
    other = planned("seed = 7")
    assert other.patients != PLAN.patients
    assert [case.key for case in other.cases] == [case.key for case in PLAN.cases]


def test_people_and_numbers_do_not_change_with_the_day_of_seeding() -> None:
    later = planned(now=NOW + timedelta(days=100, hours=9))
    assert later.patients == PLAN.patients
    assert later.practitioners == PLAN.practitioners
    assert later.clinics != PLAN.clinics


def test_every_state_service_and_priority_is_shown() -> None:
    assert {case.target for case in PLAN.cases} == STATES == set(PATHS) | BY_TURNS
    assert {case.service for case in PLAN.cases} == set(ServiceType)
    assert {case.priority for case in PLAN.cases} == set(Priority)


def test_somebody_signs_in_for_every_role_and_some_for_two_institutions() -> None:
    held = {
        role
        for person in PLAN.practitioners
        for affiliation in person.affiliations
        for role in affiliation.roles
    }
    assert held == set(Role)
    assert sum(len(person.affiliations) > 1 for person in PLAN.practitioners) >= 3


def test_sign_in_names_passwords_and_licences_are_unique() -> None:
    people = PLAN.practitioners
    assert len({person.login for person in people}) == len(people)
    assert all(person.password == f"lianzhen-{person.login}-demo" for person in people)
    licences = [person.licence for person in people if person.licence is not None]
    assert len(set(licences)) == len(licences)


def test_the_consortium_is_a_lead_a_district_hospital_and_six_centres() -> None:
    tiers = [institution.tier for institution in PLAN.institutions]
    assert tiers.count(Tier.LEAD) == tiers.count(Tier.DISTRICT) == 1
    assert tiers.count(Tier.COMMUNITY) == 6
    inviting = {agreement.inviting for agreement in PLAN.agreements}
    assert inviting == set(PLAN.consortium.members)
    day = NOW.date()
    assert all(paper.valid_from < day < paper.valid_until for paper in PLAN.agreements)


def test_identity_numbers_hold_and_belong_to_no_province() -> None:
    rules = parse_document_rules(read_toml(ROOT / "config" / "identity_documents.toml"))
    numbers = set()
    for patient in PLAN.patients:
        number = patient.document_number
        document = parse_document(patient.document_kind, number, today=NOW.date(), rules=rules)
        if patient.document_kind is DocumentKind.RESIDENT_ID:
            assert (document.birth_on, document.sex) == (patient.birth_on, patient.sex)
            assert number.startswith("79")
            assert check_letter(number[:-1]) == number[-1]
            numbers.add(number)
    kinds = [patient.document_kind for patient in PLAN.patients]
    assert len(numbers) == kinds.count(DocumentKind.RESIDENT_ID)
    assert set(kinds) == {DocumentKind.RESIDENT_ID, DocumentKind.PASSPORT, DocumentKind.NONE}


def test_two_patients_of_one_centre_share_a_name_and_differ_in_the_rest() -> None:
    same = [patient for patient in PLAN.patients if patient.name == "王秀英"]
    assert len(same) == 2
    assert same[0].institution == same[1].institution
    assert same[0].birth_on != same[1].birth_on
    assert same[0].document_number[-4:] != same[1].document_number[-4:]


def test_most_patients_are_between_45_and_80() -> None:
    ages = [2026 - patient.birth_on.year for patient in PLAN.patients]
    assert sum(45 <= age <= 80 for age in ages) == len(ages)


@pytest.mark.parametrize("case", PLAN.cases, ids=lambda case: case.key)
def test_each_case_stands_on_people_patients_and_panels_of_the_plan(case: CasePlan) -> None:
    patient = next(patient for patient in PLAN.patients if patient.key == case.patient)
    panel = next(panel for panel in PLAN.panels if panel.code == case.panel)
    roles = {
        (person.login, affiliation.institution): set(affiliation.roles)
        for person in PLAN.practitioners
        for affiliation in person.affiliations
    }
    assert patient.institution == case.institution
    assert case.service in panel.services
    for step in case.steps:
        held = roles[(step.login, step.institution)]
        if step.kind in {StepKind.CLAIM, StepKind.SIGN, StepKind.DECLINE}:
            assert Role.EXPERT in held
            assert step.login in panel.members
        if step.kind in {StepKind.SUBMIT, StepKind.DECIDE, StepKind.REFER, StepKind.BOOK}:
            assert Role.REQUESTING_PHYSICIAN in held


@pytest.mark.parametrize("case", PLAN.cases, ids=lambda case: case.key)
def test_each_case_carries_what_its_state_needs_and_nothing_lies_ahead(case: CasePlan) -> None:
    kinds = steps_of(case)
    times = [step.at for step in case.steps]
    assert times == sorted(times)
    assert all(at.tzinfo is not None and at <= NOW for at in times)
    assert all(image.captured_at <= NOW for image in case.images)
    assert (StepKind.DRAFT_REPORT in kinds) == (case.report is not None)
    assert (StepKind.DECIDE in kinds) == (case.decision is not None)
    assert (StepKind.BOOK in kinds) == (case.slot is not None)
    assert bool({StepKind.REFER, StepKind.BOOK} & set(kinds)) == (case.clinic is not None)
    assert (StepKind.RECORD_OUTCOME in kinds) == (case.outcome is not None)
    ended = {StepKind.DECLINE, StepKind.WITHDRAW, StepKind.CANCEL}
    of_path = {step.kind for step in case.steps if step.turn is None}
    assert bool(ended & of_path) == (case.reason is not None)


def test_the_paths_are_walks_through_the_table_of_statuses() -> None:
    reached = {
        StepKind.CLAIM: CaseStatus.ACCEPTED,
        StepKind.DRAFT_REPORT: CaseStatus.READING,
        StepKind.SIGN: CaseStatus.REPORTED,
        StepKind.ACKNOWLEDGE: CaseStatus.ACKNOWLEDGED,
        StepKind.REFER: CaseStatus.REFERRING,
        StepKind.BOOK: CaseStatus.REFERRING,
        StepKind.RECORD_OUTCOME: CaseStatus.FOLLOW_UP,
        StepKind.CLOSE: CaseStatus.CLOSED,
        StepKind.DECLINE: CaseStatus.DECLINED,
        StepKind.RETURN: CaseStatus.RETURNED,
        StepKind.SEND_ON: CaseStatus.ASSIGNED,
        StepKind.FORWARD: CaseStatus.ASSIGNED,
        StepKind.WITHDRAW: CaseStatus.WITHDRAWN,
        StepKind.CANCEL: CaseStatus.CANCELLED,
    }
    for case in PLAN.cases:
        status = CaseStatus.DRAFT
        for kind in steps_of(case):
            if kind is StepKind.SUBMIT:
                assert CaseStatus.SUBMITTED in NEXT_STATUS[status]
                status = CaseStatus.ASSIGNED
            elif kind in reached:
                assert reached[kind] in NEXT_STATUS[status]
                status = reached[kind]
            elif kind is StepKind.DECIDE and case.decision is not None:
                status = AFTER_DECISION.get(case.decision.next, status)
        assert status is case.target


def test_every_picture_can_be_drawn_and_both_fields_show_the_same_eye() -> None:
    images = [(case, image) for case in PLAN.cases for image in case.images]
    assert len(images) > 90
    for case, image in images:
        spec = parse_spec(image.draw_params)
        patient = next(patient for patient in PLAN.patients if patient.key == case.patient)
        assert (spec.seed, spec.size_px) == (patient.seed, PLAN.image_px)
        assert spec.eye == image.eye.laterality


def test_the_priority_of_each_case_is_what_the_urgency_rules_propose() -> None:
    rules = parse_urgency_rules(read_toml(ROOT / "config" / "urgency_rules.toml"))
    for case in PLAN.cases:
        flags = case.history.red_flags or (NO_RED_FLAG,)
        proposal = propose_urgency(rules, service_type=case.service, red_flags=flags)
        assert proposal.priority is case.priority


def test_a_report_says_what_was_drawn() -> None:
    for case in PLAN.cases:
        for reading in case.report.eyes if case.report else ():
            image = next(image for image in case.images if image.eye is reading.eye)
            spec = parse_spec(image.draw_params)
            assert reading.icdr in {spec.icdr, None}
            assert (reading.dme is Dme.SUSPECTED) == spec.dme


def test_what_is_ticked_gives_the_drawn_grades_by_the_grading_rules() -> None:
    rules = parse_lesion_rules(read_toml(ROOT / "config" / "lesion_grades.toml"))
    form = load_report_rules(ROOT / "config")[ServiceType.SCREENING_READ].form
    graded = []
    for case in PLAN.cases:
        if case.report is None or all(eye.seen is None for eye in case.report.eyes):
            continue
        body = body_of(case.report, form, lesions=rules.lesions)
        for plan in case.report.eyes:
            reading = body.reading(plan.eye)
            assert (reading.icdr, reading.dme) == (None, None)
            given = {grade.scale: grade for grade in grades_of(rules, reading, {})}
            assert {given[scale].basis for scale in ("icdr", "dme")} == {Basis.COMPUTED}
            assert (given["icdr"].given, given["dme"].given) == (str(plan.icdr), plan.dme)
            graded.append(plan.icdr)
    assert set(graded) >= {0, 1, 2}


@pytest.mark.parametrize("icdr", range(5))
def test_a_drawing_of_each_grade_is_ticked_so_that_the_rules_find_it(icdr: int) -> None:
    rules = parse_lesion_rules(read_toml(ROOT / "config" / "lesion_grades.toml"))
    spec = parse_spec({"seed": 1, "eye": "R", "field": "macula", "icdr": icdr})
    said = {rule.code: Lesion(Said.ABSENT) for rule in rules.lesions} | {
        code: Lesion(Said.PRESENT, where) for code, where in lesions_of(spec).items()
    }
    span = rules.scale("icdr").span(said)
    assert (span.low, span.is_settled) == (str(icdr), True)


def test_the_earlier_exam_shows_the_same_eyes_before_a_case_that_waits() -> None:
    by_key = {case.key: case for case in PLAN.cases}
    now, then = by_key["waiting-mild"], by_key["earlier-clear"]
    assert (now.patient, now.target) == (then.patient, CaseStatus.ASSIGNED)
    assert now.steps[0].at - then.steps[-1].at > timedelta(days=150)
    assert {(image.eye, image.field) for image in now.images} == {
        (image.eye, image.field) for image in then.images
    }
    others = [case for case in PLAN.cases if case.patient == now.patient]
    assert len(others) == 2


def test_marks_lie_on_what_is_drawn_whatever_the_seed() -> None:
    """Exudates, cotton wool and disc are brighter than around them, blood is darker."""
    for plan in (PLAN, planned("seed = 7")):
        marks = [(case, mark) for case in plan.cases if case.sheet for mark in case.sheet.marks]
        assert {mark.tool for _, mark in marks} >= {Tool.LENGTH, Tool.ELLIPSE, Tool.DISC}
        assert {mark.lesion for _, mark in marks} >= {"haemorrhage", "hard_exudate", None}
        for case, mark in marks:
            if mark.tool is not Tool.LENGTH:
                inside, around = brightness(case, mark)
                is_dark = mark.lesion in {"haemorrhage", "microaneurysm"}
                assert (inside < around) == is_dark, mark


def brightness(case: CasePlan, mark: MarkPlan) -> tuple[float, float]:
    """The green light within the middle of a mark, and in a ring around it."""
    image = next(each for each in case.images if PlacePlan(each.eye, each.field) == mark.place)
    green = drawn_green(tuple(sorted(image.draw_params.items())))
    side = green.shape[0]
    points = np.array(mark.points) * side
    column, row = points.mean(axis=0)
    reach = max(np.abs(points - (column, row)).max(), side * 0.004)
    near, wide = max(1.6 * reach, side * 0.02), side * 0.01
    rows, columns = np.ogrid[:side, :side]
    far = np.hypot(rows - row, columns - column)
    ring = (far > near) & (far < near + wide)
    return float(green[far < reach].mean()), float(green[ring].mean())


@cache
def drawn_green(params: tuple[tuple[str, Any], ...]) -> Any:
    """The green channel of a drawn photograph, not blurred by its JPEG to speak of."""
    data = draw_fundus(parse_spec(dict(params)))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.float32)[..., 1]


def test_a_discussion_is_between_both_sides_of_its_case() -> None:
    talked = [case for case in PLAN.cases if StepKind.WRITE in steps_of(case)]
    assert talked
    for case in talked:
        written = [step for step in case.steps if step.message is not None]
        assert {step.institution for step in written} == {case.institution, "jzeye"}
        assert not written[0].message.is_reply if written[0].message else False


def test_no_report_calls_a_photograph_normal_or_a_clouded_eye_clear() -> None:
    for case in PLAN.cases:
        if case.report is None:
            continue
        text = case.report.impression + "".join(eye.findings for eye in case.report.eyes)
        assert "正常" not in text + case.report.advice
        unseen = any(eye.quality is Quality.UNGRADABLE for eye in case.report.eyes)
        assert not (unseen and case.report.interval_months == 12)


def test_no_two_cases_hold_the_same_appointment() -> None:
    held = [case.slot for case in PLAN.cases if case.slot is not None]
    assert len(held) == len(set(held)) == 6
    offered = {slot for clinic in PLAN.clinics for slot in clinic.slots}
    assert set(held) <= offered


def test_both_clinics_offer_appointments_over_the_coming_two_weeks() -> None:
    by_request = [clinic for clinic in PLAN.clinics if clinic.mode is BookingMode.REQUEST]
    assert [len(clinic.slots) for clinic in by_request] == [0]
    direct = [clinic for clinic in PLAN.clinics if clinic not in by_request]
    assert len(direct) == 2
    for clinic in direct:
        ahead = [slot for slot in clinic.slots if slot.starts_at > NOW]
        assert len(ahead) > 20
        assert all(slot.starts_at < NOW + timedelta(days=15) for slot in ahead)
        assert all(slot.starts_at.isoweekday() < 6 for slot in clinic.slots)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_at_any_hour_of_any_day_the_past_is_past_and_every_slot_is_found(hour: int) -> None:
    for day in range(7):
        now = datetime.combine(date(2026, 2, 2 + day), NOW.timetz()).replace(hour=hour)
        plan = planned("[sizes]\npatients_without_case = 0", now=now)
        for case in plan.cases:
            assert max(step.at for step in case.steps) <= now
            assert (case.slot is not None) == (StepKind.BOOK in steps_of(case))
        assert_patients_follow_each_other(plan)


def assert_patients_follow_each_other(plan: DemoPlan) -> None:
    """No photograph of one patient falls into the time of the clinic's next one."""
    for first in plan.cases:
        for other in plan.cases:
            if first is not other and first.institution == other.institution:
                opened = other.steps[0].at
                assert all(
                    not first.steps[0].at <= opened <= image.captured_at for image in first.images
                )


def test_titles_and_specialties_are_terms() -> None:
    terms = load_terms(ROOT / "config" / "terms")
    for person in PLAN.practitioners:
        assert person.title in terms.groups["title"]
        assert person.specialty in terms.groups["specialty"]


def test_an_operator_may_ask_for_other_sizes() -> None:
    small = planned("seed = 5\n[sizes]\ncases = 3\nimage_px = 200")
    assert len(small.cases) == 3
    assert small.image_px == 200
    assert len(planned("[sizes]\ncases = 60").cases) == 60


@pytest.mark.parametrize(
    ("chosen", "key"),
    [
        ("seed = 'x'", "seed"),
        ("seed = -1", "seed"),
        ("sees = 1", "sees"),
        ("sizes = 3", "sizes"),
        ("[sizes]\ncases = true", "sizes.cases"),
        ("[[cases]]\nkey = 'a'\nstate = 'gone'\nservice = 'screening_read'", "cases.0.state"),
        ("[[cases", ""),
    ],
)
def test_a_demo_file_with_nonsense_is_refused_with_the_key_named(chosen: str, key: str) -> None:
    with pytest.raises(MalformedRulesError) as refused:
        planned(chosen)
    assert refused.value.key == key


def test_a_picture_that_cannot_be_drawn_is_refused_with_its_place() -> None:
    demo: Mapping[str, Any] = read_demo(SOURCE)
    case = dict(demo["cases"][2]) | {"right": {"icdr": 9}}
    with pytest.raises(MalformedRulesError) as refused:
        make_plan({**demo, "cases": [case]}, now=NOW)
    assert refused.value.key == "cases.0.right.icdr"


def test_the_page_of_the_demonstration_equals_the_plan() -> None:
    assert (ROOT / "docs" / "demo.md").read_text(encoding="utf-8") == format_page(
        PLAN, terms=load_terms(ROOT / "config" / "terms")
    )
