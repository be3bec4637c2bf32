"""Cases that change hands: no open case is left to somebody who has gone (Q-12)."""

import pytest

from consult.cases import answering, service_handover
from consult.cases import service as cases
from consult.cases.errors import (
    InstitutionHasCasesError,
    LastPhysicianError,
    OwnerMissingError,
    SuccessorNeededError,
    SuccessorNotEligibleError,
)
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Actor
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from tests.makers.cases import (
    citizen_number,
    make_draft,
    make_patient,
    make_submitted,
    step_case,
)
from tests.makers.consortium import Consortium
from tests.makers.returns import leave_today


def test_no_step_leaves_a_case_to_nobody(world: Consortium) -> None:
    case = make_submitted(world)
    read = step_case(world, world.expert, case, CaseStatus.ACCEPTED)
    assert read.owner_id == world.expert.person
    reading = step_case(world, world.leader, read, CaseStatus.READING)
    assert reading.owner_id == world.expert.person
    with pytest.raises(OwnerMissingError):
        step_case(world, world.expert, reading, CaseStatus.SECOND_READ)
    second = step_case(
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
    case = step_case(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
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
    case = step_case(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
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
    step_case(world, world.physician, case, CaseStatus.WITHDRAWN)
    world.clinic.system(service_handover.stop_institution, **stop)
    assert _stored(world, draft).status is CaseStatus.DRAFT


def test_a_report_for_a_physician_who_has_left_reaches_a_colleague(world: Consortium) -> None:
    case = step_case(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
    assert case.requesting_physician_id == world.physician.person
    _stop(world, world.physician)
    reading = step_case(world, world.expert, case, CaseStatus.READING)
    reported = step_case(world, world.expert, reading, CaseStatus.REPORTED)
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


def test_the_only_physician_stays_while_her_case_is_with_the_expert(world: Consortium) -> None:
    case = step_case(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
    assert case.owner_id == world.expert.person
    _stop(world, world.colleague)
    with pytest.raises(LastPhysicianError) as refused:
        _stop(world, world.physician)
    assert refused.value.facts == {"count": 1}
    reading = step_case(world, world.expert, case, CaseStatus.READING)
    reported = step_case(world, world.expert, reading, CaseStatus.REPORTED)
    assert reported.owner_id == world.physician.person


def test_a_clinic_whose_last_physicians_day_has_passed_is_shown(world: Consortium) -> None:
    case = step_case(world, world.expert, make_submitted(world), CaseStatus.ACCEPTED)
    do = world.clinic.system
    assert do(answering.list_without_physician) == []
    _stop(world, world.colleague)
    tomorrow = leave_today(world, world.physician)
    (over,) = tomorrow.clinic.system(affiliations.list_over, limit=9)
    with pytest.raises(LastPhysicianError):
        _stop(tomorrow, world.physician)
    noted = [tomorrow.clinic.system(answering.note_without_physician) for _ in range(2)]
    assert noted == [1, 0]
    [shown] = tomorrow.clinic.system(answering.list_without_physician)
    assert shown.id == world.centre_id == over.institution_id
    assert tomorrow.clinic.kinds().count("institution.physician_gone") == 1
    told = tomorrow.clinic.do(
        world.photographer, answering.count_without_physician, institution_id=world.centre_id
    )
    assert told == 1
    again = affiliations.NewAffiliation(world.centre_id, world.colleague.roles)
    tomorrow.clinic.system(
        affiliations.add_affiliation, practitioner_id=world.colleague.person, new=again
    )
    _stop(tomorrow, world.physician)
    assert tomorrow.clinic.system(answering.list_without_physician) == []
    reading = step_case(tomorrow, world.expert, case, CaseStatus.READING)
    reported = step_case(tomorrow, world.expert, reading, CaseStatus.REPORTED)
    assert reported.owner_id == world.colleague.person
