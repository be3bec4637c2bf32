"""The event stream: the journal is tailed once, each subscriber gets what policy lets her see."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from consult.access import policy
from consult.access.model import ObjectType, Party, Ref
from consult.db.unit import Units
from consult.journal import service as journal
from consult.journal.model import Line
from consult.kernel.work import Actor
from consult.live.bus import Bus

T = TypeVar("T")
POLL_S = 1.0
OLDEST_LINES = 2000
QUEUE_LINES = 500
_STREAMED = {
    kind.value
    for kind in (ObjectType.CASE, ObjectType.REPORT, ObjectType.REFERRAL, ObjectType.CLINIC)
}
_OF_READER = frozenset({"marks.saved", "marks.exported", "image.left_out", "image.taken_back"})
"""What a reader does before she signs is passed on to nobody: others may read after her (Q-10)."""
_OF_STUDY = frozenset({"image.stored", "image.looked_at"})
"""What comes in without a case is told to those who may see its study; many at once, once."""
_OF_RECEIVED = {
    "study.put_aside": ObjectType.STUDY,
    "study.taken_back": ObjectType.STUDY,
    "delivery.waiting": ObjectType.UPLOAD,
    "delivery.discarded": ObjectType.UPLOAD,
    "screening.listed": ObjectType.PATIENT,
    "screening.taken_off": ObjectType.PATIENT,
}


@dataclass(eq=False, slots=True)
class Subscriber:
    """One open stream: who listens, what waits to be sent; `lost` when too far behind."""

    actor: Actor
    lines: "asyncio.Queue[Line]" = field(default_factory=lambda: asyncio.Queue(QUEUE_LINES))
    lost: bool = False


class Stream:
    """Reads each new journal line once and hands it to those who may see its object."""

    def __init__(self, units: Units, wakeups: Bus, clock: Callable[[], datetime]) -> None:
        self._units, self._wakeups, self._clock = units, wakeups, clock
        self._subscribers: set[Subscriber] = set()
        self._by_party: dict[tuple[Party, str], set[Subscriber]] = defaultdict(set)
        self.position = 0

    @contextlib.asynccontextmanager
    async def subscribe(self, actor: Actor) -> AsyncIterator[Subscriber]:
        """Listen until the block ends."""
        subscriber = Subscriber(actor)
        parties = policy.parties_of(actor)
        self._subscribers.add(subscriber)
        for party in parties:
            self._by_party[party].add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            for party in parties:
                self._leave(party, subscriber)

    def count(self) -> int:
        """How many streams are open."""
        return len(self._subscribers)

    def people(self) -> set[str]:
        """Who has one open."""
        found = {subscriber.actor.practitioner_id for subscriber in self._subscribers}
        return {person for person in found if person is not None}

    async def start(self) -> None:
        """Begin at the journal's present end."""
        self.position = await self._read(lambda session: journal.head(session)[0])

    async def run(self) -> None:
        """Tail the journal for ever."""
        while True:
            rung = self._wakeups.rung
            while await self._pass_on():
                pass
            await self._wakeups.wait(POLL_S, after=rung)

    async def _pass_on(self) -> bool:
        position = self.position
        lines = await self._read(lambda session: journal.lines_after(session, position))
        if not lines:
            return False
        # who comes from here on starts after these lines, and leaves out what it gets twice
        self.position = lines[-1].position
        is_more = len(lines) == journal.LONGEST_LIST
        if not self._subscribers:
            return is_more
        lines = gathered(lines)
        heard = await self._read(partial(_audiences, self._clock, lines))
        for line, audience in zip(lines, heard, strict=True):
            for listener in self._listening(audience):
                _hand_over(listener, line)
        return is_more

    def _listening(self, audience: frozenset[tuple[Party, str]]) -> set[Subscriber]:
        return {each for party in audience for each in self._by_party.get(party, ())}

    def _leave(self, party: tuple[Party, str], subscriber: Subscriber) -> None:
        self._by_party[party].discard(subscriber)
        if not self._by_party[party]:
            del self._by_party[party]

    async def lines_since(self, actor: Actor, position: int) -> tuple[int, list[Line]] | None:
        """What this actor missed since a position; None when it is too old to catch up."""

        def unit(session: Session) -> tuple[int, list[Line]] | None:
            head = journal.head(session)[0]
            if position > head or head - position > OLDEST_LINES:
                return None
            heard, last = [], position
            while lines := journal.lines_after(session, last):
                last, now = lines[-1].position, self._clock()
                heard += [
                    line for line in gathered(lines) if may_hear(session, actor, line, now=now)
                ]
            return last, heard

        return await self._read(unit)

    async def _read(self, unit: Callable[[Session], T]) -> T:
        return await asyncio.wrap_future(self._units.read(unit))


def _audiences(
    clock: Callable[[], datetime], lines: list[Line], session: Session
) -> list[frozenset[tuple[Party, str]]]:
    """Who may hear each line; the objects are asked about once, however many listen."""
    refs = {ref for line in lines if (ref := _subject(line)) is not None}
    known = policy.audiences_of(session, refs, now=clock())
    nobody: frozenset[tuple[Party, str]] = frozenset()
    found = map(_subject, lines)
    return [nobody if ref is None else known.get(ref, nobody) for ref in found]


def may_hear(session: Session, actor: Actor, line: Line, *, now: datetime) -> bool:
    """Whether policy lets the actor see the object that the line is about."""
    ref = _subject(line)
    return ref is not None and policy.may_see(session, actor, ref, now=now)


def _subject(line: Line) -> Ref | None:
    """What policy is asked about; None for what is passed on to nobody."""
    if line.case_id is not None:
        return None if line.kind in _OF_READER else Ref(ObjectType.CASE, line.case_id)
    if line.object_type in _STREAMED:
        return Ref(ObjectType(line.object_type), line.object_id)
    if line.kind in _OF_STUDY:
        return Ref(ObjectType.STUDY, str(line.codes.get("study")))
    if line.kind in _OF_RECEIVED:
        return Ref(_OF_RECEIVED[line.kind], line.object_id)
    return None


def gathered(lines: list[Line]) -> list[Line]:
    """Of many objects of one study that came, or were looked at, the last speaks for all."""
    last = {_what(line): line for line in lines}
    return [line for line in lines if last[_what(line)] is line]


def _what(line: Line) -> tuple[str, object]:
    if line.kind in _OF_STUDY and line.case_id is None:
        return line.kind, line.codes.get("study")
    return line.kind, line.position


def _hand_over(listener: Subscriber, line: Line) -> None:
    try:
        listener.lines.put_nowait(line)
    except asyncio.QueueFull:
        listener.lost = True
