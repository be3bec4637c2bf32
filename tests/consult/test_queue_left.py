"""A hospital that leaves the consortium while it holds a case: what it has, it can end."""

from dataclasses import replace

import pytest

from consult.cases import service_end
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor
from consult.people.organisations import consortia
from consult.people.organisations import service as organisations
from consult.queue import service as queue
from consult.queue import service_leader
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case, off_panel, queue_limits


def leave(world: Consortium, institution_id: str, *, lead_id: str) -> None:
    """The institution leaves; another one leads the consortium."""
    do = world.clinic.system
    do(consortia.set_lead, consortium_id=world.id, institution_id=lead_id)
    do(consortia.end_membership, consortium_id=world.id, institution_id=institution_id)


def outside(actor: Actor) -> Actor:
    """The same person at the next request, when her institution belongs to no consortium."""
    return replace(actor, consortium_ids=frozenset())


@pytest.fixture
def taken(world: Consortium) -> Case:
    """A case that the lead hospital's expert had taken when her hospital left."""
    case = claim(world, make_read_case(world), by=world.expert)
    leave(world, world.lead_id, lead_id=world.centre_id)
    return case


def test_its_expert_puts_the_case_back(world: Consortium, taken: Case) -> None:
    freed = world.clinic.do(outside(world.expert), queue.release_case, case_id=taken.id)
    assert (freed.status, freed.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    assert claim(world, freed, by=outside(world.leader)).owner_id == world.leader.person


def test_its_expert_declines_and_its_leader_rejects(world: Consortium, taken: Case) -> None:
    declined = world.clinic.do(
        outside(world.expert),
        queue.decline_case,
        case_id=taken.id,
        reason="已退出医联体",
        limits=queue_limits(),
    )
    assert (declined.status, declined.owner_id) == (CaseStatus.DECLINED, world.leader.person)
    ended = world.clinic.do(
        outside(world.leader), service_leader.reject_case, case_id=taken.id, reason="已退出医联体"
    )
    assert ended.status is CaseStatus.REJECTED


def test_nobody_else_puts_it_back(world: Consortium, taken: Case) -> None:
    for actor in (world.stranger, replace(off_panel(world.expert), institution_id=world.other_id)):
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, queue.release_case, case_id=taken.id)


def test_the_panel_itself_is_seen_no_more(world: Consortium, taken: Case) -> None:
    panel_id = str(taken.panel_id)
    with pytest.raises(NotFoundError):
        world.clinic.do(outside(world.expert), organisations.get_panel, panel_id=panel_id)


def test_an_inviting_clinic_that_has_left_takes_its_case_back(world: Consortium) -> None:
    case = make_read_case(world)
    leave(world, world.centre_id, lead_id=world.lead_id)
    ended = world.clinic.do(
        outside(world.physician),
        service_end.withdraw_case,
        case_id=case.id,
        revision=case.revision,
        reason="已退出医联体",
    )
    assert ended.status is CaseStatus.WITHDRAWN
