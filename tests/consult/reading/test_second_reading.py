"""A reading that another physician reads again: blind, never by its author, settled by a third."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, Priority
from consult.kernel.errors import NotFoundError
from consult.kernel.faults import Fault
from consult.kernel.rules import MalformedRulesError
from consult.queue import service as queue
from consult.queue import worklist
from consult.queue.errors import AlreadyReadError, CaseTakenError, NotArbiterError
from consult.queue.model import Tab
from consult.reports import service as reports
from consult.reports import service_marks
from consult.reports.audit import Told, check_reports
from consult.reports.model import Dme, ReferralUrgency, ReportStatus
from consult.reports.seal import SystemSeal
from consult.reports.second import readings
from consult.reports.second.matters import Matter, is_hidden
from consult.reports.second.model import Part
from consult.reports.second.rules import is_chosen, is_sampled
from consult.reports.verify import broken_parts
from server.rules.reports import load_report_rules
from tests.makers.consortium import Consortium
from tests.makers.readings import graded, ungradable
from tests.makers.reports import (
    at_once,
    claim,
    full_body,
    make_read_case,
    make_signed,
    queue_limits,
    write,
)
from tests.makers.returns import later
from tests.makers.rulebooks import copy_config
from tests.makers.second_readings import (
    content_of_body,
    more_reader,
    normal_body,
    read,
    rules_on,
    urgent_body,
)


def test_an_abnormal_reading_waits_for_another_physician_and_is_nobodys_report(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    read(world, case, by=world.expert, seal=seal)

    waiting = _now(world, case)
    assert (waiting.status, waiting.owner_id) == (CaseStatus.SECOND_READ, world.leader.person)
    for who in (world.physician, world.leader, world.expert):
        assert world.clinic.do(who, reports.list_reports, case_id=case.id) == []
    assert world.clinic.do(world.leader, readings.list_readings, case_id=case.id) == []
    assert world.clinic.do(world.physician, readings.list_readings, case_id=case.id) == []
    own = world.clinic.do(world.expert, readings.open_readings, case_id=case.id)
    assert [held.report.author_id for held in own] == [world.expert.person]
    with pytest.raises(NotFoundError):
        world.clinic.do(world.leader, readings.open_readings, case_id=case.id)
    kinds = world.clinic.kinds()
    assert ("reading.signed" in kinds, "report.signed" in kinds) == (True, False)


def test_its_author_never_reads_it_again(world: Consortium, case: Case, seal: SystemSeal) -> None:
    read(world, case, by=world.expert, seal=seal)

    with pytest.raises(AlreadyReadError):
        claim(world, case, by=world.expert)
    with pytest.raises(AlreadyReadError):
        write(world, case, by=world.expert)
    assert _may_take(world, world.expert) == {case.id: False}
    assert _may_take(world, world.leader) == {case.id: True}


def test_where_both_agree_the_first_reading_is_released_as_it_was_signed(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    first = read(world, case, by=world.expert, seal=seal)
    afterwards = later(world, minutes=20)
    second = read(
        afterwards,
        case,
        by=world.leader,
        seal=seal,
        body=full_body(impression="左眼中度，已见渗出"),
    )

    answered = _now(afterwards, case)
    found = afterwards.clinic.do(world.physician, reports.list_reports, case_id=case.id)
    assert (answered.status, answered.owner_id) == (CaseStatus.REPORTED, world.physician.person)
    assert [report.sha256 for report in found] == [first.sha256]
    assert (found[0].status, broken_parts(found[0], seal=seal)) == (ReportStatus.FINAL, ())
    assert found[0].signed_at < second.signed_at
    both = afterwards.clinic.do(world.leader, readings.list_readings, case_id=case.id)
    assert [held.report.id for held in both] == [first.id, second.id]
    assert afterwards.clinic.do(world.physician, readings.list_readings, case_id=case.id) == []
    assert afterwards.clinic.do(world.leader, queue.find_claim, case_id=case.id) is None


def test_where_they_differ_a_third_settles_it_with_both_before_her(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world)
    first = read(world, case, by=world.expert, seal=seal)
    second = read(world, case, by=third, seal=seal, body=normal_body())

    assert _now(world, case).status is CaseStatus.ARBITRATION
    assert world.clinic.do(world.physician, reports.list_reports, case_id=case.id) == []
    for reader in (world.expert, third):
        with pytest.raises(AlreadyReadError):
            claim(world, case, by=reader)
    assert world.clinic.do(world.leader, readings.list_readings, case_id=case.id) == []
    claim(world, case, by=world.leader)
    seen = world.clinic.do(world.leader, readings.open_readings, case_id=case.id)
    assert [held.report.id for held in seen] == [first.id, second.id]
    adopted = world.clinic.do(
        world.leader, readings.adopt_reading, case_id=case.id, reading_id=second.id
    )
    assert adopted.draft.content["impression"] == normal_body().impression
    assert adopted.replaced["impression"] == ""

    settled = read(world, case, by=world.leader, seal=seal, body=full_body(), revision=1)

    found = world.clinic.do(world.physician, reports.list_reports, case_id=case.id)
    assert [report.id for report in found] == [settled.id]
    assert (found[0].author_id, found[0].version) == (world.leader.person, 1)


def test_a_second_reading_that_cannot_wait_is_released_at_once_and_counted(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    first = read(world, case, by=world.expert, seal=seal)
    second = read(world, case, by=more_reader(world), seal=seal, body=urgent_body())

    answered = _now(world, case)
    found = world.clinic.do(world.physician, reports.list_reports, case_id=case.id)
    assert (answered.status, answered.owner_id) == (CaseStatus.REPORTED, world.physician.person)
    assert [(each.id, each.sha256) for each in found] == [(second.id, second.sha256)]
    assert found[0].version == 1
    both = world.clinic.do(world.leader, readings.list_readings, case_id=case.id)
    assert [(held.part, held.report.id) for held in both] == [
        (Part.FIRST, first.id),
        (Part.SECOND, second.id),
    ]
    assert _faults(world, seal) == []
    told = [line.codes for line in world.clinic.lines() if line.kind == "case.reported"]
    assert [(codes["report"], codes["first"]) for codes in told] == [(second.id, first.id)]


def test_a_difference_in_the_urgency_of_a_referral_alone_goes_to_a_third(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    rules = rules_on(at_once_urgencies=frozenset({ReferralUrgency.EMERGENCY}))
    soon = full_body(referral_urgency=ReferralUrgency.URGENT)
    read(world, case, by=world.expert, seal=seal, rules=rules)
    read(world, case, by=more_reader(world), seal=seal, rules=rules, body=soon)

    assert _now(world, case).status is CaseStatus.ARBITRATION
    assert world.clinic.do(world.physician, reports.list_reports, case_id=case.id) == []


def test_only_the_leader_or_a_reviewer_settles_unless_the_leader_has_read(
    world: Consortium, seal: SystemSeal
) -> None:
    third, plain = more_reader(world, reviews=True), more_reader(world, "hu")
    case = make_read_case(world)
    read(world, case, by=world.expert, seal=seal)
    fourth = more_reader(world, "gao")
    read(world, case, by=fourth, seal=seal, body=normal_body())
    with pytest.raises(NotArbiterError):
        claim(world, case, by=plain)
    assert claim(world, case, by=third).status is CaseStatus.ARBITRATION

    led = make_read_case(world, document_number="110101195603080055")
    read(world, led, by=world.leader, seal=seal)
    read(world, led, by=world.expert, seal=seal, body=normal_body())
    assert claim(world, led, by=plain).owner_id == plain.person


def test_of_two_second_readers_at_once_one_has_the_case_and_the_other_is_told_who(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world)
    read(world, case, by=world.expert, seal=seal)
    people = iter((world.leader, third))

    tries = at_once(
        2,
        lambda: world.clinic.start(
            next(people), queue.claim_case, case_id=case.id, limits=queue_limits()
        ),
    )

    refused = [each.exception() for each in tries if each.exception() is not None]
    assert [type(each) for each in refused] == [CaseTakenError]
    assert _now(world, case).owner_id in {world.leader.person, third.person}


def test_a_second_readers_lease_that_runs_out_leaves_the_case_for_the_next(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world)
    read(world, case, by=world.expert, seal=seal)
    claim(world, case, by=third)
    tomorrow = later(world, days=1)
    assert tomorrow.clinic.system(queue.expire_leases) == 1

    freed = _now(world, case)
    assert (freed.status, freed.owner_id) == (CaseStatus.SECOND_READ, world.leader.person)
    read(tomorrow, case, by=world.leader, seal=seal)
    assert _now(world, case).status is CaseStatus.REPORTED


def test_what_cannot_wait_and_what_is_normal_is_released_at_once(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    read(world, case, by=world.expert, seal=seal, body=urgent_body())
    assert _now(world, case).status is CaseStatus.REPORTED
    normal = make_read_case(world, document_number="110101195603080039")
    read(world, normal, by=world.expert, seal=seal, body=normal_body())
    assert _now(world, normal).status is CaseStatus.REPORTED
    drawn = make_read_case(world, document_number="110101195603080055")
    rules = rules_on(sample_percent=100)
    read(world, drawn, by=world.expert, seal=seal, body=normal_body(), rules=rules)
    assert _now(world, drawn).status is CaseStatus.SECOND_READ


def test_marks_are_kept_from_the_panel_from_the_first_stroke(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    claim(world, case, by=world.expert)
    world.clinic.do(
        world.expert,
        service_marks.save_marks,
        case_id=case.id,
        revision=0,
        told={"marks": [], "key_images": []},
        lesions={},
    )
    seen = _sheets(world, case)
    hidden = _sheets(world, case, second=rules_on())
    assert (len(seen), len(hidden)) == (2, 1)
    read(world, case, by=world.expert, seal=seal)
    assert len(_sheets(world, case)) == 1


def test_a_held_reading_is_checked_like_a_report_and_is_missed_when_it_is_gone(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    first = read(world, case, by=world.expert, seal=seal)
    assert _faults(world, seal) == []
    with pytest.raises(DBAPIError, match="never changes"):
        _run(world, "UPDATE held_readings SET author_id = 'somebody'")
    _run(world, "DELETE FROM held_readings")
    assert _faults(world, seal) == [Fault("report-missing", first.id)]


def test_without_the_rule_nothing_is_read_twice(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    assert world.clinic.do(world.physician, reports.get_report, report_id=report.id) == report


def test_differences_are_those_that_the_rules_name() -> None:
    rules = rules_on()
    base = _of(left=graded(2))

    assert rules.differences(base, _of(left=graded(2, findings="另一种写法"))) == []
    assert rules.differences(base, _of(left=graded(3))) == ["left.icdr"]
    assert rules.differences(base, _of(left=graded(2, Dme.PRESENT))) == ["left.dme"]
    assert rules.differences(base, _of(left=ungradable())) == ["left.quality"]
    sooner = _of(left=graded(2), referral_urgency=ReferralUrgency.URGENT)
    assert rules.differences(base, sooner) == ["referral_urgency"]
    assert rules.differences(base, base | {"outcome": {"rank": "refer"}}) == ["outcome"]
    assert rules.differences(base | {"outcome": None}, base | {"outcome": None}) == []
    few = rules_on(matters=frozenset({Matter.DME}))
    assert few.differences(base, sooner | {"outcome": {"rank": "refer"}}) == []
    wide = rules_on(icdr_steps=2)
    assert wide.differences(base, _of(left=graded(3))) == []
    assert wide.differences(base, _of(left=graded(4))) == ["left.icdr"]


def test_a_report_that_says_nothing_of_the_eyes_is_not_read_again(
    world: Consortium, case: Case
) -> None:
    rules, body = rules_on(sample_percent=100), _of(left=graded(2))

    def is_read_again(content: Any) -> bool:
        return world.clinic.system(is_chosen, case=case, content=content, rules=rules)

    assert not is_read_again(body | {"outcome": None})
    assert is_read_again(body)


def test_a_service_whose_own_form_has_no_eyes_is_refused_at_the_start(tmp_path: Path) -> None:
    config = copy_config(
        tmp_path / "config", "report_forms/remote_consultation.toml", eyes='"none"'
    )
    assert load_report_rules(config)
    asked = config / "second_reading.toml"
    told = asked.read_text(encoding="utf-8")
    for named in ("screening_read", "remote_consultation"):
        asked.write_text(told.replace("on_for = []", f'on_for = ["{named}"]'), encoding="utf-8")
        if named == "screening_read":
            assert load_report_rules(config)
            continue
        with pytest.raises(MalformedRulesError, match="second_reading"):
            load_report_rules(config)


@pytest.mark.parametrize("status", [CaseStatus.READING, CaseStatus.RETURNED, CaseStatus.DECLINED])
def test_what_a_reader_did_stays_her_own_until_the_case_is_answered(
    case: Case, status: CaseStatus
) -> None:
    on = rules_on()
    assert is_hidden(replace(case, status=status), on)
    assert not is_hidden(replace(case, status=status), replace(on, on_for=frozenset()))
    assert not is_hidden(replace(case, status=CaseStatus.REPORTED), on)


def test_what_has_an_urgent_priority_or_referral_is_never_held(case: Case) -> None:
    rules, calm = rules_on(), _of(left=graded(2))
    assert not rules.waits_not(case, calm)
    assert rules.waits_not(replace(case, priority=Priority.URGENT), calm)
    assert rules.waits_not(case, _of(referral_urgency=ReferralUrgency.URGENT))


def test_the_sample_is_drawn_by_a_key_and_the_same_case_falls_the_same_way(
    world: Consortium,
) -> None:
    ids = [f"case-{number}" for number in range(2000)]

    def draw(work: Any) -> list[bool]:
        return [is_sampled(work, each, percent=10) for each in ids]

    first, again = world.clinic.system(draw), world.clinic.system(draw)
    assert first == again
    assert 140 < sum(first) < 260


def _of(**changes: Any) -> dict[str, Any]:
    return content_of_body(full_body(**changes))


def _now(world: Consortium, case: Case) -> Case:
    return world.clinic.do(world.leader, cases.get_case, case_id=case.id)


def _may_take(world: Consortium, by: Any) -> dict[str, bool]:
    found = world.clinic.do(by, worklist.list_tab, tab=Tab.CONSULT, limits=queue_limits())
    return {item.case.id: item.has_turn for item in found}


def _sheets(world: Consortium, case: Case, **more: Any) -> tuple[Any, ...]:
    return world.clinic.do(world.leader, service_marks.list_marks, case_id=case.id, **more).sheets


def _run(world: Consortium, statement: str) -> None:
    world.clinic.units.write(lambda session: session.execute(text(statement)).rowcount).result(
        timeout=60
    )


def _faults(world: Consortium, seal: SystemSeal) -> list[Any]:
    told = Told()
    for line in world.clinic.lines():
        told.note(line)

    def check(work: Any) -> list[Any]:
        found = check_reports(work.session, seal=seal, told=told)
        return [each for each in found if isinstance(each, Fault)]

    return world.clinic.system(check)
