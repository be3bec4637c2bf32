"""Receipt and decision of the inviting side, each once."""

from typing import Any

import pytest

from consult.cases import service as cases
from consult.cases.model import Case, CaseEventNotAllowedError, CaseStatus
from consult.kernel.errors import NotFoundError
from consult.reports import service_decide
from consult.reports.errors import (
    CaseDecidedError,
    ReasonNeededError,
    ReferralReasonNeededError,
    ReportReceivedError,
)
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.seal import SystemSeal
from consult.reports.service_decide import Decided
from consult.reports.versions import Choice, NextStep, Report
from tests.makers.consortium import Consortium
from tests.makers.owners import assert_one_owner_throughout
from tests.makers.reports import (
    at_once,
    full_body,
    make_signed,
    prepare,
    sign,
)
from tests.makers.tellings import after_rules, tell_patient

ANSWER = {"choice": Choice.ACCEPTED, "next_step": NextStep.FOLLOW_UP, "note": ""}
ANSWER |= {"reason": "患者要求在本院随访"}


def test_receipt_comes_before_the_decision_and_each_only_once(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    report = sign(
        world, case, by=world.expert, shown=prepare(world, case, by=world.expert), seal=seal
    )
    with pytest.raises(CaseEventNotAllowedError):
        _decide(world, case)
    _receive(world, report)
    with pytest.raises(ReportReceivedError):
        _receive(world, report)

    _decide(world, case)

    with pytest.raises(CaseDecidedError):
        _decide(world, case)
    followed = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (followed.status, followed.owner_id) == (CaseStatus.FOLLOW_UP, world.physician.person)


@pytest.mark.parametrize("choice", [Choice.PARTLY, Choice.NOT_ACCEPTED])
def test_an_opinion_not_followed_in_full_needs_a_reason(
    world: Consortium, seal: SystemSeal, choice: Choice
) -> None:
    report = make_signed(world, seal=seal)
    _receive(world, report)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)

    with pytest.raises(ReasonNeededError):
        _decide(world, case, choice=choice, reason="  ")
    decision = _decide(world, case, choice=choice, reason="患者要求本院复查")

    assert decision.reason == "患者要求本院复查"


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (NextStep.REFER, CaseStatus.ACKNOWLEDGED),
        (NextStep.FOLLOW_UP, CaseStatus.FOLLOW_UP),
        (NextStep.CLOSE, CaseStatus.CLOSED),
    ],
)
def test_the_decision_moves_the_case(
    world: Consortium, seal: SystemSeal, step: NextStep, status: CaseStatus
) -> None:
    report = make_signed(world, seal=seal)
    _receive(world, report)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)

    _decide(world, case, next_step=step)
    if step is NextStep.CLOSE:
        waits = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
        assert waits.status is CaseStatus.ACKNOWLEDGED, "not before the patient was told"
        tell_patient(world, case.id)

    after = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (after.status, after.decided_at) == (status, world.clinic.now)
    assert_one_owner_throughout(world.clinic, case.id)


@pytest.mark.parametrize("need", list(ReferralNeed))
@pytest.mark.parametrize("step", list(NextStep))
def test_a_referral_that_is_asked_for_is_not_passed_over_in_silence(
    world: Consortium, seal: SystemSeal, need: ReferralNeed, step: NextStep
) -> None:
    body = full_body(need=need)
    if need is not ReferralNeed.REFER:
        urgency = ReferralUrgency.URGENT if need is ReferralNeed.URGENT else None
        body = full_body(need=need, referral_urgency=urgency, override_reason="激光术后稳定")
    report = make_signed(world, seal=seal, body=body)
    _receive(world, report)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)
    if step is not NextStep.REFER and need is not ReferralNeed.NONE:
        with pytest.raises(ReferralReasonNeededError):
            _decide(world, case, next_step=step, reason=" ")
        assert _decide(world, case, next_step=step).reason == ANSWER["reason"]
    else:
        assert _decide(world, case, next_step=step, reason="").reason == ""


def test_a_referral_confirms_the_receipt_and_both_are_written_down(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_signed(world, seal=seal)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)
    assert case.status is CaseStatus.REPORTED
    with pytest.raises(CaseEventNotAllowedError):
        _decide(world, case, next_step=NextStep.CLOSE)
    assert "report.received" not in world.clinic.kinds()
    _decide(world, case, next_step=NextStep.REFER, reason="")
    after = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (after.status, after.decided_at) == (CaseStatus.ACKNOWLEDGED, world.clinic.now)
    kinds = world.clinic.kinds()
    assert [kinds.count(each) for each in ("report.received", "case.decided")] == [1, 1]
    assert kinds.index("report.received") < kinds.index("case.decided")
    with pytest.raises(ReportReceivedError):
        _receive(world, report)


def test_only_the_inviting_side_receives_and_decides(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    case = world.clinic.do(world.expert, cases.get_case, case_id=report.case_id)

    for actor in (world.expert, world.stranger):
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, service_decide.receive_report, report_id=report.id)
        with pytest.raises(NotFoundError):
            world.clinic.do(
                actor,
                service_decide.decide_case,
                case_id=case.id,
                said=Decided(**ANSWER),
                rules=after_rules(),
            )


def test_of_ten_receipts_at_once_exactly_one_stands(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    futures = at_once(
        10,
        lambda: world.clinic.start(
            world.physician, service_decide.receive_report, report_id=report.id
        ),
    )

    failures = [type(failure) for future in futures if (failure := future.exception())]
    assert failures == [ReportReceivedError] * 9


def _receive(world: Consortium, report: Report) -> Report:
    return world.clinic.do(world.physician, service_decide.receive_report, report_id=report.id)


def _decide(world: Consortium, case: Case, **changes: Any) -> Any:
    return world.clinic.do(
        world.physician,
        service_decide.decide_case,
        case_id=case.id,
        said=Decided(**{**ANSWER, **changes}),
        rules=after_rules(),
    )
