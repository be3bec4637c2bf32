"""A draft: numbered, filled in, its urgency set, never overwritten from a stale page."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consult.cases import service as cases
from consult.cases import service_draft
from consult.cases.errors import (
    CaseChangedError,
    DraftExistsError,
)
from consult.cases.model import Case, CaseStatus, Priority, ServiceType
from consult.cases.views import VIEWS
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.people.organisations import agreements
from consult.people.organisations.errors import AgreementMissingError
from tests.makers.cases import (
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    save_answers,
    submit,
)
from tests.makers.consortium import Consortium, case_rules


def test_every_status_stands_in_exactly_one_tab() -> None:
    listed = [status for statuses in VIEWS.values() for status in statuses]
    assert sorted(listed) == sorted(CaseStatus)


def test_a_draft_has_a_number_of_its_day_and_belongs_to_its_physician(world: Consortium) -> None:
    first = make_draft(world, make_patient(world))
    second = make_draft(world, make_patient(world, document_number=citizen_number(4)))
    assert (first.number, second.number) == ("LZ20260105-0001", "LZ20260105-0002")
    assert first.owner_id == world.physician.person
    assert first.status is CaseStatus.DRAFT


def test_numbers_begin_anew_at_midnight_of_the_institution(world: Consortium) -> None:
    before_midnight = datetime(2026, 1, 5, 15, 59, tzinfo=UTC)
    evening = replace(world, clinic=world.clinic.at(before_midnight))
    assert make_draft(evening, make_patient(evening)).number == "LZ20260105-0001"
    night = replace(world, clinic=world.clinic.at(before_midnight + timedelta(minutes=2)))
    patient = make_patient(night, document_number=citizen_number(4))
    assert make_draft(night, patient).number == "LZ20260106-0001"


def test_thirty_drafts_at_once_have_thirty_numbers(world: Consortium) -> None:
    people = [make_patient(world, document_number=citizen_number(n)) for n in range(2, 62, 2)]
    races = [
        world.clinic.start(
            world.physician,
            service_draft.open_case,
            patient_id=patient.id,
            service_type=ServiceType.REMOTE_CONSULTATION,
            panel_id=world.panel_id,
            rules=case_rules(),
        )
        for patient in people
    ]
    wait(races, timeout=30)
    assert len({race.result().number for race in races}) == len(people)


def test_the_button_pressed_twice_opens_one_draft(world: Consortium) -> None:
    patient = make_patient(world)
    first = make_draft(world, patient)
    with pytest.raises(DraftExistsError) as refused:
        make_draft(world, patient)
    assert refused.value.case_id == first.id
    assert make_draft(world, patient, service_type=ServiceType.SCREENING_READ).id != first.id


def test_without_an_agreement_there_is_no_case(world: Consortium) -> None:
    theirs = make_patient(world, by=world.stranger)
    with pytest.raises(AgreementMissingError) as refused:
        make_draft(world, theirs, by=world.stranger)
    assert refused.value.problems[0].field == "panel_id"
    assert "case.drafted" not in world.clinic.kinds()


def test_an_agreement_that_ended_at_midnight_stops_the_submission(world: Consortium) -> None:
    patient = make_patient(world)
    give_consent(world, patient)
    draft = fill_in(world, make_draft(world, patient))
    world.clinic.system(agreements.end_agreement, agreement_id=world.agreement_id, revision=1)
    last_minute = datetime(2026, 1, 5, 15, 59, tzinfo=UTC)
    midnight = replace(world, clinic=world.clinic.at(last_minute + timedelta(minutes=1)))
    with pytest.raises(FormRefusedError) as refused:
        submit(midnight, draft)
    assert [(each.field, each.code) for each in refused.value.problems] == [
        ("panel_id", "agreement-missing")
    ]
    in_time = replace(world, clinic=world.clinic.at(last_minute))
    assert submit(in_time, draft).status is CaseStatus.ASSIGNED


@pytest.mark.parametrize("field", ["patient_id", "panel_id"])
def test_a_case_of_anothers_patient_or_panel_is_not_opened(world: Consortium, field: str) -> None:
    theirs = make_patient(world, by=world.stranger)
    told = {"patient_id": make_patient(world).id, "panel_id": world.panel_id}
    told[field] = theirs.id
    with pytest.raises(NotFoundError):
        world.clinic.do(
            world.physician,
            service_draft.open_case,
            service_type=ServiceType.SCREENING_READ,
            rules=case_rules(),
            **told,
        )


def test_partial_answers_are_kept_and_the_urgency_follows_the_red_flags(world: Consortium) -> None:
    case = save_answers(world, make_draft(world, make_patient(world)), {"summary": "糖尿病 11 年"})
    assert (case.answers, case.priority) == ({"summary": "糖尿病 11 年"}, Priority.ROUTINE)
    case = save_answers(world, case, {"red_flags": ["sudden_vision_loss"]})
    assert (case.priority, case.priority_rule) == (
        Priority.EMERGENCY,
        "red-flag-sudden-vision-loss",
    )
    assert case.answers == {"red_flags": ["sudden_vision_loss"]}


def test_the_author_of_each_answer_is_in_the_journal(world: Consortium) -> None:
    case = save_answers(world, make_draft(world, make_patient(world)), {"summary": "甲"})
    save_answers(world, case, {"summary": "甲", "drugs": "二甲双胍"}, by=world.photographer)
    line = world.clinic.lines()[-1]
    assert (line.kind, line.codes["fields"]) == ("case.answers_saved", "drugs")
    assert line.practitioner_id == world.photographer.person


def test_saving_nothing_new_writes_nothing(world: Consortium) -> None:
    case = save_answers(world, make_draft(world, make_patient(world)), {"summary": "甲"})
    before = len(world.clinic.lines())
    assert save_answers(world, case, {"summary": "甲"}).revision == case.revision
    assert len(world.clinic.lines()) == before


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"nonsense": "x"}, "answers.nonsense", "field-unknown"),
    (
        {"va_right": {"notation": "five_mark", "value": "3.0"}},
        "answers.va_right.value",
        "acuity-five-mark-out-of-range",
    ),
    ({"hba1c": "hundred"}, "answers.hba1c", "number-malformed"),
    ({"hba1c": "99"}, "answers.hba1c", "too-large"),
    ({"red_flags": ["none", "field_obscured"]}, "answers.red_flags", "choice-excludes-others"),
    ({"timing": "whenever"}, "answers.timing", "field-not-a-choice"),
    ({"summary": ["a"]}, "answers.summary", "field-malformed"),
    ({"summary": "长" * 4001}, "answers.summary", "field-too-long"),
    ({"diabetes": {"a": "b"}}, "answers.diabetes", "field-malformed"),
]


def test_an_answer_that_cannot_be_is_refused_with_its_field(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    for answers, field, code in _IMPOSSIBLE:
        with pytest.raises(FormRefusedError) as refused:
            save_answers(world, case, answers)
        assert [(each.field, each.code) for each in refused.value.problems] == [(field, code)]
    assert world.clinic.do(world.physician, cases.get_case, case_id=case.id).answers == {}


def test_a_stale_page_is_told_and_overwrites_nothing(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    save_answers(world, case, {"summary": "甲"})
    with pytest.raises(CaseChangedError):
        save_answers(world, case, {"summary": "乙"}, by=world.colleague)
    kept = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert kept.answers == {"summary": "甲"}


def test_a_preset_question_may_be_asked_differently(world: Consortium) -> None:
    draft = make_draft(world, make_patient(world), service_type=ServiceType.SCREENING_READ)
    assert draft.question == "糖网筛查阅片"
    assert (
        save_answers(world, draft, {}, question="左眼有无黄斑水肿").question == "左眼有无黄斑水肿"
    )
    with pytest.raises(RefusedError) as refused:
        save_answers(world, draft, {}, question="问" * 1001, revision=2)
    assert refused.value.problems[0].field == "question"


def _override(world: Consortium, case: Case, **told: Any) -> Case:
    return world.clinic.do(
        world.physician,
        service_draft.override_priority,
        case_id=case.id,
        revision=case.revision,
        priority=told.get("priority", Priority.URGENT),
        reason=told.get("reason", "已电话联系"),
    )


def test_another_urgency_needs_a_reason_and_falls_when_the_red_flags_change(
    world: Consortium,
) -> None:
    case = make_draft(world, make_patient(world))
    for reason in ("", "   ", "由" * 501):
        with pytest.raises(RefusedError) as refused:
            _override(world, case, reason=reason)
        assert refused.value.problems[0].field == "reason"
    case = _override(world, case)
    assert (case.priority, case.priority_override_reason) == (Priority.URGENT, "已电话联系")
    case = save_answers(world, case, {"summary": "甲"})
    assert case.priority is Priority.URGENT
    case = save_answers(world, case, {"red_flags": ["sudden_vision_loss"]})
    assert (case.priority, case.priority_override_reason) == (Priority.EMERGENCY, None)


def test_a_more_pressing_urgency_that_a_person_set_is_never_lost_in_silence(
    world: Consortium,
) -> None:
    case = make_draft(world, make_patient(world))
    case = _override(world, case, priority=Priority.EMERGENCY)
    case = save_answers(world, case, {"red_flags": ["flashes_floaters"]})
    assert (case.priority, case.priority_override_reason) == (Priority.EMERGENCY, "已电话联系")
    assert case.priority_rule == "red-flag-flashes-floaters"
    case = world.clinic.do(
        world.physician,
        service_draft.change_service,
        case_id=case.id,
        revision=case.revision,
        service_type=ServiceType.REMOTE_DIAGNOSIS,
        panel_id=world.panel_id,
        rules=case_rules(),
    )
    assert (case.priority, case.priority_override_reason) == (Priority.EMERGENCY, "已电话联系")
