"""What a leader or a coordinator settles before anybody has taken a case (Q-06)."""

from datetime import timedelta

import pytest

from consult.cases.model import Case, CaseStatus, Priority
from consult.kernel.errors import RefusedError
from consult.queue import service as queue
from consult.queue import triage
from consult.queue.errors import (
    CaseTakenError,
    NotAbleError,
    NotPanelLeaderError,
    NotWaitingError,
)
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium, case_rules
from tests.makers.duty import go_on_leave, third_expert
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.returns import coordinator, decline, later
from tests.makers.rulebooks import read_config


@pytest.fixture
def case(world: Consortium) -> Case:
    """A routine case that waits before the panel."""
    return make_read_case(world)


def allot(world: Consortium, case: Case, person: str, **told: object) -> Case:
    by = told.get("by", world.leader)
    return world.clinic.do(
        by,  # type: ignore[arg-type] # an actor of a test
        triage.allot_case,
        case_id=case.id,
        expert_id=person,
        limits=queue_limits(),
    )


def set_urgency(
    world: Consortium, case: Case, priority: Priority, *, reason: str = "视力骤降"
) -> Case:
    return world.clinic.do(
        world.leader,
        triage.set_urgency,
        case_id=case.id,
        priority=priority,
        reason=reason,
        rules=case_rules(),
    )


def test_a_coordinator_gives_a_case_to_an_expert_by_name(world: Consortium, case: Case) -> None:
    near = coordinator(world)
    given = allot(world, case, world.expert.person, by=near)
    assert (given.status, given.owner_id) == (CaseStatus.ACCEPTED, world.expert.person)
    found = world.clinic.system(queue.find_claim, case_id=case.id)
    assert found is not None
    assert found.practitioner_id == world.expert.person
    [line] = [line for line in world.clinic.lines() if line.kind == "case.allotted"]
    assert (line.practitioner_id, line.codes["to"]) == (near.person, world.expert.person)
    # she reads it as if she had taken it, and it waits again if she does not open it in time
    world.clinic.do(world.expert, queue.start_reading, case_id=case.id)
    tomorrow = later(world, days=1)
    assert tomorrow.clinic.system(queue.expire_leases) == 1


def test_nobody_is_given_a_case_who_could_not_take_it(world: Consortium, case: Case) -> None:
    third = third_expert(world)
    with pytest.raises(NotAbleError):
        allot(world, case, world.physician.person)
    go_on_leave(world, third)
    with pytest.raises(NotAbleError):
        allot(world, case, third.person)
    with pytest.raises(NotPanelLeaderError):
        allot(world, case, world.leader.person, by=world.expert)
    claim(world, case, by=world.expert)
    with pytest.raises(CaseTakenError):
        allot(world, case, world.leader.person)


def test_a_more_urgent_case_is_promised_sooner_and_a_lesser_one_never(
    world: Consortium, case: Case
) -> None:
    assert case.accept_by is not None
    assert case.report_by is not None
    urgent = set_urgency(world, case, Priority.URGENT)
    assert urgent.priority is Priority.URGENT
    assert urgent.report_by is not None
    assert urgent.accept_by is not None
    assert urgent.report_by < case.report_by
    assert urgent.accept_by < case.accept_by
    hour = later(world, hours=1)
    routine = set_urgency(hour, case, Priority.ROUTINE, reason="复核后为常规")
    assert routine.report_by is not None
    assert routine.report_by >= urgent.report_by
    assert routine.report_by - case.report_by < timedelta(days=2)
    lines = [line for line in world.clinic.lines() if line.kind == "case.priority_overridden"]
    assert [(line.codes["before"], line.codes["priority"]) for line in lines] == [
        ("routine", "urgent"),
        ("urgent", "routine"),
    ]
    assert lines[0].words["reason"] == "视力骤降"


def test_an_urgency_needs_a_reason_and_a_case_that_waits(world: Consortium, case: Case) -> None:
    with pytest.raises(RefusedError):
        set_urgency(world, case, Priority.URGENT, reason=" ")
    with pytest.raises(RefusedError):
        set_urgency(world, case, Priority.ROUTINE)
    declined = decline(world, case, by=world.expert)
    assert set_urgency(world, declined, Priority.URGENT).status is CaseStatus.DECLINED
    with pytest.raises(NotWaitingError):
        allot(world, declined, world.expert.person)
    other = make_read_case(world, document_number=citizen_number(7))
    claim(world, other, by=world.expert)
    with pytest.raises(NotWaitingError):
        set_urgency(world, other, Priority.URGENT)


def test_another_service_can_be_asked_for_in_the_list_of_what_is_missing() -> None:
    assert "service_type" in read_config("returns.toml")["other_item"]
