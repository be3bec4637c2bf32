"""The experts' list: one winner a case, a lease that runs out, exactly one accountable person."""

from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import timedelta

import pytest

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import ConflictError, NotFoundError, RefusedError
from consult.people.practitioners.errors import LicenceExpiredError
from consult.queue import service as queue
from consult.queue import service_leader, worklist
from consult.queue.errors import (
    CaseNotYoursError,
    CaseTakenError,
    NotOnPanelError,
    NotPanelLeaderError,
)
from consult.reports import service as reports
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium, expire_licence
from tests.makers.reports import (
    claim,
    full_body,
    make_read_case,
    off_panel,
    queue_limits,
    write,
)

LEASE = timedelta(minutes=60)


def test_a_waiting_case_is_the_panel_leaders_until_it_is_taken(
    world: Consortium, case: Case
) -> None:
    assert case.owner_id == world.leader.person

    taken = claim(world, case, by=world.expert)

    assert taken.status is CaseStatus.ACCEPTED
    assert taken.owner_id == world.expert.person


def test_the_second_expert_is_told_who_was_first_and_when(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)

    with pytest.raises(CaseTakenError) as refusal:
        claim(world, case, by=world.leader, clinic=world.clinic.later(minutes=3))

    assert refusal.value.by == "李文博"
    assert refusal.value.at == world.clinic.now


def test_taking_ones_own_case_again_changes_nothing(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    claim(world, case, by=world.expert)

    assert world.clinic.kinds().count("case.claimed") == 1


def test_of_a_hundred_who_reach_for_one_case_exactly_one_has_it(
    world: Consortium, case: Case
) -> None:
    by_turns = [world.expert, world.leader] * 50
    futures: list[Future[Case]] = [
        world.clinic.start(actor, queue.claim_case, case_id=case.id, limits=queue_limits())
        for actor in by_turns
    ]
    wait(futures, timeout=25)

    failures = [future.exception() for future in futures]
    owner = world.clinic.do(world.leader, cases.get_case, case_id=case.id).owner_id
    assert world.clinic.kinds().count("case.claimed") == 1
    assert {type(failure) for failure in failures if failure is not None} == {CaseTakenError}
    losers = {
        actor.person
        for actor, failure in zip(by_turns, failures, strict=True)
        if failure is not None
    }
    assert losers == {world.expert.person, world.leader.person} - {owner}


def test_a_stranger_does_not_even_learn_that_the_case_exists(world: Consortium, case: Case) -> None:
    with pytest.raises(NotFoundError):
        claim(world, case, by=world.stranger)


def test_the_inviting_physician_cannot_take_her_own_case(world: Consortium, case: Case) -> None:
    with pytest.raises(NotOnPanelError):
        claim(world, case, by=world.physician)


def test_an_expert_off_the_panel_cannot_take_a_case(world: Consortium, case: Case) -> None:
    with pytest.raises(NotOnPanelError):
        claim(world, case, by=off_panel(world.expert))


def test_an_expert_whose_licence_has_expired_takes_no_case(world: Consortium, case: Case) -> None:
    expire_licence(world, world.expert.person)

    with pytest.raises(LicenceExpiredError):
        claim(world, case, by=world.expert)


def test_a_lease_that_runs_out_frees_the_case_and_leaves_the_draft_whole(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    body = full_body(impression="未写完的印象" * 100)
    write(world, case, by=world.expert, body=body)
    later = world.clinic.at(world.clinic.now + LEASE)

    assert world.clinic.at(later.now - timedelta(seconds=1)).system(queue.expire_leases) == 0
    assert later.system(queue.expire_leases) == 1
    assert later.system(queue.expire_leases) == 0

    free = later.do(world.leader, cases.get_case, case_id=case.id)
    kept = later.do(world.expert, reports.get_draft, case_id=case.id)
    assert (free.status, free.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    assert kept is not None
    assert kept.content["impression"] == "未写完的印象" * 100
    with pytest.raises(CaseNotYoursError):
        later.do(world.expert, queue.start_reading, case_id=case.id)


def test_a_renewed_lease_outlives_the_first_hour(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    half = world.clinic.later(minutes=30)
    half.do(world.expert, queue.renew_lease, case_id=case.id, limits=queue_limits())

    assert world.clinic.later(minutes=80).system(queue.expire_leases) == 0
    assert world.clinic.later(minutes=90).system(queue.expire_leases) == 1


def test_a_lease_that_ran_out_is_not_renewed(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)

    with pytest.raises(CaseNotYoursError):
        world.clinic.later(minutes=61).do(
            world.expert, queue.renew_lease, case_id=case.id, limits=queue_limits()
        )


def test_whoever_has_left_the_panel_keeps_no_case(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)

    with pytest.raises(NotOnPanelError):
        world.clinic.do(
            off_panel(world.expert), queue.renew_lease, case_id=case.id, limits=queue_limits()
        )


def test_another_expert_takes_a_case_whose_lease_ran_out_before_the_clock_swept(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)

    taken = claim(world, case, by=world.leader, clinic=world.clinic.later(minutes=61))

    assert taken.owner_id == world.leader.person
    assert "case.lease_expired" in world.clinic.kinds()


def test_nobody_renews_or_releases_another_experts_case(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)

    with pytest.raises(CaseNotYoursError):
        world.clinic.do(world.leader, queue.renew_lease, case_id=case.id, limits=queue_limits())
    with pytest.raises(CaseNotYoursError):
        world.clinic.do(world.leader, queue.release_case, case_id=case.id)


def test_a_case_put_back_waits_at_its_place_again(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)

    freed = world.clinic.do(world.expert, queue.release_case, case_id=case.id)

    assert (freed.status, freed.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    assert freed.report_by == case.report_by
    assert claim(world, case, by=world.leader).owner_id == world.leader.person


@pytest.mark.parametrize("reason", ["", "   \n"])
def test_declining_without_a_reason_is_refused(world: Consortium, case: Case, reason: str) -> None:
    claim(world, case, by=world.expert)

    with pytest.raises(RefusedError) as refusal:
        world.clinic.do(
            world.expert, queue.decline_case, case_id=case.id, reason=reason, limits=queue_limits()
        )

    assert [problem.field for problem in refusal.value.problems] == ["reason"]
    assert (
        world.clinic.do(world.expert, cases.get_case, case_id=case.id).status is CaseStatus.ACCEPTED
    )


def test_a_declined_case_is_the_leaders_with_the_reason_in_the_journal(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)

    declined = world.clinic.do(
        world.expert,
        queue.decline_case,
        case_id=case.id,
        reason="照片与病史不符",
        limits=queue_limits(),
    )

    line = next(line for line in world.clinic.lines() if line.kind == "case.declined")
    assert (declined.status, declined.owner_id) == (CaseStatus.DECLINED, world.leader.person)
    assert line.words["reason"] == "照片与病史不符"


def test_only_the_leader_sends_a_declined_case_on_or_turns_it_down(
    world: Consortium, case: Case
) -> None:
    world.clinic.do(
        world.expert, queue.decline_case, case_id=case.id, reason="非本专科", limits=queue_limits()
    )

    with pytest.raises(NotPanelLeaderError):
        world.clinic.do(world.expert, service_leader.send_on, case_id=case.id)
    with pytest.raises(NotPanelLeaderError):
        world.clinic.do(world.expert, service_leader.reject_case, case_id=case.id, reason="x")

    sent = world.clinic.do(world.leader, service_leader.send_on, case_id=case.id)
    world.clinic.do(
        world.leader, queue.decline_case, case_id=case.id, reason="非本专科", limits=queue_limits()
    )
    ended = world.clinic.do(
        world.leader, service_leader.reject_case, case_id=case.id, reason="请转神经科"
    )
    assert (sent.status, sent.owner_id) == (CaseStatus.ASSIGNED, world.leader.person)
    assert (ended.status, ended.owner_id) == (CaseStatus.REJECTED, None)
    with pytest.raises(NotFoundError):  # nothing of it is open to the panel any more
        world.clinic.do(world.leader, cases.get_case, case_id=case.id)
    assert world.clinic.do(world.physician, cases.get_case, case_id=case.id) == ended


def test_the_list_stands_in_order_of_promise_and_says_who_has_what(world: Consortium) -> None:
    evening = replace(world, clinic=world.clinic.later(hours=2))
    later = make_read_case(evening, document_number=citizen_number(4))
    sooner = make_read_case(world, name="李秀珍", document_number=citizen_number(6))
    claim(evening, later, by=world.expert)

    listed = evening.clinic.do(world.leader, worklist.list_worklist, limits=queue_limits())

    assert [item.case.id for item in listed] == [sooner.id, later.id]
    assert [item.claim and item.claim.practitioner_id for item in listed] == [
        None,
        world.expert.person,
    ]
    assert (
        evening.clinic.do(off_panel(world.leader), worklist.list_worklist, limits=queue_limits())
        == []
    )
    assert evening.clinic.do(world.stranger, worklist.list_worklist, limits=queue_limits()) == []


def test_a_claim_left_behind_by_a_person_who_went_keeps_nobody_away(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    world.clinic.system(
        cases.step,
        case=world.clinic.do(world.leader, cases.get_case, case_id=case.id),
        to=CaseStatus.ASSIGNED,
        kind="case.rehomed",
    )

    assert claim(world, case, by=world.leader).owner_id == world.leader.person


def test_a_step_from_a_stale_page_is_a_conflict(world: Consortium, case: Case) -> None:
    world.clinic.do(
        world.expert, queue.decline_case, case_id=case.id, reason="非本专科", limits=queue_limits()
    )

    with pytest.raises(ConflictError):
        claim(world, case, by=world.leader)
