"""A camera whose clock is wrong by a constant is learnt from what people confirmed (U1 iii)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_take
from consult.cases.images.clocks import ClockRules, ClockSample, offset_of, sample_of
from consult.cases.images.names import parse_image_rules
from consult.cases.model import Case, ServiceType
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.rules import MalformedRulesError
from consult.studies.model import Captured, CapturedSource
from tests.makers.cases import (
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, case_rules, make_consortium
from tests.makers.reports import DIAGNOSIS_ANSWERS, arrival
from tests.makers.returns import later
from tests.makers.rulebooks import broken, read_config

FILE = read_config("uploads.toml")
IMAGE_RULES = parse_image_rules(FILE)
RULES, MARGIN_S = IMAGE_RULES.clock, 60 * IMAGE_RULES.own_window_min
NINE = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_YEARS_S = 20 * 366 * 24 * 3600
_SECONDS = st.integers(-_YEARS_S, _YEARS_S)


def learn(samples: list[ClockSample]) -> int:
    return offset_of(samples, rules=RULES, margin_s=MARGIN_S)


@st.composite
def sets_of(draw: st.DrawFn, behind_s: int, *, earliest_s: int = 0) -> ClockSample:
    """A visit as it truly was, seen by a camera whose clock is behind by this much."""
    opened = NINE + timedelta(minutes=draw(st.integers(0, 60 * 24 * 30)))
    taken = draw(st.lists(st.integers(earliest_s, 5400), min_size=1, max_size=8))
    arrived = opened + timedelta(seconds=max(0, *taken) + draw(st.integers(0, 3600)))
    times = [(opened + timedelta(seconds=each - behind_s), arrived) for each in taken]
    sample = sample_of(times, opened_at=opened)
    if sample is None:
        assert earliest_s < 0  # else the truth explains every set
        reject()
    return sample


@given(st.data(), _SECONDS)
def test_what_is_learnt_explains_every_set_and_is_near_the_truth(
    data: st.DataObject, behind_s: int
) -> None:
    samples = data.draw(st.lists(sets_of(behind_s), min_size=RULES.least_sets, max_size=8))
    learnt = learn(samples)
    agreed = min(each.most_s for each in samples) - max(each.least_s for each in samples)
    right_explains = sum(each.holds(0, margin_s=MARGIN_S) for each in samples)
    assert learnt or 100 * right_explains >= RULES.least_percent * len(samples) or not behind_s
    if learnt:
        assert all(sample.holds(learnt) for sample in samples)
        assert abs(learnt - behind_s) <= (agreed + 1) // 2 + 1


@given(st.data())
def test_a_clock_that_is_right_is_never_corrected(data: st.DataObject) -> None:
    late_opened = sets_of(0, earliest_s=-MARGIN_S)
    assert learn(data.draw(st.lists(late_opened, max_size=12))) == 0


@given(st.data(), _SECONDS)
def test_too_few_sets_teach_nothing(data: st.DataObject, behind_s: int) -> None:
    few = data.draw(st.lists(sets_of(behind_s), max_size=RULES.least_sets - 1))
    assert learn(few) == 0


@given(st.lists(st.tuples(_SECONDS, st.integers(0, 7200)), max_size=20))
def test_nothing_is_learnt_but_what_enough_of_the_newest_sets_say(
    told: list[tuple[int, int]],
) -> None:
    samples = [ClockSample(least, least + width) for least, width in told]
    learnt = learn(samples)
    kept = samples[: RULES.sets_kept]
    agreeing = sum(sample.holds(learnt) for sample in kept)
    assert learnt == 0 or (
        agreeing >= RULES.least_sets and 100 * agreeing >= RULES.least_percent * len(kept)
    )
    assert learnt == learn(kept[::-1])


def test_one_set_of_another_day_does_not_undo_what_the_others_say() -> None:
    slow, old = ClockSample(9600, 10_000), ClockSample(90_000, 95_000)
    assert learn([slow] * 3) == 9800
    assert learn([slow, old, slow, slow]) == 9800
    assert learn([slow, old, slow, old, slow]) == 0
    assert learn([ClockSample(9500, 9700), slow, slow]) == 9650


def test_a_clock_that_was_set_right_is_forgotten() -> None:
    slow, right = ClockSample(9600, 10_000), ClockSample(-300, 1200)
    assert learn([right] * RULES.sets_kept + [slow] * 9) == 0
    assert learn([ClockSample(-4000, -3600)] * 4) == -3800


def test_pictures_of_two_visits_are_no_sample() -> None:
    times = [(NINE - timedelta(days=3), NINE), (NINE, NINE)]
    assert sample_of(times, opened_at=NINE) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("least_sets", 1),
        ("sets_kept", 2),
        ("least_percent", 50),
        ("least_percent", 101),
        ("days_kept", 0),
        ("days_kept", "long"),
        ("colour", 1),
    ],
)
def test_wrong_figures_are_refused_at_start(key: str, value: object) -> None:
    with pytest.raises(MalformedRulesError) as refusal:
        parse_image_rules(broken(FILE, f"camera_clock.{key}", value))
    assert refusal.value.key == f"camera_clock.{key}"
    assert replace(RULES, least_sets=4) == ClockRules(4, 8, 75, 60)


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    return make_consortium(clinic)


def visit(
    world: Consortium, number: int, *, behind: timedelta, camera: str = "Canon CR-2"
) -> tuple[Consortium, Case]:
    """A patient whose case is open, and whose photographs come in four minutes later."""
    now = later(world, hours=number)
    patient = make_patient(now, name="王秀英", document_number=citizen_number(number + 4))
    give_consent(now, patient)
    case = make_draft(now, patient, service_type=ServiceType.REMOTE_DIAGNOSIS)
    now.clinic.do(now.photographer, images.note_opening, case=case)
    soon = later(now, minutes=4)
    taken = []
    for field in (FieldCode.MACULA_CENTRED, FieldCode.DISC_CENTRED):
        for eye in Eye:
            made = arrival(soon, eye, field)
            captured = Captured(now.clinic.now + timedelta(minutes=2) - behind, CapturedSource.EXIF)
            told = replace(made.received.description, captured=captured)
            taken.append(
                replace(
                    made,
                    received=replace(made.received, description=told),
                    evidence=replace(made.evidence, camera=camera),
                )
            )
    soon.clinic.do(
        soon.photographer,
        service_take.take_in_images,
        case_id=case.id,
        received=taken,
        rules=IMAGE_RULES,
    )
    return soon, case


def confirm_and_send(world: Consortium, case: Case) -> None:
    """Somebody answers what is asked, confirms the set and submits the case."""
    do, by = world.clinic.do, world.physician
    protocol = case_rules().protocol_of(case.service_type)
    found = do(by, images.get_set, case_id=case.id, protocol=protocol)
    for question in found.questions:
        do(by, images.answer_question, case_id=case.id, question_id=question.id, note="时钟慢")
    said = [service_confirm.Said(each.id, each.eye, each.field) for each in found.images]
    confirm = {"case_id": case.id, "said": said, "relabelled": [], "protocol": protocol}
    do(by, service_confirm.confirm_set, **confirm)
    submit(world, fill_in(world, case, DIAGNOSIS_ANSWERS))


def asked(world: Consortium, case: Case) -> int:
    found = world.clinic.do(world.physician, images.get_set, case_id=case.id, protocol=None)
    return len(found.questions)


def test_a_slow_camera_is_asked_about_until_enough_sets_were_confirmed(world: Consortium) -> None:
    slow = timedelta(hours=5, minutes=7)
    for number in range(RULES.least_sets):
        now, case = visit(world, number, behind=slow)
        assert asked(now, case) == 1
        confirm_and_send(now, case)
    now, case = visit(world, 4, behind=slow)
    assert asked(now, case) == 0
    found = now.clinic.do(now.physician, images.get_set, case_id=case.id, protocol=None)
    offsets = {image.row.evidence.clock_offset_s for image in found.images}
    assert offsets == {int(slow.total_seconds())}
    line = next(line for line in reversed(now.clinic.lines()) if line.kind == "image.added")
    assert line.codes["clock_offset_s"] == int(slow.total_seconds())
    other, another = visit(world, 5, behind=slow, camera="Topcon NW400")
    assert asked(other, another) == 1
    other, another = visit(world, 7, behind=slow, camera="CANON CR-2")
    assert asked(other, another) == 1, "another writing of the name is another camera everywhere"
    right, swapped = visit(world, 6, behind=timedelta())
    assert asked(right, swapped) == 1


def test_a_camera_is_asked_about_once_an_upload(
    world: Consortium,
) -> None:
    for number in range(3):
        confirm_and_send(*visit(world, number, behind=timedelta(hours=5)))
    asked_about: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked_about.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        visit(world, 4, behind=timedelta(hours=5))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    looks = [each for each in asked_about if "min(patient_openings.at)" in each]
    lists = [each for each in asked_about if "replace(case_images.evidence" in each]
    assert (len(lists), len(looks)) == (1, 3), "four pictures came"
