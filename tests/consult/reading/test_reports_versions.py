"""Amended and retracted reports: new signed versions, received and decided on anew (RPT-04)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from consult.cases import service as cases
from consult.cases.model import Case, CaseEventNotAllowedError, CaseStatus, CaseUndecidedError
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.practitioners.errors import LicenceExpiredError
from consult.queue.errors import CaseNotYoursError, NotOnPanelError
from consult.reports import service as reports
from consult.reports import service_amend, service_check, service_decide
from consult.reports.body import body_as_json
from consult.reports.changes import changes_in
from consult.reports.errors import (
    DraftMissingError,
    NotReportAuthorError,
    ReportRetractedError,
    ReportSupersededError,
    ReportUnreceivedError,
    ShownChangedError,
)
from consult.reports.model import (
    ReportStatus,
    ReportStepNotAllowedError,
    Validity,
)
from consult.reports.seal import SystemSeal
from consult.reports.service_decide import Decided
from consult.reports.verify import broken_parts, content_of
from consult.reports.versions import Choice, Decision, NextStep, Report, standing_of
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium, expire_licence
from tests.makers.owners import assert_one_owner_throughout
from tests.makers.reports import (
    amend,
    full_body,
    make_read_case,
    make_signed,
    off_panel,
    report_rules,
    retract,
    show,
    sign,
    write,
)
from tests.makers.tellings import after_rules, tell_patient

WHY = "复核发现右眼遗漏"


@pytest.fixture
def first(world: Consortium, seal: SystemSeal) -> Iterator[Report]:
    """A signed report; when the test ends its case has one owner a line."""
    report = make_signed(world, seal=seal)
    yield report
    assert_one_owner_throughout(world.clinic, report.case_id)


def test_an_amended_report_says_field_by_field_what_changed(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    second = amend(world, first, seal=seal, reason=WHY, advice="1 周内就诊", interval_months=1)

    told = {each.field: (each.before, each.after) for each in changes_in(content_of(second))}
    assert told == {"advice": ("4 周内到眼底病科就诊", "1 周内就诊"), "interval_months": (3, 1)}
    assert (second.version, second.status) == (2, ReportStatus.AMENDED)
    content: Any = content_of(second)
    assert content["amendment"]["reason"] == WHY
    assert content["previous_sha256"] == first.sha256
    assert "amendment_reason" not in content["body"]
    assert broken_parts(second, seal=seal) == ()


def test_the_first_version_stays_byte_for_byte_and_readable_with_its_standing(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    second = amend(world, first, seal=seal, advice="1 周内就诊")

    kept = world.clinic.do(world.physician, reports.get_report, report_id=first.id)
    versions = world.clinic.do(world.physician, reports.list_reports, case_id=first.case_id)
    assert kept == first
    assert broken_parts(kept, seal=seal) == ()
    assert [each.version for each in versions] == [2, 1]
    old, new = standing_of(kept, versions), standing_of(second, versions)
    assert (old.validity, old.by and old.by.version) == (Validity.AMENDED, 2)
    assert new.validity is Validity.VALID


def test_the_database_itself_refuses_to_change_a_signed_version(
    world: Consortium, first: Report
) -> None:
    for column in ("canonical = canonical", "status = 'retracted'", "sha256 = ''"):
        with pytest.raises(DBAPIError, match="never changes"):
            world.clinic.system(_run_sql, sql=f"UPDATE reports SET {column}")  # noqa: S608 - fixed
    assert world.clinic.do(world.physician, reports.get_report, report_id=first.id) == first


def test_the_inviting_side_receives_the_amendment_singly(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    _receive(world, first)
    second = amend(world, first, seal=seal, advice="1 周内就诊")
    waiting = _case(world, first)
    assert (waiting.status, waiting.amended) == (CaseStatus.REPORTED, True)

    with pytest.raises(ReportSupersededError) as superseded:
        _receive(world, first)
    _receive(world, second)

    assert superseded.value.newest == 2
    received = _case(world, first)
    assert (received.status, received.amended) == (CaseStatus.ACKNOWLEDGED, False)
    kinds = world.clinic.kinds()
    assert kinds.count("report.received") == 2
    assert kinds.count("case.amended") == 1


@pytest.mark.parametrize("step", [NextStep.FOLLOW_UP, NextStep.CLOSE])
def test_an_amendment_after_the_decision_is_decided_on_anew(
    world: Consortium, first: Report, seal: SystemSeal, step: NextStep
) -> None:
    _receive(world, first)
    _decide(world, first, next_step=step)
    second = amend(world, first, seal=seal, interval_months=1)
    again = _case(world, first)
    assert (again.status, again.decided_at, again.closed_at) == (CaseStatus.REPORTED, None, None)
    assert again.owner_id == world.physician.person
    with pytest.raises(CaseEventNotAllowedError):
        _decide(world, first)
    _receive(world, second)
    with pytest.raises(CaseUndecidedError):
        world.clinic.do(world.physician, _close, case_id=first.case_id)

    decision = _decide(world, first, next_step=NextStep.REFER)

    found = world.clinic.do(world.physician, reports.list_decisions, case_id=first.case_id)
    assert [each.report_id for each in found] == [second.id, first.id]
    assert decision.next_step is NextStep.REFER


def test_a_running_referral_goes_on_and_waits_for_a_new_decision(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    _receive(world, first)
    _decide(world, first, next_step=NextStep.REFER)
    world.clinic.do(world.physician, _refer, case_id=first.case_id, desk_id=world.leader.person)
    second = amend(world, first, seal=seal, advice="1 周内就诊")

    running = _case(world, first)
    assert (running.status, running.amended) == (CaseStatus.REFERRING, True)
    with pytest.raises(ReportUnreceivedError):
        _decide(world, first, next_step=NextStep.REFER)
    _receive(world, second)
    _decide(world, first, next_step=NextStep.REFER)
    kept = _case(world, first)
    assert (kept.status, kept.amended) == (CaseStatus.REFERRING, False)


def test_only_the_author_amends_on_the_panel_and_with_a_licence(
    world: Consortium, first: Report
) -> None:
    begin = service_amend.begin_amendment
    with pytest.raises(NotReportAuthorError):
        world.clinic.do(world.leader, begin, case_id=first.case_id)
    with pytest.raises(NotReportAuthorError):
        world.clinic.do(world.physician, begin, case_id=first.case_id)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, begin, case_id=first.case_id)
    with pytest.raises(NotOnPanelError):
        world.clinic.do(off_panel(world.expert), begin, case_id=first.case_id)
    expire_licence(world, world.expert.person)
    with pytest.raises(LicenceExpiredError):
        world.clinic.do(world.expert, begin, case_id=first.case_id)


def test_an_amendment_begins_as_the_signed_words_and_needs_a_reason_and_a_change(
    world: Consortium, first: Report
) -> None:
    case = _case(world, first)
    with pytest.raises(DraftMissingError):
        show(world, case, by=world.expert)
    draft = world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    again = world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    assert draft.content == body_as_json(full_body()) == again.content

    with pytest.raises(FormRefusedError) as no_reason:
        show(world, case, by=world.expert)
    write(world, case, by=world.expert, body=full_body(amendment_reason=WHY), revision=1)
    with pytest.raises(FormRefusedError) as no_change:
        show(world, case, by=world.expert)

    assert _codes(no_reason) == {"field-missing"}
    assert _codes(no_change) == {"amendment-changes-nothing"}
    checked = world.clinic.do(
        world.expert,
        service_check.check_content,
        case_id=case.id,
        content=body_as_json(full_body()),
        rules=report_rules(case.service_type),
    )
    assert [each.field for each in checked.problems] == ["amendment_reason"]


def test_an_amendment_signs_only_what_was_shown(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    case = _case(world, first)
    world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    body = full_body(advice="1 周内就诊", amendment_reason=WHY)
    write(world, case, by=world.expert, body=body, revision=1)
    shown = show(world, case, by=world.expert)
    write(world, case, by=world.expert, body=replace(body, advice="x"), revision=2)

    with pytest.raises(ShownChangedError):
        sign(world, case, by=world.expert, shown=shown, seal=seal)
    assert len(world.clinic.do(world.expert, reports.list_reports, case_id=case.id)) == 1


def test_an_amendment_that_is_given_up_leaves_the_report_as_it_was(
    world: Consortium, first: Report
) -> None:
    case = _case(world, first)
    world.clinic.do(world.expert, service_amend.begin_amendment, case_id=case.id)
    world.clinic.do(world.expert, service_amend.drop_amendment, case_id=case.id)

    assert world.clinic.do(world.expert, reports.get_draft, case_id=case.id) is None
    assert _case(world, first) == case
    with pytest.raises(CaseNotYoursError):
        write(world, case, by=world.expert)
    assert world.clinic.kinds()[-1] == "report.amendment_dropped"


@pytest.mark.parametrize("who", ["expert", "leader"])
def test_author_or_leader_takes_a_report_back_and_every_version_stays(
    world: Consortium, first: Report, seal: SystemSeal, who: str
) -> None:
    by = getattr(world, who)
    taken = retract(world, first, by=by, seal=seal)

    versions = world.clinic.do(world.physician, reports.list_reports, case_id=first.case_id)
    content: Any = content_of(taken)
    assert [each.status for each in versions] == [ReportStatus.RETRACTED, ReportStatus.FINAL]
    assert {standing_of(each, versions).validity for each in versions} == {Validity.RETRACTED}
    assert content["retraction"] == {
        "of_version": 1,
        "of_sha256": first.sha256,
        "cause": "wrong_patient",
        "reason": "照片属于另一位患者",
    }
    assert content["author"]["id"] == by.person
    assert "body" not in content
    assert broken_parts(taken, seal=seal) == ()
    assert _case(world, first).amended


def test_nobody_else_takes_a_report_back_nor_without_a_reason_nor_blindly(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    with pytest.raises(NotOnPanelError):
        retract(world, first, by=world.physician, seal=seal)
    with pytest.raises(NotFoundError):
        retract(world, first, by=world.stranger, seal=seal)
    with pytest.raises(NotOnPanelError):
        retract(world, first, by=off_panel(world.expert), seal=seal)
    with pytest.raises(RefusedError):
        retract(world, first, seal=seal, reason=" ")
    with pytest.raises(ShownChangedError):
        retract(world, first, seal=seal, of_sha256="0" * 64)
    assert len(world.clinic.do(world.expert, reports.list_reports, case_id=first.case_id)) == 1


def test_a_retracted_report_is_received_and_never_followed(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    taken = retract(world, first, seal=seal)
    _receive(world, taken)
    with pytest.raises(ReportRetractedError):
        _decide(world, first)
    with pytest.raises(ReportRetractedError):
        _decide(world, first, choice=Choice.NOT_ACCEPTED, reason="已撤销", next_step=NextStep.REFER)

    _decide(world, first, choice=Choice.NOT_ACCEPTED, reason="已撤销", next_step=NextStep.CLOSE)
    tell_patient(world, first.case_id)

    assert _case(world, first).status is CaseStatus.CLOSED


def test_a_retracted_report_is_retracted_once_and_may_be_replaced(
    world: Consortium, first: Report, seal: SystemSeal
) -> None:
    taken = retract(world, first, seal=seal)
    with pytest.raises(ReportStepNotAllowedError):
        retract(world, taken, seal=seal)

    third = amend(world, first, seal=seal, advice="1 周内就诊")

    assert (third.version, third.status) == (3, ReportStatus.AMENDED)
    content: Any = content_of(third)
    assert (content["amendment"]["of_version"], content["previous_sha256"]) == (1, taken.sha256)
    versions = world.clinic.do(world.physician, reports.list_reports, case_id=first.case_id)
    assert standing_of(third, versions).validity is Validity.VALID


def test_nothing_is_amended_or_retracted_before_it_is_signed(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_signed(world, seal=seal)
    other = make_read_case(world, document_number=citizen_number(44))
    waiting = replace(report, case_id=other.id)
    with pytest.raises(CaseEventNotAllowedError):
        world.clinic.do(world.expert, service_amend.begin_amendment, case_id=waiting.case_id)
    with pytest.raises(CaseEventNotAllowedError):
        retract(world, waiting, seal=seal)


def _case(world: Consortium, report: Report) -> Case:
    return world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)


def _run_sql(work: Work, *, sql: str) -> None:
    work.session.execute(text(sql))


def _receive(world: Consortium, report: Report) -> Report:
    return world.clinic.do(world.physician, service_decide.receive_report, report_id=report.id)


def _decide(world: Consortium, report: Report, **changes: Any) -> Decision:
    told: dict[str, Any] = {"choice": Choice.ACCEPTED, "next_step": NextStep.FOLLOW_UP}
    told |= {"reason": "患者要求在本院随访"}
    return world.clinic.do(
        world.physician,
        service_decide.decide_case,
        case_id=report.case_id,
        said=Decided(**{**told, **changes}),
        rules=after_rules(),
    )


def _close(work: Work, *, case_id: str) -> Case:
    return cases.step(work, cases.get_case(work, case_id), CaseStatus.CLOSED, kind="case.closed")


def _refer(work: Work, *, case_id: str, desk_id: PractitionerId) -> Case:
    case = cases.get_case(work, case_id)
    return cases.step(work, case, CaseStatus.REFERRING, kind="case.referring", owner_id=desk_id)


def _codes(refusal: "pytest.ExceptionInfo[FormRefusedError]") -> set[str]:
    return {problem.code for problem in refusal.value.problems}
