"""Cases that wait for a second reader are taken as a row, by whoever has not read them."""

from dataclasses import replace

import pytest

from consult.cases.model import Case, CaseStatus, ServiceType
from consult.kernel.work import Actor
from consult.queue import evening
from consult.queue.model import QueueLimits, Turn
from consult.reports.seal import SystemSeal
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.second_readings import more_reader, read, rules_on

SCREENING = ServiceType.SCREENING_READ
TWICE = rules_on(on_for=frozenset({SCREENING}))


def test_a_second_reader_takes_the_first_free_ones_in_the_order_of_the_list(
    world: Consortium, seal: SystemSeal
) -> None:
    third = more_reader(world)
    cases = _read_once(world, seal, 4)
    claim(_now(world), cases[1], by=third)

    taken = _take(world, world.leader, Turn.SECOND)

    assert taken == [cases[0].id, cases[2].id]
    row = _row(world, world.leader)
    assert [held.case.id for held in row] == taken
    assert {held.case.status for held in row} == {CaseStatus.SECOND_READ}
    assert {held.case.owner_id for held in row} == {world.leader.person}
    assert _free(world, third) == 1


def test_nobody_takes_what_she_has_read_nor_as_a_first_reading_what_was_read(
    world: Consortium, seal: SystemSeal
) -> None:
    cases = _read_once(world, seal, 2)

    assert (_free(world, world.expert), _free(world, world.leader)) == (0, 2)
    assert _take(world, world.expert, Turn.SECOND) == []
    assert _take(world, world.leader, Turn.FIRST) == []
    assert _take(world, world.leader, Turn.SECOND) == [case.id for case in cases]


def test_a_free_case_is_found_behind_those_of_others_within_so_many_pages_and_no_further(
    world: Consortium, seal: SystemSeal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evening, "_PAGE", 1)
    third = more_reader(world)
    cases = _read_once(world, seal, 4)
    for case in cases[:3]:
        claim(_now(world), case, by=third)

    told = {"service_type": SCREENING, "turn": Turn.SECOND, "limits": _limits(most=1)}
    found = []
    for rounds in (3, 4):
        monkeypatch.setattr(evening, "_ROUNDS", rounds)
        found.append(_now(world).clinic.do(world.leader, evening.count_free, **told))

    assert found == [0, 1]


def test_first_and_second_readings_are_one_row_in_the_order_of_the_list(
    world: Consortium, seal: SystemSeal
) -> None:
    once = _read_once(world, seal, 1)
    fresh = _make(world, 9)
    _take(world, world.leader, Turn.FIRST)
    _take(world, world.leader, Turn.SECOND)

    row = _row(world, world.leader)
    assert [held.case.id for held in row] == [once[0].id, fresh.id]
    following = _now(world).clinic.do(
        world.leader, evening.find_next, after=row[0].case, rules=_limits().row
    )
    assert following == fresh.id


def test_a_row_goes_on_after_each_second_reading_and_counts_it(
    world: Consortium, seal: SystemSeal
) -> None:
    cases = _read_once(world, seal, 2)
    _take(world, world.leader, Turn.SECOND)

    read(_now(world), cases[0], by=world.leader, seal=seal, rules=TWICE)

    assert [held.case.id for held in _row(world, world.leader)] == [cases[1].id]
    told = _now(world).clinic.do(world.leader, evening.find_evening, rules=_limits().row)
    assert told is not None
    assert told.reports == 1


def _make(world: Consortium, number: int) -> Case:
    now = replace(world, clinic=world.clinic.later(minutes=number))
    document = citizen_number(2 * number + 4)
    return make_read_case(now, service_type=SCREENING, document_number=document)


def _read_once(world: Consortium, seal: SystemSeal, count: int) -> list[Case]:
    """Screening cases that the expert has read, and that wait for another reader."""
    cases = [_make(world, number) for number in range(count)]
    for case in cases:
        read(_now(world), case, by=world.expert, seal=seal, rules=TWICE)
    return cases


def _now(world: Consortium) -> Consortium:
    """An hour after the first case came."""
    return replace(world, clinic=world.clinic.later(hours=1))


def _limits(most: int = 40) -> QueueLimits:
    limits = queue_limits()
    return replace(limits, row=replace(limits.row, take=(2, 3), most=most))


def _take(world: Consortium, by: Actor, turn: Turn) -> list[str]:
    taken = _now(world).clinic.do(
        by, evening.take_next, service_type=SCREENING, count=2, limits=_limits(), turn=turn
    )
    return [case.id for case in taken]


def _row(world: Consortium, by: Actor) -> list[evening.Held]:
    return _now(world).clinic.do(by, evening.list_row, service_type=SCREENING, rules=_limits().row)


def _free(world: Consortium, by: Actor) -> int:
    return _now(world).clinic.do(
        by, evening.count_free, service_type=SCREENING, turn=Turn.SECOND, limits=_limits()
    )
