"""Taking a case back, giving a draft up, and who sees what of a case and its story."""

import pytest

from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases import service_draft, service_end
from consult.cases.errors import (
    SubmitterNotPhysicianError,
)
from consult.cases.model import Case, CaseStatus, CaseStepNotAllowedError, Priority, ServiceType
from consult.cases.views import CaseView, PanelView
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    citizen_number,
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
    assert not sees(world, world.expert, ObjectType.CASE, case.id)
    assert not sees(world, world.expert, ObjectType.PATIENT, case.patient_id)
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
    assert sees(world, world.expert, ObjectType.PATIENT, patient)


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
    for step in (cases.get_case, cases.open_case_page):
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, step, case_id=draft.id)
    with pytest.raises(NotFoundError):
        world.clinic.do(actor, cases.timeline, case_id=draft.id, kinds={"case.drafted"})
    with pytest.raises(NotFoundError):
        save_answers(world, draft, {}, by=actor)
    with pytest.raises(NotFoundError):
        submit(world, draft, by=actor)
    assert world.clinic.do(actor, cases.list_cases, view=CaseView.DRAFTS) == []


def test_an_expert_may_look_but_not_edit(world: Consortium) -> None:
    case = make_submitted(world)
    assert world.clinic.do(world.expert, cases.get_case, case_id=case.id).id == case.id
    with pytest.raises(NotFoundError):
        save_answers(world, case, {}, by=world.expert)
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
        view=PanelView([world.panel_id], [CaseStatus.ASSIGNED]),
    )
    assert [case.id for case in listed] == [pressing.id, calm.id]


def test_the_timeline_tells_it_newest_first(world: Consortium) -> None:
    case = make_submitted(world)
    world.clinic.lines()
    kinds = {"case.assigned", "case.submitted", "case.answers_saved"}
    lines = world.clinic.do(world.expert, cases.timeline, case_id=case.id, kinds=kinds)
    assert [line.kind for line in lines][:3] == [
        "case.assigned",
        "case.submitted",
        "case.answers_saved",
    ]
