"""The patient is told what was found; until then she stands on a list, with a day and a person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from consult.access.model import ObjectType
from consult.calendar import service as calendar
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.journal.row_audit import RowsTold, check_rows
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.faults import Fault
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals import service as referrals
from consult.referrals import service_end, service_tell
from consult.referrals.model import ReferralStatus
from consult.reports import receipts, service_decide
from consult.reports import service as reports
from consult.reports.alerts.model import Called, Heard
from consult.reports.model import ReferralNeed, ReferralUrgency, ReportBody
from consult.reports.seal import SystemSeal
from consult.reports.tellings import service as tellings
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.audit import KEPT
from consult.reports.tellings.errors import (
    CallsTooFewError,
    RiskUntoldError,
    TellingChangedError,
    TellingOpenError,
    TellingOverError,
    TellingSinglyError,
    TellingUnreceivedError,
)
from consult.reports.tellings.model import (
    RiskSaid,
    Telling,
    TellingKind,
    TellingState,
    TellingWay,
    parse_telling_rules,
)
from consult.reports.tellings.service import CallSaid
from consult.reports.tellings.service_end import Outcome
from consult.reports.tellings.tables import PatientCallRow, TellingRow
from consult.reports.versions import NextStep, Report
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.readings import graded, ungradable
from tests.makers.referrals import Office, add_desk, book, clinic_facts, make_booked
from tests.makers.reports import amend, full_body, make_read_case, prepare, retract, sign
from tests.makers.rulebooks import broken, read_config
from tests.makers.second_readings import normal_body
from tests.makers.tellings import (
    after_rules,
    decide,
    tell_patient,
    telling_rules,
    tellings_of,
    to_be_told,
)


@pytest.fixture
def office(world: Consortium, seal: SystemSeal) -> Office:
    """The lead hospital's referral office."""
    desk = add_desk(world, "gao", name="高敏", at=world.lead_id)
    added = world.clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    return Office(world, seal, desk, added.id)


TOLD = Outcome(TellingState.TOLD, TellingWay.TELEPHONE)


def screened(
    world: Consortium, seal: SystemSeal, number: int, body: ReportBody | None = None
) -> Report:
    """A screening of one patient, read and signed."""
    who = {"document_number": citizen_number(2 * number)}
    case = make_read_case(world, service_type=ServiceType.SCREENING_READ, **who)
    shown = prepare(world, case, by=world.expert, body=body or normal_body())
    return sign(world, case, by=world.expert, shown=shown, seal=seal)


def receive(world: Consortium, report: Report) -> None:
    world.clinic.do(world.physician, service_decide.receive_report, report_id=report.id)


def decided(
    world: Consortium,
    seal: SystemSeal,
    number: int = 1,
    body: ReportBody | None = None,
    *,
    next_step: NextStep = NextStep.CLOSE,
) -> Case:
    """A screening with a finding that was received and decided."""
    report = screened(world, seal, number, body or full_body())
    receive(world, report)
    decide(world, report.case_id, next_step, reason="患者要求在本院随访")
    return case_of(world, report.case_id)


def accept(world: Consortium, *found: Report, accepts: bool = True) -> int:
    return world.clinic.do(
        world.physician,
        receipts.receive_together,
        report_ids=[report.id for report in found],
        accepts=accepts,
        rules=after_rules(),
    )


def case_of(world: Consortium, case_id: str) -> Case:
    return world.clinic.do(world.physician, cases.get_case, case_id=case_id)


def call(world: Consortium, case_id: str, result: Heard = Heard.NO_ANSWER, **said: Any) -> Telling:
    told = {"whom": Called.PATIENT, "result": result, **said}
    return world.clinic.do(
        world.physician,
        tellings.log_call,
        case_id=case_id,
        revision=tellings_of(world, case_id)[0].revision,
        said=CallSaid(**told),
    )


def tell_together(world: Consortium, *case_ids: str) -> int:
    return world.clinic.do(
        world.physician,
        telling_ends.tell_together,
        case_ids=list(case_ids),
        way=TellingWay.PAPER,
        rules=telling_rules(),
    )


def days_left(world: Consortium, telling: Telling) -> int:
    def today(work: Work) -> date:
        return organisations.today_at(work, telling.institution_id)

    return (telling.due_on - world.clinic.system(today)).days


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (normal_body(), TellingKind.PLAIN),
        (normal_body(left=graded(1)), TellingKind.FINDING),
        (normal_body(left=ungradable(), interval_months=6), TellingKind.UNGRADABLE),
        (full_body(), TellingKind.REFER),
        (
            full_body(need=ReferralNeed.URGENT, referral_urgency=ReferralUrgency.URGENT,
                      left=graded(4)),
            TellingKind.URGENT,
        ),
    ],
)  # fmt: skip
def test_the_more_pressing_the_finding_the_sooner_the_patient_is_told(
    world: Consortium, seal: SystemSeal, body: ReportBody, kind: TellingKind
) -> None:
    report = screened(world, seal, 1, body)
    receive(world, report)
    assert to_be_told(world) == [], "not before the decision"
    decide(world, report.case_id, NextStep.FOLLOW_UP, reason="患者要求在本院随访")
    (telling,) = to_be_told(world)
    assert (telling.kind, telling.report_id) == (kind, report.id)
    assert telling.owner_id == world.physician.person
    assert days_left(world, telling) == telling_rules().within[kind].days
    assert telling.rules == f"tellings {telling_rules().version}"
    assert "telling.opened" in world.clinic.kinds()


def test_a_case_with_a_finding_is_closed_once_its_patient_was_told(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal)
    assert case.status is CaseStatus.ACKNOWLEDGED
    told = tell_patient(world, case.id, TOLD)
    after = case_of(world, case.id)
    assert (after.status, after.told) == (CaseStatus.CLOSED, True)
    assert (told.state, told.way, told.ended_by_id) == (
        TellingState.TOLD,
        TellingWay.TELEPHONE,
        world.physician.person,
    )
    assert to_be_told(world) == []
    assert world.clinic.kinds()[-2:] == ["case.told", "case.closed"]


def test_a_case_in_follow_up_is_not_closed_before_its_patient_was_told(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal, next_step=NextStep.FOLLOW_UP)

    def close() -> Case:
        return world.clinic.do(
            world.physician,
            service_end.close_case,
            case_id=case.id,
            revision=case_of(world, case.id).revision,
        )

    with pytest.raises(TellingOpenError):
        close()
    tell_patient(world, case.id)
    assert close().status is CaseStatus.CLOSED


def test_of_twenty_with_three_findings_seventeen_are_closed_and_told_together(
    world: Consortium, seal: SystemSeal
) -> None:
    normal = [screened(world, seal, number) for number in range(1, 18)]
    found = [screened(world, seal, number, full_body()) for number in range(18, 21)]
    with pytest.raises(receipts.SinglyError):
        accept(world, *normal, found[0])
    assert accept(world, *normal) == 17
    statuses = [case_of(world, report.case_id).status for report in (*normal, *found)]
    assert statuses == [CaseStatus.CLOSED] * 17 + [CaseStatus.REPORTED] * 3
    kinds = world.clinic.kinds()
    assert [kinds.count(kind) for kind in ("case.decided", "case.closed")] == [17, 17]
    assert {each.case_id for each in to_be_told(world)} == {report.case_id for report in normal}
    assert tell_together(world, *(report.case_id for report in normal)) == 17
    assert to_be_told(world) == []
    assert world.clinic.kinds().count("case.told") == 17


def test_a_batch_receipt_alone_puts_the_patients_on_the_list_and_a_decision_not_again(
    world: Consortium, seal: SystemSeal
) -> None:
    report = screened(world, seal, 1)
    assert accept(world, report, accepts=False) == 1
    assert case_of(world, report.case_id).status is CaseStatus.ACKNOWLEDGED
    (telling,) = to_be_told(world)
    decide(world, report.case_id, NextStep.CLOSE)
    assert [each.id for each in tellings_of(world, report.case_id)] == [telling.id]
    assert case_of(world, report.case_id).status is CaseStatus.CLOSED, "nothing was found"


def test_whom_a_colleague_told_is_passed_over_and_who_has_a_finding_takes_none_along(
    world: Consortium, seal: SystemSeal
) -> None:
    first, second = screened(world, seal, 1), screened(world, seal, 2)
    accept(world, first, second)
    tell_patient(world, first.case_id, by=world.colleague)
    abnormal = decided(world, seal, 3)
    with pytest.raises(TellingSinglyError):
        tell_together(world, second.case_id, abnormal.id)
    assert len(to_be_told(world)) == 2, "all or none"
    assert tell_together(world, first.case_id, second.case_id, second.case_id) == 1


def test_a_refusal_says_that_the_risk_was_told_and_whether_it_was_signed(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal, next_step=NextStep.REFER)
    refused = Outcome(TellingState.REFUSED, TellingWay.IN_PERSON, reason="要先和家人商量")
    with pytest.raises(RiskUntoldError):
        tell_patient(world, case.id, refused)
    told = tell_patient(
        world,
        case.id,
        Outcome(
            TellingState.REFUSED,
            TellingWay.IN_PERSON,
            reason="要先和家人商量",
            risk=RiskSaid.SIGNED,
        ),
    )
    assert (told.state, told.risk) == (TellingState.REFUSED, RiskSaid.SIGNED)
    entry = next(line for line in world.clinic.lines() if line.kind == "case.told")
    assert (entry.codes["state"], entry.codes["risk"]) == ("refused", "signed")
    assert "要先和家人商量" not in str(dict(entry.codes)), "what was typed is no code"


@pytest.mark.parametrize(
    "said",
    [
        Outcome(TellingState.TOLD),
        Outcome(TellingState.REFUSED, reason="不去", risk=RiskSaid.TOLD),
        Outcome(TellingState.ELSEWHERE, reason="  "),
        Outcome(TellingState.REPLACED, reason="无"),
        Outcome(TellingState.OPEN, reason="无"),
        Outcome(TellingState.ELSEWHERE, reason="长" * 501),
    ],
)
def test_what_is_missing_or_cannot_be_said_is_refused(
    world: Consortium, seal: SystemSeal, said: Outcome
) -> None:
    case = decided(world, seal)
    with pytest.raises(RefusedError):
        tell_patient(world, case.id, said)
    assert len(to_be_told(world)) == 1


def test_a_patient_is_lost_only_after_enough_calls_on_enough_days(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal)
    lost = Outcome(TellingState.LOST, reason="多次未接通")
    rules = telling_rules()
    for _ in range(rules.least_calls):
        call(world, case.id)
    with pytest.raises(CallsTooFewError):
        tell_patient(world, case.id, lost)
    next_day = replace(world, clinic=world.clinic.later(days=1))
    call(next_day, case.id, Heard.REACHED)
    with pytest.raises(CallsTooFewError):
        tell_patient(next_day, case.id, lost)
    call(next_day, case.id, Heard.WRONG_NUMBER, note="号码是隔壁的")
    assert tell_patient(next_day, case.id, lost).state is TellingState.LOST
    after = case_of(next_day, case.id)
    assert (after.status, after.told) == (CaseStatus.CLOSED, False)


def test_the_other_side_is_not_called_about_this_task(world: Consortium, seal: SystemSeal) -> None:
    case = decided(world, seal)
    with pytest.raises(RefusedError):
        call(world, case.id, whom=Called.OTHER_SIDE)


@pytest.mark.parametrize("change", [amend, retract])
def test_a_changed_answer_puts_the_patient_back_on_the_list_singly(
    world: Consortium, seal: SystemSeal, change: Callable[..., Report]
) -> None:
    report = screened(world, seal, 1)
    accept(world, report)
    tell_patient(world, report.case_id)
    assert to_be_told(world) == []
    newer = change(world, report, seal=seal)
    (telling,) = to_be_told(world)
    assert (telling.report_id, telling.kind.value) == (
        newer.id,
        "refer" if change is amend else "retracted",
    )
    with pytest.raises(TellingUnreceivedError):
        tell_patient(world, report.case_id)
    receive(world, newer)
    tell_patient(world, report.case_id)
    assert to_be_told(world) == []


def test_an_open_task_is_replaced_by_the_changed_answer(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal)
    old = tellings_of(world, case.id)[0]
    report = world.clinic.system(_newest_report, case_id=case.id)
    amend(world, report, seal=seal, advice="3 个月内复查")
    new, replaced = tellings_of(world, case.id)
    assert (replaced.id, replaced.state) == (old.id, TellingState.REPLACED)
    assert new.is_open
    with pytest.raises(TellingChangedError):
        tell_patient(world, case.id, revision=9)


def _newest_report(work: Work, *, case_id: str) -> Report:
    return reports.list_reports(work, case_id)[0]


def test_a_version_that_nobody_was_told_of_puts_nobody_on_the_list(
    world: Consortium, seal: SystemSeal
) -> None:
    amend(world, screened(world, seal, 1), seal=seal)
    assert to_be_told(world) == []


def test_who_refuses_at_the_telling_ends_the_referral_too(office: Office) -> None:
    referral, _ = make_booked(office)
    world, case_id = office.world, referral.case_id
    world.clinic.do(
        world.physician,
        service_tell.record_outcome,
        case_id=case_id,
        revision=tellings_of(world, case_id)[0].revision,
        said=Outcome(
            TellingState.REFUSED, TellingWay.TELEPHONE, reason="家中有事", risk=RiskSaid.TOLD
        ),
        rules=telling_rules(),
        booking=book().referrals,
    )
    (ended,) = world.clinic.system(referrals.list_referrals, case_id=case_id)
    assert (ended.status, ended.end_reason) == (ReferralStatus.PATIENT_DECLINED, "家中有事")
    assert case_of(world, case_id).status is CaseStatus.FOLLOW_UP


def test_the_referral_that_ended_elsewhere_is_not_told_twice(office: Office) -> None:
    referral, _ = make_booked(office)
    world = office.world
    assert len(to_be_told(world)) == 1
    now = world.clinic.system(referrals.get_referral, referral_id=referral.id)
    world.clinic.do(
        world.physician,
        service_end.end_referral,
        referral_id=referral.id,
        revision=now.revision,
        how=ReferralStatus.OUTSIDE,
        reason="已在市一院就诊",
    )
    assert to_be_told(world) == []
    assert tellings_of(world, referral.case_id)[0].state is TellingState.ELSEWHERE


def test_only_the_inviting_side_tells_and_once(world: Consortium, seal: SystemSeal) -> None:
    case = decided(world, seal)
    for stranger in (world.expert, world.stranger):
        with pytest.raises(NotFoundError):
            tell_patient(world, case.id, by=stranger)
        assert to_be_told(world, by=stranger) == []
    tell_patient(world, case.id)
    with pytest.raises(TellingOverError):
        tell_patient(world, case.id)


def test_a_colleague_takes_the_task_over_and_the_journal_says_from_whom(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal)
    revision = tellings_of(world, case.id)[0].revision
    taken = world.clinic.do(world.colleague, tellings.take_over, case_id=case.id, revision=revision)
    assert taken.owner_id == world.colleague.person
    (line,) = [each for each in world.clinic.lines() if each.kind == "telling.taken"]
    assert (line.object_type, line.codes["left"]) == (ObjectType.CASE, world.physician.person)


def test_every_row_is_as_the_journal_tells_and_a_changed_one_is_named(
    world: Consortium, seal: SystemSeal
) -> None:
    case = decided(world, seal)
    call(world, case.id)
    tell_patient(world, case.id)
    assert faults(world) == set()

    def spoil(work: Work) -> None:
        for row in work.session.query(TellingRow):
            row.way = TellingWay.PAPER
        for row in work.session.query(PatientCallRow):
            row.note = "改过"

    world.clinic.system(spoil)
    assert faults(world) == {"telling-changed", "patient-call-changed"}


def faults(world: Consortium) -> set[str]:
    """What a check of the stored rows finds against the journal."""
    told = RowsTold(KEPT)
    for line in world.clinic.lines():
        told.note(line)

    def look(session: Any) -> set[str]:
        found = check_rows(session, told, vault=world.clinic.vault)
        return {each.kind for each in found if isinstance(each, Fault)}

    return world.clinic.units.read(look).result(timeout=60)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("within_days.plain", None),
        ("within_days.urgent", -1),
        ("lost.least_calls", 1),
        ("lost.least_days", 0),
        ("most", 0),
    ],
)
def test_rules_that_leave_something_open_are_refused(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_telling_rules(
            broken(read_config("tellings.toml"), place, value), plain=telling_rules().plain
        )


def test_the_periods_of_the_house_grow_from_the_most_pressing() -> None:
    within = telling_rules().within
    assert within[TellingKind.URGENT] == timedelta(0)
    assert [within[kind] for kind in TellingKind] == sorted(within.values())
