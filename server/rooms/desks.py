"""All media processes as one desk: whole rooms are placed by load, and each wish finds its room."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from server.media.asking import MediaAwayError, MediaDesk
from server.media.line import Line

_PLACED: Final = frozenset({"open", "try"})
_ELSEWHERE: Final = frozenset({"rooms-full", "engine-broken", "tries-full"})
_MOST_HOMES: Final = 4096


class MediaDesks:
    """What `MediaDesk` is for one process, for all of them; they are counted from 1.

    Where a room lives is remembered as a hint alone: its record says it (`Room.process`).
    """

    def __init__(self, places: Sequence[Path]) -> None:
        self.desks = [MediaDesk(place) for place in places]
        self._homes: dict[str, int] = {}
        self._turns = itertools.cycle(range(len(self.desks)))

    def healths(self) -> list[Mapping[str, Any] | None]:
        """What each process last said of itself; None for one that does not answer."""
        return [desk.health for desk in self.desks]

    async def watch(self) -> None:
        """Standing task: ask each of them."""
        await asyncio.gather(*(desk.watch() for desk in self.desks))

    async def ask(self, wish: str, **facts: Any) -> Mapping[str, Any]:
        """The answer of the process whose room is named; raises MediaAwayError.

        A new room is placed; what waits in the outboxes is told of one process at a time, in turn.
        """
        if wish in _PLACED:
            return (await self.place(wish, **facts))[1]
        if wish == "outbox":
            return await self._ask_in_turn(wish)
        if wish == "close":
            return await self._close(str(facts.get("room")))
        if isinstance(facts.get("room"), str):
            return await self._ask_home(wish, facts)
        return await self._ask_until(wish, facts, "another-outbox", range(len(self.desks)))

    async def place(
        self, wish: str, *, apart_from: int = 0, **facts: Any
    ) -> tuple[int, Mapping[str, Any]]:
        """Have the least loaded process open a room; its number, 0 where all of them refuse.

        Raises MediaAwayError where none answers.
        """
        refused: Mapping[str, Any] | None = None
        for number in await self._by_load(apart_from):
            try:
                told = await self.open_at(number, wish, **facts)
            except MediaAwayError:
                continue
            if "refused" not in told:
                return number, told
            refused = told
            if told["refused"] not in _ELSEWHERE:
                break
        if refused is None:
            raise MediaAwayError
        return 0, refused

    async def open_at(self, number: int, wish: str = "open", **facts: Any) -> Mapping[str, Any]:
        """Have this process open a room, or find it open there; raises MediaAwayError."""
        if not 1 <= number <= len(self.desks):  # it is no longer started
            raise MediaAwayError
        told = await self._ask_twice(self.desks[number - 1], wish, facts)
        if "refused" not in told:
            self._remember(str(facts["room"]), number)
        return told

    async def close_at(self, number: int, room: str) -> None:
        """Have this process end a room that lives elsewhere; raises MediaAwayError."""
        await self._ask_twice(self.desks[number - 1], "close", {"room": room})

    async def join(self, room: str, token: str) -> Line:
        """A line of one participant where the room lives; raises MediaAwayError."""
        if room not in self._homes:
            await self._ask_home("stats", {"room": room})
        return await self.desks[self._homes.get(room, 1) - 1].join(room, token)

    async def _ask_home(self, wish: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Where it is thought to be, else wherever it is."""
        room = str(facts["room"])
        home = self._homes.get(room, 1) - 1
        order = sorted(range(len(self.desks)), key=lambda each: each != home)
        return await self._ask_until(wish, facts, "no-such-room", order, room)

    async def _close(self, room: str) -> Mapping[str, Any]:
        """Wherever it is: one that hung for a while may have it still."""
        self._homes.pop(room, None)
        asked = await asyncio.gather(
            *(
                self._ask_twice(self.desks[each - 1], "close", {"room": room})
                for each in self._there()
            ),
            return_exceptions=True,
        )
        told = [each for each in asked if not isinstance(each, BaseException)]
        if not told:
            raise MediaAwayError
        return next((each for each in told if "closed" in each), told[0])

    async def _ask_until(
        self,
        wish: str,
        facts: Mapping[str, Any],
        passing: str,
        order: Sequence[int],
        room: str = "",
    ) -> Mapping[str, Any]:
        """The first answer that is not this refusal, or the refusal; raises MediaAwayError."""
        refused: Mapping[str, Any] | None = None
        for each in order:
            try:
                told = await self._ask_twice(self.desks[each], wish, facts)
            except MediaAwayError:
                continue
            if told.get("refused") != passing:
                if room:
                    self._remember(room, each + 1)
                return told
            refused = told
        if refused is None:
            raise MediaAwayError
        return refused

    async def _ask_in_turn(self, wish: str) -> Mapping[str, Any]:
        """Begin with another each time, so that what one cannot get rid of holds up no other."""
        told: Mapping[str, Any] | None = None
        for _ in self.desks:
            try:
                told = await self._ask_twice(self.desks[next(self._turns)], wish, {})
            except MediaAwayError:
                continue
            if told.get("parts"):
                break
        if told is None:
            raise MediaAwayError
        return told

    async def _ask_twice(
        self, desk: MediaDesk, wish: str, facts: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The first question after the process was started again finds the old line."""
        try:
            return await desk.ask(wish, **facts)
        except MediaAwayError:
            return await desk.ask(wish, **facts)

    async def _by_load(self, apart_from: int) -> list[int]:
        """The processes that answer, the one with the most to spare first."""
        asked = await asyncio.gather(*(self._load_of(each) for each in self._there(apart_from)))
        return [number for load, number in sorted(asked) if load >= 0]

    async def _load_of(self, number: int) -> tuple[float, int]:
        try:
            told = await self._ask_twice(self.desks[number - 1], "health", {})
        except MediaAwayError:
            return -1.0, number
        return told["streams"] / told["most_streams"], number

    def _there(self, apart_from: int = 0) -> list[int]:
        """The processes that answered when they were last asked, or all where that was none."""
        numbers = [each for each in range(1, len(self.desks) + 1) if each != apart_from]
        return [each for each in numbers if self.desks[each - 1].health is not None] or numbers

    def _remember(self, room: str, number: int) -> None:
        self._homes.pop(room, None)
        self._homes[room] = number
        if len(self._homes) > _MOST_HOMES:
            del self._homes[next(iter(self._homes))]
