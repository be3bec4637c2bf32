"""A promised time that runs out: a reminder, the leader, the backup panel, each once (Q-04)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from consult.access.model import ObjectType
from consult.calendar.video import service_offer
from consult.cases import service as cases
from consult.cases import service_handover
from consult.cases.ladder import service as ladder
from consult.cases.model import Case, CaseStatus, Priority
from consult.cases.service_urgency import set_waiting_urgency
from consult.journal.model import Line
from consult.kernel.errors import RefusedError
from consult.notices.model import NoticeEvent
from consult.people.organisations import backups, panels
from consult.people.organisations.errors import StaleError
from consult.people.practitioners import affiliations
from consult.queue import escalation, service_leader
from consult.queue import service as queue
from consult.reports.seal import SystemSeal
from tests.makers.cases import citizen_number, sees, submit
from tests.makers.consortium import Consortium, case_rules
from tests.makers.notices import gather, read_to_end, wish
from tests.makers.reports import claim, make_read_case, make_signed, queue_limits
from tests.makers.returns import LEFT_MACULA, agree, photograph, second_panel, send_back
from tests.makers.video_sessions import video_rules

KINDS = {
    *("case.accept_near", "case.accept_missed", "case.report_near", "case.report_missed"),
    *("case.forwarded", "case.backup_missing"),
}


@pytest.fixture
def case(world: Consortium) -> Case:
    """A routine case that waits before the panel: a working day to take it, three to report."""
    return make_read_case(world)


def clock_strikes(world: Consortium, now: datetime) -> list[Line]:
    """What the standing job tells at this time."""
    then = world.clinic.at(now)
    before = len(told(world))
    for mark in then.system(ladder.list_due):
        then.system(escalation.tell_due, mark=mark, rules=case_rules())
    return told(world)[before:]


def at(world: Consortium, now: datetime) -> Consortium:
    """The consortium at another time."""
    return replace(world, clinic=world.clinic.at(now))


def told(world: Consortium) -> list[Line]:
    """Everything that was told so far."""
    return [line for line in world.clinic.lines() if line.kind in KINDS]


def share(case: Case, percent: int) -> datetime:
    """So far into the time to take the case."""
    assert case.submitted_at is not None
    assert case.accept_by is not None
    return case.submitted_at + (case.accept_by - case.submitted_at) * percent / 100


def set_backup(world: Consortium, backup_id: str | None) -> None:
    """The administrator names the backup of the first panel."""
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    world.clinic.system(
        backups.set_backup, panel_id=panel.id, revision=panel.revision, backup_id=backup_id
    )


def test_nobody_is_told_before_four_fifths_of_the_time(world: Consortium, case: Case) -> None:
    assert clock_strikes(world, share(case, 80) - timedelta(seconds=1)) == []
    [line] = clock_strikes(world, share(case, 80))
    assert (line.kind, line.case_id) == ("case.accept_near", case.id)
    assert line.codes["to"] == world.leader.person


def test_each_step_is_told_once_whatever_the_clock_does(world: Consortium, case: Case) -> None:
    clock_strikes(world, share(case, 80))
    again = [clock_strikes(world, share(case, percent)) for percent in (80, 50, 81, 99)]
    assert again == [[], [], [], []]
    missed, no_backup = clock_strikes(world, share(case, 100))
    assert (missed.kind, missed.codes["to"]) == ("case.accept_missed", world.leader.person)
    assert (no_backup.kind, no_backup.codes["rung"]) == ("case.backup_missing", "backup")
    # a clock that jumps to the end of the month, and back
    jumped = clock_strikes(world, share(case, 2000))
    assert [line.kind for line in jumped] == ["case.report_near", "case.report_missed"]
    assert [clock_strikes(world, share(case, percent)) for percent in (90, 3000)] == [[], []]


def test_two_clocks_that_strike_at_once_tell_once(world: Consortium, case: Case) -> None:
    then = world.clinic.at(share(case, 80))
    [mark] = then.system(ladder.list_due)
    assert then.system(escalation.tell_due, mark=mark, rules=case_rules())
    assert not then.system(escalation.tell_due, mark=mark, rules=case_rules())
    assert len(told(world)) == 1


def test_a_case_that_was_taken_in_time_is_only_waited_for_its_report(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    assert clock_strikes(world, share(case, 100)) == []
    near, missed = clock_strikes(world, share(case, 300))
    assert (near.kind, near.codes["to"]) == ("case.report_near", world.expert.person)
    assert (missed.kind, missed.codes["to"]) == ("case.report_missed", world.leader.person)


@pytest.mark.parametrize(
    ("how", "hours"), [("lease_over", 10), ("released", 20), ("on_leave", 20), ("left", 20)]
)
def test_a_case_that_was_taken_and_comes_back_late_goes_on_up_the_ladder(
    world: Consortium, case: Case, how: str, hours: int
) -> None:
    panel_id, _other = second_panel(world)
    set_backup(world, panel_id)
    held_for = replace(queue_limits(), lease=timedelta(hours=hours))
    soon = at(world, share(case, 70)).clinic
    soon.do(world.expert, queue.claim_case, case_id=case.id, limits=held_for)
    for percent in (80, 100, 130):
        assert clock_strikes(world, share(case, percent)) == [], "somebody has it"
    let_go(at(world, share(case, 130)), case, how)

    assert [line.kind for line in clock_strikes(world, share(case, 131))] == [
        "case.accept_near",
        "case.accept_missed",
        "case.forwarded",
    ]
    there = world.clinic.system(cases.get_case, case_id=case.id)
    assert (there.status, there.panel_id) == (CaseStatus.ASSIGNED, panel_id)


def let_go(world: Consortium, case: Case, how: str) -> None:
    """Whoever took the case does not hold it any more, one way or the other."""
    if how == "released":
        world.clinic.do(world.expert, queue.release_case, case_id=case.id)
    elif how == "on_leave":
        today = world.clinic.now.date()
        world.clinic.do(
            world.expert,
            service_offer.add_leave,
            new=service_offer.NewLeave(today, today),
            rules=video_rules(),
            limits=queue_limits(),
        )
    elif how == "left":
        [place] = world.clinic.system(
            affiliations.list_affiliations, practitioner_ids=[world.expert.person]
        )
        world.clinic.system(
            service_handover.stop_affiliation, affiliation_id=place.id, revision=place.revision
        )
    else:
        assert world.clinic.system(queue.expire_leases) == 1


def test_cases_that_are_held_keep_nobody_from_being_told_of_others(
    world: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ladder, "LONGEST_LIST", 2)
    held = make_read_case(world)
    claim(world, held, by=world.expert)
    waits = make_read_case(world, name="李秀珍", document_number=citizen_number(6))
    told_of = {line.case_id for line in clock_strikes(world, share(waits, 100))}
    assert told_of == {waits.id}


def test_a_case_that_was_answered_in_time_is_forgotten_by_the_ladder(
    world: Consortium, seal: SystemSeal
) -> None:
    report = make_signed(world, seal=seal)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)
    assert clock_strikes(world, share(case, 2000)) == []
    assert world.clinic.at(share(case, 2000)).system(ladder.list_due) == []


def test_the_ladder_rests_while_the_clinic_has_the_case(world: Consortium, case: Case) -> None:
    assert case.accept_by is not None
    sent_back = send_back(at(world, share(case, 50)), case, by=world.leader)
    assert clock_strikes(world, case.accept_by + timedelta(days=1)) == []

    back = at(world, case.accept_by + timedelta(days=2))
    photograph(back, sent_back, LEFT_MACULA)
    again = submit(back, back.clinic.do(world.physician, cases.get_case, case_id=case.id))
    assert again.accept_by is not None
    left = again.accept_by - back.clinic.now  # half of the time: three fifths of it go first
    assert clock_strikes(world, back.clinic.now + left * 0.59) == []
    [line] = clock_strikes(world, back.clinic.now + left * 0.61)
    assert line.kind == "case.accept_near"


def test_a_case_that_nobody_takes_goes_before_the_backup_panel(
    world: Consortium, case: Case
) -> None:
    panel_id, other = second_panel(world, at=world.other_id)
    agree(world, invited_id=world.other_id)
    set_backup(world, panel_id)
    clock_strikes(world, share(case, 99))
    assert not sees(world, other, ObjectType.CASE, case.id)
    missed, line = clock_strikes(world, share(case, 100))

    assert (missed.kind, missed.codes["to"]) == ("case.accept_missed", world.leader.person)
    assert (line.kind, line.reason) == ("case.forwarded", "promise_missed")
    assert (line.codes["panel"], line.codes["to_panel"]) == (world.panel_id, panel_id)
    then = at(world, share(case, 121))
    sent = then.clinic.do(other, cases.get_case, case_id=case.id)
    assert (sent.status, sent.owner_id) == (CaseStatus.ASSIGNED, other.person)
    assert (sent.accept_by, sent.report_by) == (case.accept_by, case.report_by)
    assert not sees(then, world.leader, ObjectType.CASE, case.id)
    assert clock_strikes(world, share(case, 121)) == []


def test_the_leader_of_the_backup_panel_is_told_where_nobody_there_takes_it(
    world: Consortium, case: Case
) -> None:
    panel_id, other = second_panel(world, at=world.other_id)
    agree(world, invited_id=world.other_id)
    set_backup(world, panel_id)
    clock_strikes(world, share(case, 100))
    assert clock_strikes(world, share(case, 199)) == []
    [line] = clock_strikes(world, share(case, 201))
    assert (line.kind, line.codes["to"], line.codes["panel"]) == (
        "case.accept_missed",
        other.person,
        panel_id,
    )
    assert "case.accept_missed" not in {
        each.kind for each in clock_strikes(world, share(case, 900))
    }


def test_both_leaders_hear_outside_the_page_that_a_case_was_handed_on(
    world: Consortium, case: Case
) -> None:
    panel_id, other = second_panel(world, at=world.other_id)
    agree(world, invited_id=world.other_id)
    set_backup(world, panel_id)
    clock_strikes(world, share(case, 90))
    read_to_end(world)
    here, there = wish(world, world.leader), wish(world, other)
    clock_strikes(world, share(case, 100))
    assert gather(world) == sorted(
        [(here, NoticeEvent.PROMISE_MISSED), (there, NoticeEvent.WAITING)]
    )


def test_a_case_that_is_made_less_pressing_after_its_time_is_told_of_when_the_new_one_runs_out(
    world: Consortium, case: Case
) -> None:
    clock_strikes(world, share(case, 100))
    rules = case_rules()
    late = at(world, share(case, 101))
    said = {"case": case, "priority": Priority.SCREENING, "reason": "无症状", "rules": rules}
    calmer = late.clinic.do(world.leader, set_waiting_urgency, **said)
    assert calmer.accept_by is not None
    assert clock_strikes(world, share(case, 102)) == []
    soon = calmer.accept_by - timedelta(seconds=1)
    assert [line.kind for line in clock_strikes(world, soon)][:1] == ["case.accept_near"]
    assert [line.kind for line in clock_strikes(world, calmer.accept_by)][:2] == [
        "case.accept_missed",
        "case.backup_missing",
    ]


@pytest.mark.parametrize("lacks", ["backup", "agreement", "leader_was_first"])
def test_it_stays_where_no_backup_panel_may_have_it(
    world: Consortium, case: Case, lacks: str
) -> None:
    panel_id, _other = second_panel(world, at=world.other_id)
    if lacks != "agreement":
        agree(world, invited_id=world.other_id)
    if lacks != "backup":
        set_backup(world, panel_id)
    if lacks == "leader_was_first":
        claim(world, case, by=world.leader)
    found = {line.kind for line in clock_strikes(world, share(case, 120))}
    assert "case.forwarded" not in found
    assert ("case.backup_missing" in found) is (lacks != "leader_was_first")
    here = world.clinic.do(world.leader, cases.get_case, case_id=case.id)
    assert here.panel_id == world.panel_id


def test_a_backup_is_another_working_panel_that_gives_one_of_the_services(
    world: Consortium,
) -> None:
    panel_id, _other = second_panel(world)
    with pytest.raises(RefusedError):
        set_backup(world, world.panel_id)
    set_backup(world, panel_id)
    assert world.clinic.system(backups.find_backup, panel_id=world.panel_id) == panel_id
    with pytest.raises(StaleError):
        world.clinic.system(backups.set_backup, panel_id=world.panel_id, revision=1, backup_id=None)
    set_backup(world, None)
    assert world.clinic.system(backups.find_backup, panel_id=world.panel_id) is None
    kinds = world.clinic.kinds()
    assert kinds.count("panel.backup_set") == 2


def test_the_way_of_the_case_says_why_it_went(world: Consortium, case: Case) -> None:
    panel_id, other = second_panel(world)
    set_backup(world, panel_id)
    clock_strikes(world, share(case, 120))
    then = world.clinic.at(share(case, 121))
    trail = then.do(other, service_leader.list_trail, case_id=case.id)
    assert [(line.kind, line.reason) for line in trail] == [("case.forwarded", "promise_missed")]
