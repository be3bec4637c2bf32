"""Kappa of two readers, equal to what is counted by hand, and whose cases it is counted over."""

import pytest

from consult.cases.oversight_store import Filter
from consult.dossiers.agreement import count_agreement
from consult.reports.seal import SystemSeal
from consult.reports.second.kappa import kappa_of, quadratic
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.readings import graded, ungradable
from tests.makers.reports import full_body, make_read_case
from tests.makers.second_readings import more_reader, normal_body, read


def test_plain_and_weighted_kappa_are_those_of_a_hand_count() -> None:
    # 20 eyes: 8 both 0, 5 both 2, 3 both 4; 2 times 0 and 2, 1 time 2 and 0, 1 time 2 and 4
    pairs = [(0, 0)] * 8 + [(2, 2)] * 5 + [(4, 4)] * 3 + [(0, 2)] * 2 + [(2, 0), (2, 4)]

    plain, weighted = kappa_of(pairs), kappa_of(pairs, weight=quadratic)

    # observed 16/20; rows 10, 7, 3; columns 9, 7, 4; chance (90 + 49 + 12) / 400 = 0.3775
    assert plain is not None
    assert weighted is not None
    assert plain.observed == pytest.approx(0.8)
    assert plain.value == pytest.approx((0.8 - 0.3775) / (1 - 0.3775))
    # a step of two has the weight 0.75, one of four 0: observed (16 + 4 × 0.75) / 20 = 0.95;
    # chance (151 + 0.75 × (70 + 63 + 28 + 21)) / 400 = 287.5 / 400
    assert weighted.value == pytest.approx((0.95 - 0.71875) / (1 - 0.71875))
    assert (plain.eyes, weighted.eyes) == (20, 20)


def test_the_interval_is_that_of_the_published_large_sample_error() -> None:
    # two grades, 20 and 15 agreed, 5 and 10 not (n = 50): kappa 0.4, standard error 0.1270
    pairs = [(0, 0)] * 20 + [(0, 1)] * 5 + [(1, 0)] * 10 + [(1, 1)] * 15
    found = kappa_of(pairs)
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert (found.low, found.high) == (
        pytest.approx(0.1511, abs=2e-3),
        pytest.approx(0.6489, abs=2e-3),
    )


def test_where_chance_explains_everything_there_is_no_kappa() -> None:
    assert kappa_of([]) is None
    same = kappa_of([(0, 0)] * 12)
    assert same is not None
    assert (same.value, same.observed) == (None, 1.0)


def test_each_pair_is_counted_over_the_cases_that_both_have_signed(
    world: Consortium, seal: SystemSeal
) -> None:
    third = more_reader(world)
    bodies = (full_body(), normal_body(), full_body(left=ungradable()))
    for number, body in enumerate(bodies):
        case = make_read_case(world, document_number=citizen_number(40 + 2 * number))
        read(world, case, by=world.expert, seal=seal)
        read(world, case, by=world.leader, seal=seal, body=body)
    swapped = make_read_case(world, document_number=citizen_number(60))
    read(world, swapped, by=world.leader, seal=seal)
    read(world, swapped, by=world.expert, seal=seal, body=full_body(left=graded(1)))
    open_one = make_read_case(world, document_number=citizen_number(62))
    read(world, open_one, by=third, seal=seal)

    wanted = Filter()
    found = world.clinic.do(world.leader, count_agreement, wanted=wanted).pairs

    assert [set(pair.readers) for pair in found] == [{world.expert.person, world.leader.person}]
    pair = found[0]
    assert (pair.cases, pair.one_ungradable) == (4, 1)
    # right eyes: four times 0 and 0; left eyes: 2 and 2, 0 and 2, 2 and 1 of leader and expert
    first_is_leader = pair.readers[0] == world.leader.person
    left = [(2, 2), (0, 2), (2, 1)] if first_is_leader else [(2, 2), (2, 0), (1, 2)]
    assert pair.plain == kappa_of([(0, 0)] * 4 + left)
    assert pair.weighted == kappa_of([(0, 0)] * 4 + left, weight=quadratic)
    nobody = world.clinic.do(world.stranger, count_agreement, wanted=wanted)
    assert nobody.pairs == []
