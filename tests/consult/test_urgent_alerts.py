"""An urgent alert is on somebody's hands until a person confirms it, whatever the clock does."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.journal.row_audit import RowsTold, check_rows
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId, ReportId
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor, Role
from consult.people.duty import leaves
from consult.people.duty import service as duty
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.referrals import service_end
from consult.reports import service_decide
from consult.reports.alerts import clock
from consult.reports.alerts import service as alerts
from consult.reports.alerts.audit import KEPT
from consult.reports.alerts.errors import AlertChangedError, AlertOpenError, AlertOverError
from consult.reports.alerts.model import (
    Alert,
    AlertContact,
    AlertPart,
    AlertRules,
    AlertState,
    Called,
    Escalation,
    Heard,
    parse_alert_rules,
)
from consult.reports.alerts.service import Said
from consult.reports.alerts.tables import AlertCallRow, AlertRow, EscalationRow
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.seal import SystemSeal
from consult.reports.service_decide import Decided
from consult.reports.versions import Choice, NextStep, Report
from server import duties, transactions
from server.keys import RULES, UNITS
from tests.makers.cases import citizen_number
from tests.makers.clinic import MORNING
from tests.makers.consortium import AFFILIATED_DAYS, Consortium
from tests.makers.reports import (
    amend,
    full_body,
    make_read_case,
    make_signed,
    prepare,
    retract,
    sign,
)
from tests.makers.rulebooks import read_config
from tests.makers.tellings import after_rules, tell_patient

AT_ONCE = {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.EMERGENCY}
PARTS = [AlertPart.COORDINATOR, AlertPart.PANEL_LEADER, AlertPart.CONSORTIUM_ADMINISTRATOR]


@cache
def rules() -> AlertRules:
    return parse_alert_rules(read_config("urgent_alerts.toml"))


@pytest.fixture
def urgent(world: Consortium, seal: SystemSeal) -> Report:
    return make_signed(world, seal=seal, body=full_body(**AT_ONCE))


def open_alert(world: Consortium, report: Report) -> Alert | None:
    case = case_of(world, report)
    found = world.clinic.do(world.physician, alerts.list_of_case, case=case)
    return next((each for each in found if each.is_open), None)


def the_alert(world: Consortium, report: Report) -> Alert:
    found = open_alert(world, report)
    assert found is not None
    return found


def case_of(world: Consortium, report: Report) -> Case:
    return world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)


def confirm(
    world: Consortium,
    alert: Alert,
    *,
    by: Actor | None = None,
    contact: AlertContact = AlertContact.PATIENT,
    note: str = "",
) -> Alert:
    return world.clinic.do(
        by or world.physician,
        alerts.confirm_alert,
        case_id=alert.case_id,
        revision=alert.revision,
        contact=contact,
        note=note,
    )


def call(world: Consortium, alert: Alert, by: Actor, **said: Any) -> Alert:
    told = {"whom": Called.OTHER_SIDE, "result": Heard.REACHED, **said}
    return world.clinic.do(
        by, alerts.log_call, case_id=alert.case_id, revision=alert.revision, said=Said(**told)
    )


def before(world: Consortium, who: Actor) -> list[str]:
    return [alert.id for alert in world.clinic.do(who, alerts.list_before_actor)[0]]


def tick(world: Consortium, **later: float) -> int:
    then = world.clinic.later(**later)
    due = then.system(clock.list_due)
    for alert in due:
        then.system(clock.escalate, alert=alert, rules=rules())
    return len(due)


def steps(world: Consortium, alert: Alert) -> list[Escalation]:
    return world.clinic.do(world.physician, alerts.list_steps, alert=alert)


def decide(world: Consortium, report: Report, next_step: NextStep) -> None:
    world.clinic.do(
        world.physician,
        service_decide.decide_case,
        case_id=report.case_id,
        said=Decided(Choice.ACCEPTED, next_step, reason="已在外院就诊"),
        rules=after_rules(),
    )


def add_person(world: Consortium, login: str, *, at: str, role: Role) -> str:
    today = world.clinic.now.date()
    person = world.clinic.system(
        practitioners.add_practitioner,
        login=login,
        profile=Profile(name=login, title="office_head"),
        affiliation=NewAffiliation(
            at, frozenset({role}), from_on=today - timedelta(days=AFFILIATED_DAYS)
        ),
        password_hash="",
    )
    return str(person.id)


def faults(world: Consortium) -> set[str]:
    """What a check of the stored rows finds against the journal."""
    told = RowsTold(KEPT)
    for line in world.clinic.lines():
        told.note(line)

    def look(session: Any) -> set[str]:
        found = check_rows(session, told, vault=world.clinic.vault)
        return {each.kind for each in found if hasattr(each, "kind")}

    return world.clinic.units.read(look).result(timeout=60)


def test_a_report_that_cannot_wait_stands_before_the_whole_clinic_and_one_person_has_it(
    world: Consortium, urgent: Report
) -> None:
    alert = the_alert(world, urgent)
    assert alert.owner_id == world.physician.practitioner_id
    assert (alert.report_id, alert.institution_id) == (urgent.id, world.centre_id)
    for who in (world.physician, world.colleague, world.photographer):
        assert before(world, who) == [alert.id]
    assert before(world, world.stranger) == []
    assert before(world, world.expert) == []
    raised = [line for line in world.clinic.lines() if line.kind == "alert.raised"]
    assert [(line.case_id, line.codes["alert_owner"]) for line in raised] == [
        (urgent.case_id, alert.owner_id)
    ]


@pytest.mark.parametrize("urgency", [ReferralUrgency.ROUTINE, ReferralUrgency.URGENT])
def test_a_report_that_can_wait_raises_none(
    world: Consortium, seal: SystemSeal, urgency: ReferralUrgency
) -> None:
    report = make_signed(world, seal=seal, body=full_body(referral_urgency=urgency))
    assert open_alert(world, report) is None
    assert "alert.raised" not in world.clinic.kinds()


def test_a_case_is_not_closed_before_somebody_confirmed_its_alert(
    world: Consortium, urgent: Report
) -> None:
    world.clinic.do(world.physician, service_decide.receive_report, report_id=urgent.id)
    with pytest.raises(AlertOpenError):
        decide(world, urgent, NextStep.CLOSE)
    decide(world, urgent, NextStep.FOLLOW_UP)
    case = case_of(world, urgent)
    with pytest.raises(AlertOpenError):
        close(world, case)
    confirm(world, the_alert(world, urgent))
    tell_patient(world, case.id)
    close(world, case_of(world, urgent))
    assert case_of(world, urgent).status is CaseStatus.CLOSED


def close(world: Consortium, case: Case) -> None:
    world.clinic.do(
        world.physician, service_end.close_case, case_id=case.id, revision=case.revision
    )


def test_a_confirmation_says_who_was_told_and_ends_the_alert_once(
    world: Consortium, urgent: Report
) -> None:
    alert = the_alert(world, urgent)
    with pytest.raises(RefusedError):
        confirm(world, alert, contact=AlertContact.ARRANGED, note=" ")
    ended = confirm(
        world, alert, by=world.colleague, contact=AlertContact.ARRANGED, note="村医上门通知"
    )
    assert (ended.state, ended.ended_by_id, ended.note) == (
        AlertState.CONFIRMED,
        world.colleague.practitioner_id,
        "村医上门通知",
    )
    assert before(world, world.physician) == []
    with pytest.raises(AlertOverError):
        confirm(world, alert)
    assert tick(world, hours=9) == 0


def test_the_invited_side_confirms_by_reaching_somebody_on_the_telephone_and_not_otherwise(
    world: Consortium, urgent: Report
) -> None:
    alert = the_alert(world, urgent)
    with pytest.raises(NotFoundError):
        confirm(world, alert, by=world.expert)
    call(world, alert, world.expert, result=Heard.NO_ANSWER)
    call(world, alert, world.expert, whom=Called.PATIENT, spoken_to="本人")
    call(world, alert, world.physician, spoken_to="李文博")
    with pytest.raises(RefusedError):
        call(world, alert, world.expert)
    assert the_alert(world, urgent) == alert
    ended = call(world, alert, world.expert, spoken_to="陈立民", note="20:50 已告知")
    assert ended.state is AlertState.CALLED
    calls = world.clinic.do(world.physician, alerts.list_calls, alerts=[alert])
    assert (calls[0].spoken_to, calls[0].result) == ("陈立民", Heard.REACHED)
    assert len(calls) == 4
    assert world.clinic.kinds().count("alert.called") == 4
    assert not any("陈立民" in str(line.codes) for line in world.clinic.lines())


def test_of_two_who_confirm_at_once_the_second_is_told(world: Consortium, urgent: Report) -> None:
    alert = the_alert(world, urgent)
    tick(world, minutes=15)
    with pytest.raises(AlertChangedError):
        confirm(world, alert)
    confirm(world, the_alert(world, urgent))


def test_nobody_can_answer_an_alert_of_another_clinic(world: Consortium, urgent: Report) -> None:
    alert = the_alert(world, urgent)
    with pytest.raises(NotFoundError):
        confirm(world, alert, by=world.stranger)
    with pytest.raises(NotFoundError):
        call(world, alert, world.stranger, spoken_to="陈立民")


def test_an_alert_that_nobody_confirms_goes_on_at_its_minutes(
    world: Consortium, urgent: Report
) -> None:
    coordinator = add_person(world, "qian", at=world.lead_id, role=Role.COORDINATOR)
    admin = add_person(world, "ma", at=world.lead_id, role=Role.CONSORTIUM_ADMINISTRATOR)
    alert = the_alert(world, urgent)
    assert tick(world, minutes=14, seconds=59) == 0
    for minutes, count in ((15, 1), (16, 1), (30, 2), (59, 2), (60, 3), (119, 3), (120, 4)):
        tick(world, minutes=minutes)
        assert len(steps(world, alert)) == count, minutes
        assert world.clinic.kinds().count("alert.escalated") == count
    gone = steps(world, alert)
    assert [step.part for step in gone] == [*PARTS, AlertPart.CONSORTIUM_ADMINISTRATOR]
    assert [step.person_id for step in gone] == [
        coordinator, world.leader.practitioner_id, admin, admin,
    ]  # fmt: skip
    leader = before(world, world.leader)
    assert leader == [alert.id], "whom it went on to has it before her too"
    assert the_alert(world, urgent).owner_id == alert.owner_id


def test_an_alert_goes_on_to_nobody_who_is_on_leave_while_another_is_there(
    world: Consortium, urgent: Report
) -> None:
    people = {
        login: add_person(world, login, at=place, role=role)
        for login, place, role in (
            ("qian-1", world.lead_id, Role.COORDINATOR),
            ("qian-2", world.lead_id, Role.COORDINATOR),
            ("ma-1", world.lead_id, Role.CONSORTIUM_ADMINISTRATOR),
            ("ma-2", world.other_id, Role.CONSORTIUM_ADMINISTRATOR),
        )
    }
    for login in ("qian-1", "ma-1"):
        take_leave(world, people[login], at=world.lead_id)
    tick(world, hours=1)
    found = [step.person_id for step in steps(world, the_alert(world, urgent))]
    assert found == [people["qian-2"], world.leader.practitioner_id, people["ma-2"]]

    for login, place in (("qian-2", world.lead_id), ("ma-2", world.other_id)):
        take_leave(world, people[login], at=place)
    tick(world, hours=2)
    last = steps(world, the_alert(world, urgent))[-1]
    assert last.person_id == people["ma-1"], "where all are away, somebody is told all the same"


def take_leave(world: Consortium, person: str, *, at: str) -> None:
    """She is on leave from there today."""
    today = world.clinic.now.date()
    away = {"day_from": today, "day_until": today, "substitute_id": None}
    actor = Actor(PractitionerId(person), InstitutionId(at))
    world.clinic.do(actor, leaves.add_leave, expert_id=PractitionerId(person), **away)


def test_whoever_answers_for_a_panel_that_lost_its_leader_is_there_too(
    world: Consortium,
) -> None:
    first, second = (
        add_person(world, login, at=world.lead_id, role=Role.COORDINATOR)
        for login in ("qian-1", "qian-2")
    )
    panel = world.clinic.system(organisations.panel_in_use, panel_id=world.panel_id)
    nobody = replace(panel, leader_id=world.stranger.person)
    assert world.clinic.system(duty.answering, panel=nobody) == first
    take_leave(world, first, at=world.lead_id)
    assert world.clinic.system(duty.answering, panel=nobody) == second


def test_of_many_alerts_the_newest_stand_first_and_the_rest_is_counted(
    world: Consortium, seal: SystemSeal, urgent: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = replace(world, clinic=world.clinic.later(minutes=5))
    case = make_read_case(later, name="李秀珍", document_number=citizen_number(6))
    shown = prepare(later, case, by=world.expert, body=full_body(**AT_ONCE))
    newer = sign(later, case, by=world.expert, shown=shown, seal=seal)
    both = [the_alert(world, report).id for report in (newer, urgent)]
    assert before(world, world.physician) == both
    monkeypatch.setattr(alerts, "MOST_SHOWN", 1)
    found, count = world.clinic.do(world.physician, alerts.list_before_actor)
    assert ([alert.id for alert in found], count) == (both[:1], 2)


async def test_an_alert_that_cannot_be_passed_on_keeps_no_other_from_it(
    world: Consortium, seal: SystemSeal, urgent: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = replace(world, clinic=world.clinic.later(minutes=1))
    case = make_read_case(later, name="李秀珍", document_number=citizen_number(6))
    shown = prepare(later, case, by=world.expert, body=full_body(**AT_ONCE))
    other = sign(later, case, by=world.expert, shown=shown, seal=seal)
    spoilt = update(AlertRow).where(AlertRow.case_id == urgent.case_id).values(case_id="0" * 32)
    world.clinic.units.write(lambda session: session.execute(spoilt) and None).result(timeout=60)
    app = web.Application()
    app[UNITS] = world.clinic.units
    app[RULES] = SimpleNamespace(alerts=rules())  # type: ignore[assignment]
    monkeypatch.setattr(transactions, "utc_now", lambda: world.clinic.now + timedelta(minutes=40))
    await duties.escalate_alerts(app)
    assert len(steps(world, the_alert(world, other))) == len(PARTS) - 1
    gone = [line.case_id for line in world.clinic.lines() if line.kind == "alert.escalated"]
    assert set(gone) == {other.case_id}


def test_a_part_that_nobody_holds_is_passed_over_and_written_down(
    world: Consortium, urgent: Report
) -> None:
    tick(world, hours=1)
    gone = steps(world, the_alert(world, urgent))
    assert [(step.part, step.person_id) for step in gone] == [
        (AlertPart.COORDINATOR, None),
        (AlertPart.PANEL_LEADER, world.leader.practitioner_id),
        (AlertPart.CONSORTIUM_ADMINISTRATOR, None),
    ]


def test_a_clock_that_jumps_tells_every_part_once_and_makes_up_for_one_repetition(
    world: Consortium, urgent: Report
) -> None:
    tick(world, hours=10)
    tick(world, hours=10)
    alert = the_alert(world, urgent)
    assert [step.step for step in steps(world, alert)] == [0, 1, 2, 11]
    assert alert.next_at == alert.raised_at + timedelta(hours=11)


def test_a_clock_that_was_set_back_takes_no_step_twice(world: Consortium, urgent: Report) -> None:
    tick(world, minutes=30)
    tick(world, minutes=-30)
    tick(world, minutes=30)
    assert [step.step for step in steps(world, the_alert(world, urgent))] == [0, 1]


def test_an_alert_whose_owner_has_left_is_given_to_a_colleague(
    world: Consortium, urgent: Report
) -> None:
    alert = the_alert(world, urgent)
    [place] = world.clinic.system(
        affiliations.list_affiliations, practitioner_ids=[str(alert.owner_id)]
    )
    world.clinic.system(
        affiliations.stop_affiliation, affiliation_id=place.id, revision=place.revision
    )
    tick(world, minutes=15)
    found = world.clinic.do(world.colleague, alerts.list_of_case, case=_case(world, urgent))
    assert found[0].owner_id == world.colleague.practitioner_id
    assert "alert.rehomed" in world.clinic.kinds()


def _case(world: Consortium, report: Report) -> Case:
    return world.clinic.do(world.colleague, cases.get_case, case_id=report.case_id)


def test_a_later_urgent_version_is_confirmed_anew(
    world: Consortium, seal: SystemSeal, urgent: Report
) -> None:
    first = the_alert(world, urgent)
    second = amend(world, urgent, seal=seal, impression="左眼视网膜脱离", **AT_ONCE)
    alert = the_alert(world, urgent)
    assert (alert.id != first.id, alert.report_id) == (True, second.id)
    found = world.clinic.do(world.physician, alerts.list_of_case, case=case_of(world, urgent))
    assert [each.state for each in found] == [AlertState.OPEN, AlertState.REPLACED]
    confirm(world, alert)
    amend(world, second, seal=seal, impression="左眼视网膜脱离，累及黄斑", **AT_ONCE)
    assert the_alert(world, urgent).id != alert.id


def test_an_open_alert_outlives_a_version_that_takes_its_reason_away(
    world: Consortium, seal: SystemSeal, urgent: Report
) -> None:
    alert = the_alert(world, urgent)
    calm = amend(
        world,
        urgent,
        seal=seal,
        impression="左眼陈旧病灶",
        referral_urgency=ReferralUrgency.ROUTINE,
    )
    assert the_alert(world, urgent) == alert
    retract(world, calm, seal=seal)
    assert the_alert(world, urgent) == alert
    assert tick(world, minutes=15) == 1


def test_a_retraction_raises_none(world: Consortium, seal: SystemSeal, urgent: Report) -> None:
    confirm(world, the_alert(world, urgent))
    retract(world, urgent, seal=seal)
    assert open_alert(world, urgent) is None


@pytest.mark.parametrize(
    ("row_type", "values", "fault"),
    [
        (AlertRow, {"state": AlertState.CONFIRMED}, "urgent-alert-changed"),
        (AlertRow, {"owner_id": "0" * 32}, "urgent-alert-changed"),
        (EscalationRow, {"person_id": None}, "urgent-alert-step-changed"),
        (AlertCallRow, {"spoken_to": "他人"}, "urgent-alert-call-changed"),
        (AlertCallRow, None, "urgent-alert-call-missing"),
        (EscalationRow, None, "urgent-alert-step-missing"),
    ],
)
def test_whoever_changes_a_row_behind_the_journal_is_found_out(
    world: Consortium, urgent: Report, row_type: Any, values: Any, fault: str
) -> None:
    tick(world, minutes=30)
    call(world, the_alert(world, urgent), world.expert, result=Heard.NO_ANSWER, spoken_to="陈立民")
    assert faults(world) == set()
    world.clinic.units.write(lambda session: _tamper(session, row_type, values)).result(timeout=60)
    assert faults(world) == {fault}


def _tamper(session: Any, row_type: Any, values: Any) -> None:
    row = session.query(row_type).order_by(row_type.id.desc()).first()
    if values is None:
        session.delete(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)


@given(minutes=st.lists(st.integers(min_value=1, max_value=600), max_size=12))
def test_however_the_clock_runs_no_step_is_left_out_and_none_taken_twice(
    minutes: list[int],
) -> None:
    alert, now, taken = sample(), MORNING, list[int]()
    for wait in minutes:
        now += timedelta(minutes=wait)
        due = rules().due_steps(alert, now=now)
        assert all(rules().due_at(MORNING, step) <= now for step in due)
        taken += due
        alert = sample(step=taken[-1] + 1 if taken else 0)
        assert rules().due_at(MORNING, alert.step) > now, "what is due was taken"
    assert taken == sorted(set(taken))
    fixed = [step for step in taken if step < len(PARTS)]
    assert fixed == list(range(len(fixed)))
    assert len(fixed) == len(PARTS) or len(taken) == len(fixed)


def sample(step: int = 0, at: datetime = MORNING) -> Alert:
    return Alert(
        id="a", case_id=CaseId("c"), number="1", patient_id=PatientId("p"),
        report_id=ReportId("r"), institution_id=InstitutionId("i"),
        owner_id=PractitionerId("o"), raised_at=at, rules="urgent_alerts 1", step=step,
        next_at=at, state=AlertState.OPEN, ended_at=None, ended_by_id=None, contact=None, note="",
        revision=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"step": []},
        {"step": [{"after_min": 5, "to": "coordinator"}, {"after_min": 5, "to": "panel_leader"}]},
        {"step": [{"after_min": 0, "to": "coordinator"}]},
        {"step": [{"after_min": 5, "to": "porter"}]},
        {"urgencies": {"screening_read": ["soon"]}},
        {"again_min": 0},
        {"pause_min": 5},
    ],
)
def test_rules_that_would_let_an_alert_rest_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedRulesError):
        parse_alert_rules({**read_config("urgent_alerts.toml"), **change})


def test_every_service_has_urgencies_that_raise() -> None:
    assert set(rules().urgencies) == set(ServiceType)
    assert all(ReferralUrgency.EMERGENCY in each for each in rules().urgencies.values())
