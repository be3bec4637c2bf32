"""A patient is waited for until she comes again, and closer where something asks for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from consult.cases import service as cases
from consult.cases.model import CaseStatus, ServiceType
from consult.journal.row_audit import RowsTold, check_rows
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.faults import Fault
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor, Work
from consult.people.patients import service as patients
from consult.reports import service_decide
from consult.reports.alerts.model import Called, Heard
from consult.reports.model import ReferralNeed
from consult.reports.recalls import service as recalls
from consult.reports.recalls.audit import KEPT
from consult.reports.recalls.errors import RecallChangedError, RecallOverError
from consult.reports.recalls.model import (
    BY_GRADE,
    Recall,
    RecallRules,
    RecallState,
    RecallView,
    parse_recall_rules,
)
from consult.reports.recalls.tables import RecallRow
from consult.reports.seal import SystemSeal
from consult.reports.tellings.service import CallSaid
from consult.reports.versions import NextStep, Report
from tests.makers.cases import SCREENING_ANSWERS, citizen_number, fill_in, make_draft, submit
from tests.makers.consortium import Consortium
from tests.makers.reports import (
    add_photographs,
    amend,
    full_body,
    make_read_case,
    prepare,
    retract,
    sign,
)
from tests.makers.rulebooks import broken, read_config
from tests.makers.second_readings import normal_body
from tests.makers.tellings import after_rules, decide

TRACKS = {"months_3": 3, "months_6": 6, "months_9": 9, "pregnancy": 3}


def rules() -> RecallRules:
    return after_rules().recalls


def decided(world: Consortium, seal: SystemSeal, number: int = 1, months: int = 12) -> Report:
    """A screening without a finding whose report asks for the next exam after so many months."""
    who = {"document_number": citizen_number(2 * number)}
    case = make_read_case(world, service_type=ServiceType.SCREENING_READ, **who)
    body = normal_body(interval_months=months)
    shown = prepare(world, case, by=world.expert, body=body)
    report = sign(world, case, by=world.expert, shown=shown, seal=seal)
    world.clinic.do(world.physician, service_decide.receive_report, report_id=report.id)
    decide(world, report.case_id, NextStep.FOLLOW_UP)
    return report


def the_recall(world: Consortium, case_id: str) -> Recall:
    return world.clinic.do(world.physician, recalls.get_recall, case_id=case_id)[1]


def act(world: Consortium, case_id: str, step: Callable[..., Recall], **said: Any) -> Recall:
    told = {"revision": the_recall(world, case_id).revision, **said}
    return world.clinic.do(world.physician, step, case_id=case_id, **told)


def tab(world: Consortium, view: RecallView, *, by: Actor | None = None) -> list[str]:
    found = world.clinic.do(by or world.physician, recalls.list_recalls, view=view, rules=rules())
    return [each.case_id for each in found]


def counts(world: Consortium) -> dict[RecallView, int]:
    return world.clinic.do(world.physician, recalls.count_recalls, rules=rules())


@pytest.mark.parametrize(
    ("months", "due"), [(12, date(2027, 1, 5)), (6, date(2026, 7, 5)), (1, date(2026, 2, 5))]
)
def test_the_next_exam_is_due_as_the_report_says_by_which_rules(
    world: Consortium, seal: SystemSeal, months: int, due: date
) -> None:
    report = decided(world, seal, months=months)
    recall = the_recall(world, report.case_id)
    assert (recall.due_on, recall.months, recall.track) == (due, months, BY_GRADE)
    assert recall.basis.startswith("grading ") or "20" in recall.basis
    assert recall.rules == f"recalls {rules().version}"
    (line,) = [each for each in world.clinic.lines() if each.kind == "recall.planned"]
    assert (line.codes["due_on"], line.codes["basis"]) == (due.isoformat(), recall.basis)


def test_the_overdue_list_is_what_sql_counts_however_the_clock_goes(
    world: Consortium, seal: SystemSeal
) -> None:
    for number, months in enumerate((1, 2, 3, 12), start=1):
        decided(world, seal, number, months)
    for days in (0, 20, 31, 32, 60, 95, 400):
        later = replace(world, clinic=world.clinic.later(days=days))
        today = later.clinic.now.date()

        def counted(work: Work, *, before: date = today) -> int:
            open_ones = RecallRow.state == RecallState.OPEN
            due = RecallRow.due_on < before
            return work.session.scalar(select(func.count()).where(open_ones, due)) or 0

        overdue = later.clinic.system(counted)
        assert len(tab(later, RecallView.OVERDUE)) == overdue == counts(later)[RecallView.OVERDUE]
        assert sum(counts(later).values()) == 4, "each stands on one tab"


@pytest.mark.parametrize(("track", "months"), TRACKS.items())
def test_a_track_brings_the_day_nearer_and_never_puts_it_off(
    world: Consortium, seal: SystemSeal, track: str, months: int
) -> None:
    yearly, soon = decided(world, seal, 1, 12), decided(world, seal, 2, 1)
    moved = act(world, yearly.case_id, recalls.change_track, track=track, rules=rules())
    assert moved.due_on == date(2026, 1 + months, 5)
    kept = act(world, soon.case_id, recalls.change_track, track=track, rules=rules())
    assert kept.due_on == date(2026, 2, 5)
    back = act(world, yearly.case_id, recalls.change_track, track=BY_GRADE, rules=rules())
    assert back.due_on == date(2027, 1, 5)


def test_an_unknown_track_is_refused(world: Consortium, seal: SystemSeal) -> None:
    report = decided(world, seal)
    with pytest.raises(RefusedError):
        act(world, report.case_id, recalls.change_track, track="months_1", rules=rules())


def test_a_reminder_is_kept_and_who_opts_out_is_called_no_more(
    world: Consortium, seal: SystemSeal
) -> None:
    report = decided(world, seal)
    said = CallSaid(Called.FAMILY, Heard.CALL_BACK, note="下周来")
    recall = act(world, report.case_id, recalls.log_call, said=said)
    (call,) = world.clinic.do(world.physician, recalls.list_calls, recall_ids=[recall.id])
    assert (call.whom, call.result, call.note) == (Called.FAMILY, Heard.CALL_BACK, "下周来")
    with pytest.raises(RefusedError):
        act(world, report.case_id, recalls.opt_out, reason="  ")
    ended = act(world, report.case_id, recalls.opt_out, reason="已搬走")
    assert (ended.state, ended.reason) == (RecallState.OPTED_OUT, "已搬走")
    assert tab(world, RecallView.LATER) == []
    assert tab(world, RecallView.DONE) == [report.case_id]
    with pytest.raises(RecallOverError):
        act(world, report.case_id, recalls.log_call, said=said)


def test_a_new_case_of_the_service_ends_the_waiting(world: Consortium, seal: SystemSeal) -> None:
    report = decided(world, seal)
    other = decided(world, seal, 2)
    patient_id = world.clinic.system(cases.get_case, case_id=report.case_id).patient_id
    later = replace(world, clinic=world.clinic.later(days=300))
    patient = later.clinic.do(later.physician, patients.get_patient, patient_id=patient_id)
    draft = make_draft(later, patient, service_type=ServiceType.SCREENING_READ)
    assert the_recall(later, report.case_id).is_open, "a draft ends nothing"
    add_photographs(later, draft)
    sent = submit(later, fill_in(later, draft, SCREENING_ANSWERS))
    assert sent.status is CaseStatus.ASSIGNED
    ended = the_recall(later, report.case_id)
    assert (ended.state, ended.ended_by_id) == (RecallState.CAME, later.physician.person)
    assert the_recall(later, other.case_id).is_open, "another patient is waited for"
    (line,) = [each for each in later.clinic.lines() if each.kind == "recall.came"]
    assert line.codes["by_case"] == sent.id


@pytest.mark.parametrize("change", [amend, retract])
def test_a_changed_report_moves_or_ends_the_recall_and_keeps_the_track(
    world: Consortium, seal: SystemSeal, change: Callable[..., Report]
) -> None:
    report = decided(world, seal)
    act(world, report.case_id, recalls.change_track, track="months_9", rules=rules())
    newer = change(world, report, seal=seal)
    recall = the_recall(world, report.case_id)
    if change is retract:
        assert recall.state is RecallState.REPLACED
        assert sum(counts(world).values()) == 0
    else:
        assert (recall.report_id, recall.track) == (newer.id, "months_9")
        assert recall.due_on == date(2026, 4, 5), "full_body asks for three months"
        assert sum(counts(world).values()) == 1


def test_a_report_that_names_no_interval_waits_for_nobody(
    world: Consortium, seal: SystemSeal
) -> None:
    case = make_read_case(world)
    body = full_body(need=ReferralNeed.REFER, interval_months=None)
    report = sign(
        world, case, by=world.expert, shown=prepare(world, case, by=world.expert, body=body),
        seal=seal,
    )  # fmt: skip
    world.clinic.do(world.physician, service_decide.receive_report, report_id=report.id)
    decide(world, case.id, NextStep.REFER)
    with pytest.raises(RecallOverError):
        the_recall(world, case.id)


def test_only_the_inviting_side_recalls(world: Consortium, seal: SystemSeal) -> None:
    report = decided(world, seal)
    for stranger in (world.expert, world.stranger):
        assert tab(world, RecallView.LATER, by=stranger) == []
        with pytest.raises(NotFoundError):
            world.clinic.do(
                stranger, recalls.opt_out, case_id=report.case_id, revision=1, reason="无"
            )
    with pytest.raises(RecallChangedError):
        act(world, report.case_id, recalls.opt_out, revision=9, reason="无")


def test_every_row_is_as_the_journal_tells_and_a_changed_one_is_named(
    world: Consortium, seal: SystemSeal
) -> None:
    report = decided(world, seal)
    act(world, report.case_id, recalls.change_track, track="pregnancy", rules=rules())
    assert faults(world) == set()

    def spoil(work: Work) -> None:
        for row in work.session.query(RecallRow):
            row.due_on = date(2030, 1, 1)

    world.clinic.system(spoil)
    assert faults(world) == {"recall-changed"}


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
        ("track.pregnancy.months", 0),
        ("track.pregnancy.zh", ""),
        ("soon_days", 0),
        ("on_for", ["tea"]),
        ("pause", 1),
    ],
)
def test_rules_that_nobody_could_follow_are_refused(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_recall_rules(broken(read_config("recalls.toml"), place, value))
