"""The same case and slots wanted again and again: 100,000 races a database (F15, F16, T18).

Half of them are claims of one case, half are holds of ten slots; after each round the winners give
back what they had. Services alone: `test_races.py` goes through the doors.
"""

import time
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import pytest

from consult.calendar import service_hold
from consult.calendar.errors import SlotTakenError
from consult.kernel.work import Actor
from consult.queue import service as queue
from consult.queue.errors import CaseTakenError
from consult.reports.seal import load_seal
from tests.campaigns.seeds import is_whole
from tests.makers import referrals
from tests.makers.clinic import Clinic
from tests.makers.consortium import make_consortium
from tests.makers.reports import make_read_case, queue_limits

RACERS, SLOTS = 100, 10
ROUNDS = 500 if is_whole() else 1
_PATIENCE_S = 120
pytestmark = pytest.mark.timeout(0 if is_whole() else 300)


def test_a_case_has_one_reader_whoever_claims_it_how_often(clinic: Clinic) -> None:
    world = make_consortium(clinic)
    case, racers = make_read_case(world), [world.leader, world.expert]
    limits = queue_limits()
    started, wins = time.monotonic(), {racer.person: 0 for racer in racers}
    for turn in range(ROUNDS):
        answers: list[tuple[Actor, Future[Any]]] = [
            (racer, clinic.start(racer, queue.claim_case, case_id=case.id, limits=limits))
            for racer in (racers[(place + turn) % 2] for place in range(RACERS))
        ]
        failures = [(racer, future.exception(timeout=_PATIENCE_S)) for racer, future in answers]
        winners = {racer for racer, failure in failures if failure is None}
        losers = {type(failure) for _, failure in failures if failure is not None}
        assert (len(winners), losers) == (1, {CaseTakenError}), f"round {turn}"
        winner = winners.pop()
        wins[winner.person] += 1
        clinic.do(winner, queue.release_case, case_id=case.id)
    _say("claims", started)
    assert clinic.kinds().count("case.claimed") == ROUNDS == sum(wins.values())


def test_ten_slots_have_ten_cases_whoever_holds_them_how_often(
    clinic: Clinic, tmp_path: Path
) -> None:
    office = referrals.make_office(clinic, load_seal(tmp_path))
    decided = referrals.make_decided(office)
    twins = referrals.make_twins(office, decided, RACERS)
    slots = [slot.id for slot in referrals.publish(office, end=clock_time(11, 0))[:SLOTS]]
    limits = referrals.book().holds
    started, physician = time.monotonic(), office.world.physician
    for turn in range(ROUNDS):
        answers = [
            clinic.start(
                physician,
                service_hold.hold_any,
                slot_ids=slots[turn % SLOTS :] + slots[: turn % SLOTS],
                case_id=twin,
                limits=limits,
            )
            for twin in twins
        ]
        failures = [future.exception(timeout=_PATIENCE_S) for future in answers]
        held = {
            twin: future.result().id
            for twin, future, no in zip(twins, answers, failures, strict=True)
            if no is None
        }
        require_one_each(held, slots)
        assert {type(no) for no in failures if no is not None} == {SlotTakenError}
        for twin in held:
            assert clinic.do(physician, service_hold.release_hold, case_id=twin)
    _say("holds", started)


def require_one_each(held: Mapping[str, str], slots: list[str]) -> None:
    """Every slot is held, and by one case alone."""
    assert sorted(held.values()) == sorted(slots)


def test_a_slot_that_two_were_told_to_have_would_be_noticed() -> None:
    require_one_each({"a": "first", "b": "second"}, ["second", "first"])
    for wrong in ({"a": "first", "b": "first"}, {"a": "first"}):
        with pytest.raises(AssertionError):
            require_one_each(wrong, ["first", "second"])


def _say(what: str, started_s: float) -> None:
    print(  # noqa: T201 - the campaign's answer
        f"race rounds: {ROUNDS * RACERS} {what} in {ROUNDS} rounds, no round with two winners,"
        f" {time.monotonic() - started_s:.0f} s"
    )
