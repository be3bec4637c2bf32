"""The complete truth table of the outcome (U3), against a table written out by hand."""

import itertools
from dataclasses import dataclass

import pytest

from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.grading import OutcomeRank, parse_outcome_rules
from consult.reports.model import Dme, EyeReading, QualityCause
from consult.reports.outcome import find_outcome
from tests.makers.readings import graded, ungradable, unread
from tests.makers.rulebooks import broken, read_config

FILE = read_config("grading.toml")
RULES = parse_outcome_rules(FILE)
URGENT, REFER, UNGRADABLE, FOLLOW_UP = OutcomeRank
ORDER = [URGENT, REFER, UNGRADABLE, FOLLOW_UP]

# By hand: rank and longest interval of one readable eye, ICDR 0-4 (R0, R1, R2, R2, R3) by oedema.
# M0 is "none", M1 is "suspected" or "present".
BY_HAND = {
    (0, "none"): (FOLLOW_UP, 12),
    (0, "suspected"): (REFER, 6),
    (0, "present"): (REFER, 4),
    (0, "cannot_tell"): (UNGRADABLE, 6),
    (1, "none"): (FOLLOW_UP, 12),
    (1, "suspected"): (REFER, 6),
    (1, "present"): (REFER, 4),
    (1, "cannot_tell"): (UNGRADABLE, 6),
    (2, "none"): (REFER, 9),
    (2, "suspected"): (REFER, 6),
    (2, "present"): (REFER, 4),
    (2, "cannot_tell"): (REFER, 6),
    (3, "none"): (URGENT, 6),
    (3, "suspected"): (URGENT, 6),
    (3, "present"): (URGENT, 4),
    (3, "cannot_tell"): (URGENT, 6),
    (4, "none"): (URGENT, 3),
    (4, "suspected"): (URGENT, 3),
    (4, "present"): (URGENT, 3),
    (4, "cannot_tell"): (URGENT, 3),
}


@dataclass(frozen=True)
class State:
    """One state of one eye with what it asks for; `clean` means that nothing was found."""

    name: str
    reading: EyeReading
    rank: OutcomeRank | None
    months: int | None
    sees: bool
    clean: bool


def states() -> list[State]:
    found = []
    for status in (EyeStatus.PRESENT, EyeStatus.NLP):
        sees = status is EyeStatus.PRESENT
        for (icdr, dme), (rank, months) in BY_HAND.items():
            reading = graded(icdr, Dme(dme), status=status)
            clean = (icdr, dme) == (0, "none")
            found.append(State(f"{status}-{icdr}-{dme}", reading, rank, months, sees, clean))
        for cause in QualityCause:
            rank = REFER if cause is QualityCause.MEDIA_OPACITY else UNGRADABLE
            plain, waived = (
                ungradable(cause, status=status),
                ungradable(cause, waiver="已面诊", status=status),
            )
            found.append(State(f"{status}-U-{cause}", plain, rank, 6, sees, clean=False))
            found.append(
                State(f"{status}-U-{cause}-waived", waived, FOLLOW_UP, 6, sees, clean=True)
            )
        ungraded = graded(None, None, status=status)
        found.append(State(f"{status}-not-graded", ungraded, FOLLOW_UP, 12, sees, clean=True))
    found.append(State("absent", unread(EyeStatus.ABSENT), None, None, sees=False, clean=True))
    found.append(State("nlp-unread", unread(EyeStatus.NLP), None, None, sees=False, clean=True))
    found.append(
        State("not-examined", unread(EyeStatus.PRESENT), FOLLOW_UP, 12, sees=True, clean=True)
    )
    return found


STATES = states()
PAIRS = list(itertools.product(STATES, STATES))
RAISED = {URGENT: URGENT, REFER: URGENT, UNGRADABLE: REFER, FOLLOW_UP: REFER}


def by_hand(state: State, fellow: State) -> tuple[OutcomeRank | None, int | None]:
    """What one eye asks for beside its fellow."""
    if state.sees and not fellow.sees and not state.clean:
        assert state.rank is not None
        assert state.months is not None
        return RAISED[state.rank], min(state.months, 6)
    return state.rank, state.months


def test_the_table_is_complete() -> None:
    assert len(BY_HAND) == 5 * len(Dme)
    assert len(STATES) == 2 * (20 + 2 * len(QualityCause) + 1) + 3
    assert len(PAIRS) == len(STATES) ** 2


def test_every_cell_of_the_truth_table() -> None:
    for right, left in PAIRS:
        outcome = find_outcome(RULES, right=right.reading, left=left.reading)
        cells = [by_hand(right, left), by_hand(left, right)]
        ranks = [rank for rank, _ in cells if rank is not None]
        months = [most for _, most in cells if most is not None]
        expected = min(ranks, key=ORDER.index, default=FOLLOW_UP)
        where = f"{right.name} / {left.name}"
        assert outcome.rank is expected, where
        assert outcome.max_interval_months == min(months, default=None), where
        assert outcome.action == FILE["action"][expected.value], where
        assert (outcome.rule_name, outcome.rule_version) == (RULES.name, RULES.version)


def test_an_ungradable_eye_never_yields_the_annual_interval() -> None:
    for right, left in PAIRS:
        if right.reading.is_ungradable or left.reading.is_ungradable:
            outcome = find_outcome(RULES, right=right.reading, left=left.reading)
            assert outcome.max_interval_months is not None
            assert outcome.max_interval_months < 12


def test_the_eyes_may_change_places() -> None:
    for right, left in PAIRS:
        one = find_outcome(RULES, right=right.reading, left=left.reading)
        two = find_outcome(RULES, right=left.reading, left=right.reading)
        assert (one.rank, one.max_interval_months) == (two.rank, two.max_interval_months)


def test_a_second_eye_never_makes_it_less_pressing() -> None:
    alone = unread(EyeStatus.PRESENT)
    for right, left in PAIRS:
        if not (right.sees and left.sees):
            continue
        both = find_outcome(RULES, right=right.reading, left=left.reading)
        single = find_outcome(RULES, right=right.reading, left=alone)
        assert ORDER.index(both.rank) <= ORDER.index(single.rank)


def test_the_reasons_name_eye_and_observation() -> None:
    outcome = find_outcome(RULES, right=graded(4), left=ungradable(QualityCause.MEDIA_OPACITY))
    named = {(reason.eye, reason.code) for reason in outcome.reasons}
    assert named == {
        (Eye.RIGHT, "icdr_4"),
        (Eye.RIGHT, "dme_none"),
        (Eye.LEFT, "ungradable"),
        (Eye.LEFT, "media_opacity"),
    }
    assert [reason.code for reason in outcome.deciding] == ["icdr_4"]


def test_the_only_eye_rule_can_be_switched_off() -> None:
    right, left = graded(2), unread(EyeStatus.ABSENT)
    assert find_outcome(RULES, right=right, left=left).rank is URGENT
    off = parse_outcome_rules(broken(FILE, "only_eye.raises", value=False))
    assert find_outcome(off, right=right, left=left).rank is REFER


@pytest.mark.parametrize("icdr", range(5))
def test_a_clean_only_eye_is_followed_up_and_any_finding_is_raised(icdr: int) -> None:
    outcome = find_outcome(RULES, right=graded(icdr), left=unread(EyeStatus.ABSENT))
    raised = any(reason.code == "only_eye" for reason in outcome.reasons)
    assert raised is (icdr > 0)
