"""A case from its draft to its end, on both databases."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases import service_draft, service_end, service_handover, service_submit
from consult.cases.errors import (
    CaseChangedError,
    CaseNotDraftError,
    DraftExistsError,
    InstitutionHasCasesError,
    OwnerMissingError,
    SubmitterNotPhysicianError,
    SuccessorNeededError,
    SuccessorNotEligibleError,
)
from consult.cases.model import Case, CaseStatus, CaseStepNotAllowedError, Priority, ServiceType
from consult.cases.views import VIEWS, CaseView
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.people.organisations import agreements
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import AgreementMissingError
from consult.people.practitioners import affiliations
from consult.people.practitioners.errors import LicenceExpiredError
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    make_submitted,
    submit,
)
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, case_rules, make_consortium


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    """A consortium on a fresh database."""
    return make_consortium(clinic)


def _later(world: Consortium, **delta: float) -> Consortium:
    return replace(world, clinic=world.clinic.later(**delta))


def _sees(world: Consortium, actor: Actor, object_type: ObjectType, object_id: str) -> bool:
    return world.clinic.do(
        actor,
        lambda work: policy.may_see(
            work.session, work.actor, Ref(object_type, object_id), now=work.now
        ),
    )


def _step(world: Consortium, actor: Actor, case: Case, to: CaseStatus, **changes: Any) -> Case:
    return world.clinic.do(actor, cases.step, case=case, to=to, kind=f"case.{to}", **changes)


def _save(world: Consortium, case: Case, answers: dict[str, Any], **told: Any) -> Case:
    return world.clinic.do(
        told.pop("by", world.physician),
        service_draft.save_answers,
        case_id=case.id,
        revision=told.pop("revision", case.revision),
        answers=answers,
        question=told.pop("question", None),
        rules=case_rules(),
    )


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
    case = _save(world, make_draft(world, make_patient(world)), {"summary": "糖尿病 11 年"})
    assert (case.answers, case.priority) == ({"summary": "糖尿病 11 年"}, Priority.ROUTINE)
    case = _save(world, case, {"red_flags": ["sudden_vision_loss"]})
    assert (case.priority, case.priority_rule) == (
        Priority.EMERGENCY,
        "red-flag-sudden-vision-loss",
    )
    assert case.answers == {"red_flags": ["sudden_vision_loss"]}


def test_the_author_of_each_answer_is_in_the_journal(world: Consortium) -> None:
    case = _save(world, make_draft(world, make_patient(world)), {"summary": "甲"})
    _save(world, case, {"summary": "甲", "drugs": "二甲双胍"}, by=world.photographer)
    line = world.clinic.lines()[-1]
    assert (line.kind, line.codes["fields"]) == ("case.answers_saved", "drugs")
    assert line.practitioner_id == world.photographer.person


def test_saving_nothing_new_writes_nothing(world: Consortium) -> None:
    case = _save(world, make_draft(world, make_patient(world)), {"summary": "甲"})
    before = len(world.clinic.lines())
    assert _save(world, case, {"summary": "甲"}).revision == case.revision
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
            _save(world, case, answers)
        assert [(each.field, each.code) for each in refused.value.problems] == [(field, code)]
    assert world.clinic.do(world.physician, cases.get_case, case_id=case.id).answers == {}


def test_a_stale_page_is_told_and_overwrites_nothing(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    _save(world, case, {"summary": "甲"})
    with pytest.raises(CaseChangedError):
        _save(world, case, {"summary": "乙"}, by=world.colleague)
    kept = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert kept.answers == {"summary": "甲"}


def test_a_preset_question_may_be_asked_differently(world: Consortium) -> None:
    draft = make_draft(world, make_patient(world), service_type=ServiceType.SCREENING_READ)
    assert draft.question == "糖网筛查阅片"
    assert _save(world, draft, {}, question="左眼有无黄斑水肿").question == "左眼有无黄斑水肿"
    with pytest.raises(RefusedError) as refused:
        _save(world, draft, {}, question="问" * 1001, revision=2)
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
    case = _save(world, case, {"summary": "甲"})
    assert case.priority is Priority.URGENT
    case = _save(world, case, {"red_flags": ["sudden_vision_loss"]})
    assert (case.priority, case.priority_override_reason) == (Priority.EMERGENCY, None)


def test_a_more_pressing_urgency_that_a_person_set_is_never_lost_in_silence(
    world: Consortium,
) -> None:
    case = make_draft(world, make_patient(world))
    case = _override(world, case, priority=Priority.EMERGENCY)
    case = _save(world, case, {"red_flags": ["flashes_floaters"]})
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


def test_a_case_is_submitted_and_stands_before_the_panel_in_one_unit(world: Consortium) -> None:
    case = make_submitted(world)
    assert (case.status, case.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    assert case.submitted_at == world.clinic.now
    assert case.accept_by == world.clinic.now + timedelta(minutes=1440)
    assert case.report_by == world.clinic.now + timedelta(minutes=4320)
    assert case.question == CONSULTATION_ANSWERS["purpose"]
    steps = [line for line in world.clinic.lines() if line.case_id == case.id]
    assert [line.kind for line in steps][-2:] == ["case.submitted", "case.assigned"]
    assert steps[-2].codes["owner"] == world.leader.person
    assert steps[-2].codes["promise_version"] == case_rules().promises.version


def test_only_the_invited_side_sees_case_and_patient_and_only_after_submission(
    world: Consortium,
) -> None:
    patient = make_patient(world)
    give_consent(world, patient)
    draft = make_draft(world, patient)
    assert not _sees(world, world.expert, ObjectType.CASE, draft.id)
    case = submit(world, fill_in(world, draft))
    for object_type, object_id in ((ObjectType.CASE, case.id), (ObjectType.PATIENT, patient.id)):
        assert _sees(world, world.expert, object_type, object_id)
        assert _sees(world, world.colleague, object_type, object_id)
        assert not _sees(world, world.stranger, object_type, object_id)


def test_everything_that_is_missing_is_named_at_once(world: Consortium) -> None:
    draft = make_draft(world, make_patient(world), service_type=ServiceType.SCREENING_READ)
    with pytest.raises(FormRefusedError) as refused:
        submit(world, draft)
    fields = {problem.field for problem in refused.value.problems}
    assert {"consent", "answers.diabetes", "answers.red_flags", "images"} <= fields
    assert {"answers.va_right.value", "answers.va_left.value"} <= fields
    assert {"images.right.macula_centred", "images.left.disc_centred"} <= fields
    assert world.clinic.kinds()[-1] == "case.drafted"


def test_each_legal_content_of_a_consultation_blocks(world: Consortium) -> None:
    patient = make_patient(world)
    give_consent(world, patient)
    draft = make_draft(world, patient)
    for missing in ("reason", "purpose", "timing", "summary", "invited_title"):
        told = {key: value for key, value in CONSULTATION_ANSWERS.items() if key != missing}
        draft = fill_in(world, draft, told)
        with pytest.raises(FormRefusedError) as refused:
            submit(world, draft)
        assert [each.field for each in refused.value.problems] == [f"answers.{missing}"]


def test_a_photographer_prepares_and_a_physician_submits(world: Consortium) -> None:
    patient = make_patient(world)
    give_consent(world, patient)
    draft = fill_in(world, make_draft(world, patient, by=world.photographer))
    assert draft.owner_id == world.photographer.person
    with pytest.raises(SubmitterNotPhysicianError):
        submit(world, draft, by=world.photographer)
    case = submit(world, draft)
    assert case.requesting_physician_id == world.physician.person
    assert case.prepared_by_id == world.photographer.person


def test_a_licence_that_has_run_out_submits_nothing(world: Consortium) -> None:
    patient = make_patient(world)
    give_consent(world, patient)
    draft = fill_in(world, make_draft(world, patient))
    later = replace(world, clinic=world.clinic.at(datetime(2028, 1, 1, 4, tzinfo=UTC)))
    with pytest.raises(LicenceExpiredError):
        submit(later, draft)


def test_a_second_submission_of_one_case_is_told(world: Consortium) -> None:
    case = make_submitted(world)
    with pytest.raises(CaseStepNotAllowedError):
        submit(world, case)
    with pytest.raises(CaseNotDraftError):
        _save(world, case, {"summary": "乙"})


def test_ten_submissions_at_once_make_one(world: Consortium) -> None:
    patient = make_patient(world)
    give_consent(world, patient)
    draft = fill_in(world, make_draft(world, patient))
    races = [
        world.clinic.start(
            world.physician,
            service_submit.submit_case,
            case_id=draft.id,
            revision=draft.revision,
            rules=case_rules(),
        )
        for _ in range(10)
    ]
    wait(races, timeout=30)
    errors = [race.exception() for race in races if race.exception() is not None]
    assert len(errors) == 9
    assert {type(error) for error in errors} <= {CaseStepNotAllowedError, CaseChangedError}
    assert world.clinic.kinds().count("case.submitted") == 1


def test_answers_on_the_page_go_out_with_the_submission_or_not_at_all(world: Consortium) -> None:
    patient = make_patient(world)
    draft = make_draft(world, patient)
    told = {
        "case_id": draft.id,
        "revision": draft.revision,
        "answers": CONSULTATION_ANSWERS,
        "question": None,
        "rules": case_rules(),
    }
    with pytest.raises(FormRefusedError):
        world.clinic.do(world.physician, service_submit.submit_with_answers, **told)
    assert world.clinic.do(world.physician, cases.get_case, case_id=draft.id).answers == {}
    give_consent(world, patient)
    case = world.clinic.do(world.physician, service_submit.submit_with_answers, **told)
    assert case.status is CaseStatus.ASSIGNED
    assert case.answers["summary"] == CONSULTATION_ANSWERS["summary"]


def test_a_returned_case_comes_back_with_its_number_and_its_pause(world: Consortium) -> None:
    case = make_submitted(world)
    assert case.accept_by is not None
    assert case.report_by is not None
    hour = _later(world, hours=1)
    returned = _step(hour, world.expert, case, CaseStatus.RETURNED)
    assert returned.owner_id == world.physician.person
    again = submit(_later(world, hours=6), returned)
    assert again.number == case.number
    assert again.status is CaseStatus.ASSIGNED
    assert again.submitted_at == case.submitted_at
    assert again.accept_by == case.accept_by + timedelta(hours=5)
    assert again.report_by == case.report_by + timedelta(hours=5)
    assert _sees(_later(world, hours=6), world.expert, ObjectType.PATIENT, case.patient_id)


def _withdraw(world: Consortium, case: Case, by: Actor, reason: str = "重复提交") -> Case:
    return world.clinic.do(
        by, service_end.withdraw_case, case_id=case.id, revision=case.revision, reason=reason
    )


def test_a_withdrawn_case_is_closed_to_the_invited_side_at_once(world: Consortium) -> None:
    case = make_submitted(world)
    with pytest.raises(RefusedError):
        _withdraw(world, case, world.physician, "  ")
    with pytest.raises(NotFoundError):
        _withdraw(world, case, world.expert)
    with pytest.raises(SubmitterNotPhysicianError):
        _withdraw(world, case, world.photographer)
    after = _withdraw(world, case, world.physician)
    assert (after.status, after.owner_id) == (CaseStatus.WITHDRAWN, None)
    assert not _sees(world, world.expert, ObjectType.CASE, case.id)
    assert not _sees(world, world.expert, ObjectType.PATIENT, case.patient_id)
    with pytest.raises(CaseStepNotAllowedError):
        _withdraw(world, after, world.physician)


def test_withdrawing_one_case_leaves_another_of_the_patient_open(world: Consortium) -> None:
    first = make_submitted(world)
    patient = world.clinic.do(
        world.physician, lambda work: cases.list_of_patient(work, first.patient_id)
    )[0].patient_id
    second = world.clinic.do(
        world.physician,
        service_draft.open_case,
        patient_id=patient,
        service_type=ServiceType.REMOTE_CONSULTATION,
        panel_id=world.panel_id,
        rules=case_rules(),
    )
    submit(world, fill_in(world, second))
    _withdraw(world, first, world.physician)
    assert _sees(world, world.expert, ObjectType.PATIENT, patient)


def test_a_cancelled_draft_stays_in_the_record(world: Consortium) -> None:
    draft = make_draft(world, make_patient(world))
    told = {"case_id": draft.id, "revision": draft.revision, "reason": "患者已离开"}
    after = world.clinic.do(world.physician, service_draft.cancel_case, **told)
    assert after.status is CaseStatus.CANCELLED
    done = world.clinic.do(world.physician, cases.list_cases, view=CaseView.DONE)
    assert [case.id for case in done] == [draft.id]


def test_another_service_keeps_the_answers_it_knows(world: Consortium) -> None:
    case = fill_in(world, make_draft(world, make_patient(world)))
    after = world.clinic.do(
        world.physician,
        service_draft.change_service,
        case_id=case.id,
        revision=case.revision,
        service_type=ServiceType.SCREENING_READ,
        panel_id=world.panel_id,
        rules=case_rules(),
    )
    assert after.answers == {"red_flags": ["none"]}
    assert (after.priority, after.question) == (Priority.SCREENING, "糖网筛查阅片")


@pytest.mark.parametrize("who", ["stranger", "expert"])
def test_anothers_draft_is_not_there(world: Consortium, who: str) -> None:
    draft = make_draft(world, make_patient(world))
    actor = getattr(world, who)
    for step in (cases.get_case, cases.open_case_page, cases.timeline):
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, step, case_id=draft.id)
    with pytest.raises(NotFoundError):
        _save(world, draft, {}, by=actor)
    with pytest.raises(NotFoundError):
        submit(world, draft, by=actor)
    assert world.clinic.do(actor, cases.list_cases, view=CaseView.DRAFTS) == []


def test_an_expert_may_look_but_not_edit(world: Consortium) -> None:
    case = make_submitted(world)
    assert world.clinic.do(world.expert, cases.get_case, case_id=case.id).id == case.id
    with pytest.raises(NotFoundError):
        _save(world, case, {}, by=world.expert)
    with pytest.raises(NotFoundError):
        submit(world, case, by=world.expert)


def test_an_opening_is_written_down_once_a_minute_and_for_each_person(world: Consortium) -> None:
    case = make_submitted(world)
    for _ in range(3):
        world.clinic.do(world.physician, cases.open_case_page, case_id=case.id)
        assert world.clinic.kinds().count("case.opened") == 1
    world.clinic.do(world.expert, cases.open_case_page, case_id=case.id)
    assert world.clinic.kinds().count("case.opened") == 2
    minute = world.clinic.later(minutes=1)
    minute.do(world.physician, cases.open_case_page, case_id=case.id)
    assert world.clinic.kinds().count("case.opened") == 3


def test_lists_are_bounded_newest_first_and_go_on(world: Consortium) -> None:
    made = [
        make_draft(world, make_patient(world, document_number=citizen_number(n))).id
        for n in range(2, 12, 2)
    ]
    told = {"view": CaseView.DRAFTS, "limit": 2}
    first = world.clinic.do(world.physician, cases.list_cases, **told)
    rest = world.clinic.do(world.physician, cases.list_cases, **told, before=first[-1].id)
    assert [case.id for case in (*first, *rest)] == made[::-1][:4]
    assert world.clinic.do(world.physician, cases.count_cases)[CaseView.DRAFTS] == 5


def test_the_panel_list_is_in_order_of_promise(world: Consortium) -> None:
    calm = make_submitted(world)
    patient = make_patient(world, document_number=citizen_number(8))
    give_consent(world, patient)
    flags = {**CONSULTATION_ANSWERS, "red_flags": ["sudden_vision_loss"]}
    pressing = submit(world, fill_in(world, make_draft(world, patient), flags))
    listed = world.clinic.do(
        world.expert,
        cases.list_for_panels,
        panel_ids=[world.panel_id],
        statuses=[CaseStatus.ASSIGNED],
    )
    assert [case.id for case in listed] == [pressing.id, calm.id]


def test_the_timeline_tells_it_newest_first(world: Consortium) -> None:
    case = make_submitted(world)
    world.clinic.lines()
    lines = world.clinic.do(world.expert, cases.timeline, case_id=case.id)
    assert [line.kind for line in lines][:3] == [
        "case.assigned",
        "case.submitted",
        "case.answers_saved",
    ]


def test_no_step_leaves_a_case_to_nobody(world: Consortium) -> None:
    case = make_submitted(world)
    read = _step(world, world.expert, case, CaseStatus.ACCEPTED)
    assert read.owner_id == world.expert.person
    reading = _step(world, world.leader, read, CaseStatus.READING)
    assert reading.owner_id == world.expert.person
    with pytest.raises(OwnerMissingError):
        _step(world, world.expert, reading, CaseStatus.SECOND_READ)
    second = _step(
        world, world.expert, reading, CaseStatus.SECOND_READ, owner_id=world.leader.person
    )
    assert second.owner_id == world.leader.person


def _rehome(world: Consortium, leaver: Actor, successor: Actor | None = None) -> list[Case]:
    return world.clinic.system(
        service_handover.rehome_cases,
        practitioner_id=leaver.person,
        institution_id=leaver.institution,
        successor_id=None if successor is None else successor.person,
    )


def test_the_cases_of_an_expert_who_leaves_go_back_to_the_panel(world: Consortium) -> None:
    case = _step(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
    (after,) = _rehome(world, world.expert)
    assert (after.id, after.status) == (case.id, CaseStatus.ASSIGNED)
    assert after.owner_id == world.leader.person
    assert world.clinic.lines()[-1].reason == "owner_left"


def test_a_leaving_physicians_cases_go_to_a_colleague_of_the_same_role(world: Consortium) -> None:
    draft = make_draft(world, make_patient(world))
    for nobody in (world.photographer, world.stranger, world.expert):
        with pytest.raises(SuccessorNotEligibleError):
            _rehome(world, world.physician, nobody)
    (after,) = _rehome(world, world.physician, world.colleague)
    assert (after.id, after.owner_id) == (draft.id, world.colleague.person)
    assert _rehome(world, world.physician) == []
    (back,) = _rehome(world, world.colleague)
    assert back.owner_id == world.physician.person


def _stop(world: Consortium, actor: Actor) -> None:
    (place,) = world.clinic.system(affiliations.list_affiliations, practitioner_ids=[actor.person])
    world.clinic.system(
        service_handover.stop_affiliation, affiliation_id=place.id, revision=place.revision
    )


def test_nobody_leaves_an_institution_with_cases_that_no_colleague_can_take(
    world: Consortium,
) -> None:
    case = _step(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
    _stop(world, world.expert)
    kept = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (kept.status, kept.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    _stop(world, world.colleague)
    draft = make_draft(world, make_patient(world, document_number=citizen_number(8)))
    with pytest.raises(SuccessorNeededError):
        _stop(world, world.physician)
    assert _stored(world, draft).owner_id == world.physician.person


def test_whose_last_day_has_passed_is_found_and_her_cases_go_on(world: Consortium) -> None:
    draft = make_draft(world, make_patient(world))
    _stop(world, world.physician)
    (kept,) = world.clinic.system(affiliations.list_affiliations, practitioner_ids=[draft.owner_id])
    assert kept.stopped_at is not None
    today = world.clinic.now.date()
    until = affiliations.NewAffiliation(world.centre_id, kept.roles, today, today)
    world.clinic.system(
        affiliations.add_affiliation, practitioner_id=world.physician.person, new=until
    )
    later = make_draft(world, make_patient(world, document_number=citizen_number(8)))
    assert world.clinic.system(affiliations.list_over, limit=9) == []
    next_day = world.clinic.later(minutes=24 * 60)
    (over,) = next_day.system(affiliations.list_over, limit=9)
    next_day.system(
        service_handover.stop_affiliation, affiliation_id=over.id, revision=over.revision
    )
    assert _stored(world, later).owner_id == world.colleague.person
    assert next_day.system(affiliations.list_over, limit=9) == []


@pytest.mark.parametrize("side", ["centre_id", "lead_id"])
def test_an_institution_with_cases_under_way_is_not_stopped(world: Consortium, side: str) -> None:
    case = make_submitted(world)
    draft = make_draft(world, make_patient(world, document_number=citizen_number(8)))
    place = world.clinic.system(organisations.get_institution, institution_id=getattr(world, side))
    stop = {"institution_id": place.id, "revision": place.revision}
    with pytest.raises(InstitutionHasCasesError):
        world.clinic.system(service_handover.stop_institution, **stop)
    _step(world, world.physician, case, CaseStatus.WITHDRAWN)
    world.clinic.system(service_handover.stop_institution, **stop)
    assert _stored(world, draft).status is CaseStatus.DRAFT


def test_a_report_for_a_physician_who_has_left_reaches_a_colleague(world: Consortium) -> None:
    case = _step(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
    assert case.requesting_physician_id == world.physician.person
    _stop(world, world.physician)
    reading = _step(world, world.expert, case, CaseStatus.READING)
    reported = _step(world, world.expert, reading, CaseStatus.REPORTED)
    assert reported.owner_id == world.colleague.person
    assert reported.requesting_physician_id == world.physician.person


def _stored(world: Consortium, case: Case) -> Case:
    return world.clinic.do(world.physician, cases.get_case, case_id=case.id)


def test_the_new_leader_answers_for_the_cases_that_wait(world: Consortium) -> None:
    case = make_submitted(world)
    panel = world.clinic.system(organisations.get_panel, panel_id=world.panel_id)
    world.clinic.system(
        service_handover.set_panel_leader,
        panel_id=panel.id,
        revision=panel.revision,
        practitioner_id=world.expert.person,
    )
    assert _stored(world, case).owner_id == world.expert.person
    assert world.clinic.lines()[-1].reason == "leader_changed"
