"""A second reading that could not wait: both readers are told, until each has looked."""

from dataclasses import replace

from consult.cases.model import Case
from consult.kernel.work import Actor
from consult.reports.seal import SystemSeal
from consult.reports.second import at_once, readings
from consult.reports.second.at_once import AtOnce
from tests.makers.consortium import Consortium
from tests.makers.returns import later
from tests.makers.second_readings import more_reader, normal_body, read, rules_on, urgent_body


def test_both_readers_are_told_of_each_other_until_they_have_looked(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world)
    first = read(world, case, by=world.expert, seal=seal)
    second = read(world, case, by=third, seal=seal, body=urgent_body())

    assert [each.other.report.id for each in _told(world, world.expert)] == [second.id]
    assert [each.other.report.id for each in _told(world, third)] == [first.id]
    assert _told(world, world.leader) == _told(world, world.physician) == []
    world.clinic.do(world.expert, readings.open_readings, case_id=case.id)
    assert _told(world, world.expert) == []
    assert len(_told(world, third)) == 1


def test_whoever_looked_at_her_own_reading_before_is_told_all_the_same(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    read(world, case, by=world.expert, seal=seal)
    world.clinic.do(world.expert, readings.open_readings, case_id=case.id)
    read(world, case, by=more_reader(world), seal=seal, body=urgent_body())

    assert len(_told(world, world.expert)) == 1


def test_nobody_is_told_of_readings_that_agree_differ_or_are_long_past(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    third = more_reader(world)
    read(world, case, by=world.expert, seal=seal)
    assert _told(world, world.expert) == _told(world, third) == []
    read(world, case, by=third, seal=seal, body=normal_body())
    assert _told(world, world.expert) == _told(world, third) == []


def test_after_two_weeks_and_outside_the_panel_it_is_told_no_more(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    read(world, case, by=world.expert, seal=seal)
    read(world, case, by=more_reader(world), seal=seal, body=urgent_body())

    assert len(_told(later(world, days=13), world.expert)) == 1
    assert _told(later(world, days=15), world.expert) == []
    assert _told(world, replace(world.expert, panel_ids=frozenset())) == []


def _told(world: Consortium, who: Actor) -> list[AtOnce]:
    world.clinic.settle()  # who has looked stands in the journal
    return world.clinic.do(who, at_once.list_at_once, rules=rules_on())
