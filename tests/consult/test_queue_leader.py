"""Declined three times, sent to another panel: who answers, and what stands (Q-08)."""

import pytest

from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import ConflictError, NotFoundError, RefusedError
from consult.people.patients import service as patients
from consult.queue import service_leader, worklist
from consult.queue.errors import (
    CaseTakenError,
    NotPanelLeaderError,
    PanelNotAgreedError,
    PanelUnledError,
    SamePanelError,
)
from tests.makers.cases import citizen_number, sees
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.returns import (
    agree,
    coordinator,
    decline,
    forward,
    later,
    leave_today,
    second_panel,
    send_back,
)


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def decline_thrice(world: Consortium, case: Case) -> Case:
    """Declined, sent on, declined, sent on, declined."""
    for turn in range(3):
        case = decline(world, case, by=world.expert, reason=f"第{turn + 1}次：非本专科")
        if turn < 2:
            case = world.clinic.do(world.leader, service_leader.send_on, case_id=case.id)
    return case


def test_the_third_decline_is_pressed_upon_the_leader(world: Consortium, case: Case) -> None:
    sooner = make_read_case(world, name="李秀珍", document_number=citizen_number(6))
    declined = decline_thrice(later(world, minutes=5), case)

    assert (declined.status, declined.owner_id) == (CaseStatus.DECLINED, world.leader.person)
    kinds = world.clinic.kinds()
    assert (kinds.count("case.declined"), kinds.count("case.escalated")) == (3, 1)
    listed = world.clinic.do(world.leader, worklist.list_worklist, limits=queue_limits())
    assert [(item.case.id, item.declines, item.is_pressed) for item in listed] == [
        (case.id, 3, True),
        (sooner.id, 0, False),
    ]
    world.clinic.settle()
    trail = world.clinic.do(world.physician, service_leader.list_trail, case_id=case.id)
    assert [line.kind for line in trail] == ["case.declined"] * 3 + ["case.escalated"]
    assert [line.words.get("reason") for line in trail][:2] == [
        "第1次：非本专科",
        "第2次：非本专科",
    ]


def test_two_declines_press_nobody(world: Consortium, case: Case) -> None:
    decline(world, case, by=world.expert)
    world.clinic.do(world.leader, service_leader.send_on, case_id=case.id)
    decline(world, case, by=world.expert)
    assert "case.escalated" not in world.clinic.kinds()
    [item] = world.clinic.do(world.leader, worklist.list_worklist, limits=queue_limits())
    assert (item.declines, item.is_pressed) == (2, False)


def test_a_pressed_case_is_pressed_no_more_once_it_is_taken(world: Consortium, case: Case) -> None:
    decline_thrice(world, case)
    world.clinic.do(world.leader, service_leader.send_on, case_id=case.id)
    [waiting] = world.clinic.do(world.leader, worklist.list_worklist, limits=queue_limits())
    claim(world, case, by=world.leader)
    [taken] = world.clinic.do(world.leader, worklist.list_worklist, limits=queue_limits())
    assert (waiting.is_pressed, taken.is_pressed, taken.declines) == (True, False, 3)


def test_where_the_leader_has_gone_a_coordinator_answers_and_settles(
    world: Consortium, case: Case
) -> None:
    near = coordinator(world)
    tomorrow = leave_today(world, world.leader)
    declined = decline(tomorrow, case, by=world.expert)
    assert declined.owner_id == near.person
    sent = tomorrow.clinic.do(near, service_leader.send_on, case_id=case.id)
    assert (sent.status, sent.owner_id) == (CaseStatus.ASSIGNED, near.person)
    again = decline(tomorrow, sent, by=world.expert)
    ended = tomorrow.clinic.do(near, service_leader.reject_case, case_id=again.id, reason="请另诊")
    assert ended.status is CaseStatus.REJECTED


def test_where_there_is_no_coordinator_either_the_leader_stays(
    world: Consortium, case: Case
) -> None:
    tomorrow = leave_today(world, world.leader)
    assert decline(tomorrow, case, by=world.expert).owner_id == world.leader.person


def test_a_coordinator_does_not_settle_for_a_leader_who_is_there(
    world: Consortium, case: Case
) -> None:
    near = coordinator(world)
    decline(world, case, by=world.expert)
    with pytest.raises(NotPanelLeaderError):
        world.clinic.do(near, service_leader.send_on, case_id=case.id)
    with pytest.raises(NotPanelLeaderError):
        world.clinic.do(near, service_leader.reject_case, case_id=case.id, reason="x")


@pytest.mark.parametrize("was_declined", [False, True])
def test_a_case_goes_to_another_panel_with_its_promise_and_its_way(
    world: Consortium, case: Case, *, was_declined: bool
) -> None:
    panel_id, other = second_panel(world)
    if was_declined:
        decline(world, case, by=world.expert)
    hour = later(world, hours=1)
    sent = forward(hour, case, to=panel_id)

    assert (sent.status, sent.owner_id) == (CaseStatus.ASSIGNED, other.person)
    assert (sent.panel_id, sent.number) == (panel_id, case.number)
    assert (sent.accept_by, sent.report_by) == (case.accept_by, case.report_by)
    hour.clinic.settle()
    trail = hour.clinic.do(world.physician, service_leader.list_trail, case_id=case.id)
    codes, words = trail[-1].codes, trail[-1].words
    assert (codes["panel"], codes["to_panel"]) == (world.panel_id, panel_id)
    assert words["reason"] == "属青光眼专业"
    assert claim(hour, sent, by=other).owner_id == other.person


def test_a_hospital_that_sends_a_case_away_sees_it_no_more(world: Consortium, case: Case) -> None:
    panel_id, other = second_panel(world, at=world.other_id)
    with pytest.raises(PanelNotAgreedError):
        forward(world, case, to=panel_id)
    agree(world, invited_id=world.other_id)
    sent = forward(world, case, to=panel_id)
    assert sent.invited_institution_id == world.other_id
    assert sent.agreement_id not in {None, case.agreement_id}
    for kind, thing in ((ObjectType.CASE, case.id), (ObjectType.PATIENT, case.patient_id)):
        assert sees(world, other, kind, thing)
        assert not sees(world, world.leader, kind, thing)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.leader, cases.get_case, case_id=case.id)


def test_leader_and_coordinator_forward_and_nobody_else(world: Consortium, case: Case) -> None:
    panel_id, other = second_panel(world)
    away = coordinator(world, at=world.other_id, login="nah")
    for nobody in (world.expert, world.physician, other):
        with pytest.raises(NotPanelLeaderError):
            forward(world, case, to=panel_id, by=nobody)
    with pytest.raises(NotFoundError):
        forward(world, case, to=panel_id, by=away)
    assert forward(world, case, to=panel_id, by=coordinator(world)).panel_id == panel_id


def test_a_case_that_is_read_is_not_sent_away_from_its_reader(
    world: Consortium, case: Case
) -> None:
    panel_id, _other = second_panel(world)
    claim(world, case, by=world.expert)
    with pytest.raises(CaseTakenError):
        forward(world, case, to=panel_id)
    hours_later = later(world, hours=2)
    assert forward(hours_later, case, to=panel_id).panel_id == panel_id
    assert "case.lease_expired" in world.clinic.kinds()


def test_where_a_case_may_not_go(world: Consortium, case: Case) -> None:
    panel_id, _other = second_panel(world, services=["remote_consultation"])
    with pytest.raises(SamePanelError):
        forward(world, case, to=world.panel_id)
    for there in (panel_id, "0" * 32):
        with pytest.raises(PanelNotAgreedError):
            forward(world, case, to=there)
    assert world.clinic.do(world.leader, service_leader.list_targets, case_id=case.id) == []
    with pytest.raises(RefusedError):
        world.clinic.do(
            world.leader,
            service_leader.forward_case,
            case_id=case.id,
            to_panel_id=panel_id,
            reason="  ",
        )


def test_a_panel_that_lost_its_leader_is_sent_nothing(world: Consortium, case: Case) -> None:
    panel_id, other = second_panel(world)
    near = coordinator(world)
    tomorrow = leave_today(world, other)
    with pytest.raises(PanelUnledError):
        forward(tomorrow, case, to=panel_id, by=near)


def test_a_case_with_the_clinic_is_not_sent_on(world: Consortium, case: Case) -> None:
    panel_id, _other = second_panel(world)
    send_back(world, case, by=world.leader)
    with pytest.raises(ConflictError):
        forward(world, case, to=panel_id)


def test_a_rejected_case_and_its_patient_are_closed_to_the_panel(world: Consortium) -> None:
    case = make_read_case(world)
    do = world.clinic.do
    decline(world, case, by=world.expert, reason="非本专科")
    assert do(world.expert, cases.get_case, case_id=case.id).id == case.id
    do(world.leader, service_leader.reject_case, case_id=case.id, reason="请转神经科")
    for who in (world.expert, world.leader):
        with pytest.raises(NotFoundError):
            do(who, cases.get_case, case_id=case.id)
        with pytest.raises(NotFoundError):
            do(who, patients.get_patient, patient_id=case.patient_id)
    assert do(world.physician, cases.get_case, case_id=case.id).status is CaseStatus.REJECTED
