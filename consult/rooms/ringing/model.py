"""One round of ringing: who is rung when, and what every answer does to the others.

A round is moved by `begin`, `tick`, `answer`, `came_in` and `stop` alone; each gives a new round.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.kernel.rules import RuleTable


class RingState(enum.StrEnum):
    """What came of ringing one person."""

    WAITING = "waiting"
    RINGING = "ringing"
    ANSWERED = "answered"
    LATER = "later"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    STOPPED = "stopped"


NEXT_RING_STATE: Final[Mapping[RingState, frozenset[RingState]]] = MappingProxyType(
    {
        # Whoever comes into the room has answered, whatever she said before.
        RingState.WAITING: frozenset({RingState.RINGING, RingState.ANSWERED, RingState.STOPPED}),
        RingState.RINGING: frozenset(RingState) - {RingState.WAITING, RingState.RINGING},
        RingState.LATER: frozenset({RingState.ANSWERED}),
        RingState.DECLINED: frozenset({RingState.ANSWERED}),
        RingState.UNANSWERED: frozenset({RingState.ANSWERED}),
        RingState.ANSWERED: frozenset(),
        RingState.STOPPED: frozenset(),
    }
)
_LIVE: Final = frozenset({RingState.WAITING, RingState.RINGING})
_MAY_ANSWER: Final = frozenset({RingState.RINGING, RingState.LATER, RingState.UNANSWERED})


class RingAnswer(enum.StrEnum):
    """What somebody who is rung says: take it (接听), later (稍后), not now (拒绝)."""

    ACCEPT = "accept"
    LATER = "later"
    DECLINE = "decline"


class RingOutcome(enum.StrEnum):
    """How a round stands."""

    RINGING = "ringing"
    ANSWERED = "answered"
    NOBODY = "nobody"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class RingRules:
    """What config/ringing.toml says: how long one person is rung, and how many, how often."""

    rings_for: timedelta
    most_people: int
    most_rounds: int


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is to be rung, and at which institution."""

    person_id: PractitionerId
    institution_id: InstitutionId


@dataclass(frozen=True, slots=True)
class Ring:
    """One person in one round; `heard_at` is when an open page of hers began to ring."""

    id: str
    round: int
    number: int
    person_id: PractitionerId
    institution_id: InstitutionId
    state: RingState = RingState.WAITING
    rung_at: datetime | None = None
    heard_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnRing:
    """A call that rings for the reader now."""

    room_id: str
    case_id: CaseId
    caller_id: PractitionerId
    institution_id: InstitutionId
    rung_at: datetime


Round = Sequence[Ring]


def outcome_of(rings: Round) -> RingOutcome:
    """How a round stands; one in which there is nobody to ring ends with nobody."""
    states = {each.state for each in rings}
    if RingState.ANSWERED in states:
        return RingOutcome.ANSWERED
    if states & _LIVE:
        return RingOutcome.RINGING
    return RingOutcome.STOPPED if RingState.STOPPED in states else RingOutcome.NOBODY


def begin(rings: Round, *, now: datetime) -> Round:
    """The round with its first person rung."""
    return _ring_next(rings, now=now)


def tick(rings: Round, *, now: datetime, rules: RingRules) -> Round:
    """The round once whoever was rung for long enough is given up for the next one."""
    before = now - rules.rings_for
    late = [each for each in rings if _is_ringing(each) and (each.rung_at or now) <= before]
    moved = _set(rings, {each.id for each in late}, RingState.UNANSWERED, now=now)
    return _ring_next(moved, now=now) if late else rings


def may_answer(rings: Round, person_id: str) -> bool:
    """Whether this person was rung, and nobody has answered yet."""
    is_open = outcome_of(rings) in {RingOutcome.RINGING, RingOutcome.NOBODY}
    mine = any(each.person_id == person_id and each.state in _MAY_ANSWER for each in rings)
    return is_open and mine


def answer(rings: Round, person_id: str, said: RingAnswer, *, now: datetime) -> Round:
    """The round after what she said; unchanged where she is not asked."""
    if said is RingAnswer.ACCEPT:
        return came_in(rings, person_id, now=now) if may_answer(rings, person_id) else rings
    mine = {each.id for each in rings if each.person_id == person_id and _is_ringing(each)}
    if not mine:
        return rings
    state = RingState.LATER if said is RingAnswer.LATER else RingState.DECLINED
    return _ring_next(_set(rings, mine, state, now=now), now=now)


def came_in(rings: Round, person_id: str, *, now: datetime) -> Round:
    """The round once one of its people is in the room: nobody else is rung any more."""
    mine = {each.id for each in rings if each.person_id == person_id}
    if not mine or outcome_of(rings) in {RingOutcome.ANSWERED, RingOutcome.STOPPED}:
        return rings
    return stop(_set(rings, mine, RingState.ANSWERED, now=now), now=now)


def stop(rings: Round, *, now: datetime) -> Round:
    """The round with nobody rung any more."""
    live = {each.id for each in rings if each.state in _LIVE}
    return _set(rings, live, RingState.STOPPED, now=now)


def hear(rings: Round, person_id: str, *, now: datetime) -> Round:
    """The round once a page of hers has begun to ring."""
    return [
        replace(each, heard_at=now)
        if each.person_id == person_id and _is_ringing(each) and each.heard_at is None
        else each
        for each in rings
    ]


def parse_ring_rules(mapping: Mapping[str, object]) -> RingRules:
    """The rules of config/ringing.toml."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "rings_for_s", "most_people", "most_rounds")
    return RingRules(
        rings_for=timedelta(seconds=table.whole("rings_for_s", lowest=5)),
        most_people=table.whole("most_people", lowest=1),
        most_rounds=table.whole("most_rounds", lowest=1),
    )


def _is_ringing(ring: Ring) -> bool:
    return ring.state is RingState.RINGING


def _ring_next(rings: Round, *, now: datetime) -> Round:
    """The first who waits is rung, unless somebody is rung already."""
    waiting = [each for each in rings if each.state is RingState.WAITING]
    if not waiting or any(_is_ringing(each) for each in rings):
        return rings
    first = min(waiting, key=lambda each: each.number)
    rung = replace(first, state=RingState.RINGING, rung_at=now)
    return [rung if each is first else each for each in rings]


def _set(rings: Round, ids: set[str], state: RingState, *, now: datetime) -> Round:
    return [
        replace(each, state=state, ended_at=now)
        if each.id in ids and state in NEXT_RING_STATE[each.state]
        else each
        for each in rings
    ]
