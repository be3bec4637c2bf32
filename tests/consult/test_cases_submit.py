"""A case before its panel: in one unit, with everything that is missing named at once."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases import service_submit
from consult.cases.errors import (
    CaseChangedError,
    CaseNotDraftError,
    SubmitterNotPhysicianError,
)
from consult.cases.model import CaseStatus, CaseStepNotAllowedError, ServiceType
from consult.kernel.errors import FormRefusedError
from consult.people.practitioners.errors import LicenceExpiredError
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    make_submitted,
    save_answers,
    sees,
    submit,
)
from tests.makers.consortium import Consortium, case_rules


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
    assert not sees(world, world.expert, ObjectType.CASE, draft.id)
    case = submit(world, fill_in(world, draft))
    for object_type, object_id in ((ObjectType.CASE, case.id), (ObjectType.PATIENT, patient.id)):
        assert sees(world, world.expert, object_type, object_id)
        assert sees(world, world.colleague, object_type, object_id)
        assert not sees(world, world.stranger, object_type, object_id)


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
    assert draft.owner_id in {world.physician.person, world.colleague.person}
    assert draft.prepared_by_id == world.photographer.person
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
        save_answers(world, case, {"summary": "乙"})


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
