"""One participant's line: what its browser says, and what it is told, until the line breaks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from server.media.ends import Offered
from server.media.errors import RoomRefusal
from server.media.line import Line
from server.media.lowering import tell_rate
from server.media.participant import Participant
from server.media.rate import Allowance
from server.media.room import Room
from server.media.together.table import Hearing, is_of_table, refuse

_LOOK_AGAIN_S: Final = 1.0
_LAST_WORDS: Final = frozenset({"taken-over", "removed", "closed"})
_DESCRIBES: Final = frozenset({"publish", "answer"})
Said = Mapping[str, Any]


class Session:
    """Between one line and one participant of one room."""

    def __init__(self, room: Room, participant: Participant, line: Line) -> None:
        self._room, self._participant, self._line = room, participant, line
        rules = room.settled.rules
        self._offering: asyncio.Task[None] | None = None
        self._allowance = Allowance(rules.messages_at_once, rules.messages_a_second)
        self._hearing = Hearing(rules.together)

    async def serve(self) -> None:
        """Until the line breaks or the participant leaves; a later line takes this one's place."""
        participant = self._participant
        before = participant.tell
        tell = participant.tell = self._tell
        if before is not None:
            before({"told": "taken-over"})
        self._line.send(
            {
                "told": "welcome",
                "participant": participant.name,
                "people": self._room.list_people(),
                "recording": self._room.recorder.told(),
                "showing": self._room.table.state_for(participant),
            }
        )
        offered = participant.repeat_offer()
        if offered is not None:
            self._line.send(self._as_message(offered))
        participant.changed.set()
        self._offering = asyncio.get_running_loop().create_task(
            self._keep_offering(), name="offering"
        )
        rate = asyncio.get_running_loop().create_task(
            tell_rate(participant, self._line.send), name="rate"
        )
        try:
            await self._listen(tell)
        finally:
            self._offering.cancel()
            rate.cancel()
            await self._end(tell)

    async def _listen(self, tell: object) -> None:
        while (said := await self._line.receive()) is not None:
            if self._participant.tell is not tell:
                return  # another line has taken over
            if is_of_table(said.get("say")):
                await self._look(said)
                continue
            if not self._allowance.take(asyncio.get_running_loop().time()):
                self._line.send({"told": "refused", "code": "too-many-messages"})
                return
            await self._heed(said)
            if not self._room.has(self._participant):
                return

    async def _look(self, said: Said) -> None:
        """What is said of the picture that is looked at together, by an allowance of its own."""
        says = said["say"]
        wait_s = self._hearing.wait_s(says, asyncio.get_running_loop().time())
        if wait_s is None:
            return
        await asyncio.sleep(wait_s)
        try:
            self._room.table.heed(self._participant, said)
        except RoomRefusal as refused:
            self._line.send(refuse(says, refused))

    def _tell(self, message: Said) -> None:
        if message["told"] == "point" and self._line.is_behind:
            return  # a later place of that hand says all
        self._line.send(message)
        if message["told"] in _LAST_WORDS:
            if self._offering is not None:
                self._offering.cancel()  # what is offered from now on is for a later line
            self._line.end()

    async def _end(self, tell: object) -> None:
        if self._participant.tell is not tell:
            return
        self._participant.tell = None
        if self._room.has(self._participant):
            self._participant.away_since_s = asyncio.get_running_loop().time()
            self._room.note_change()

    async def _heed(self, said: Said) -> None:
        says = said.get("say")
        act = self._acts.get(says) if isinstance(says, str) else None
        if act is None:
            self._line.send({"told": "refused", "say": "", "code": "unknown-word"})
            return
        try:
            if says in _DESCRIBES:
                await self._wait_to_describe()
            await act(self, said)
        except RoomRefusal as refused:
            self._line.send({"told": "refused", "say": says, "code": refused.code})

    async def _wait_to_describe(self) -> None:
        """Reading a description costs all rooms time: whoever sends many is read more slowly."""
        now_s = asyncio.get_running_loop().time()
        await asyncio.sleep(self._participant.descriptions.take_later(now_s))

    async def _publish(self, said: Said) -> None:
        answer = await self._room.publish(
            self._participant,
            said.get("offer"),
            said.get("sources"),
            anew=said.get("anew") is True,
        )
        self._line.send({"told": "published", "answer": answer})

    async def _answer(self, said: Said) -> None:
        """Numbers begin anew with every connection: an answer that names another is too late."""
        known = self._participant.subscription
        if known is not None and said.get("connection", known.name) != known.name:
            raise RoomRefusal("answer-to-nothing")
        await self._room.answer(self._participant, said.get("number"), said.get("answer"))

    async def _candidate(self, said: Said) -> None:
        of = said.get("of")
        ends = {"publish": self._participant.publishing, "receive": self._participant.subscription}
        end = ends.get(of) if isinstance(of, str) else None
        if end is None:
            raise RoomRefusal("candidate-of-nothing")
        await end.connection.add_candidate(said.get("candidate"))

    async def _receive(self, said: Said) -> None:
        """By another connection, or with sound alone."""
        if said.get("anew") is True:
            await self._participant.end_subscription()
        if isinstance(said.get("video"), bool):
            self._participant.takes_video = said["video"]
        self._participant.changed.set()

    async def _leave(self, _said: Said) -> None:
        self._room.leave(self._participant)

    _acts: Final[Mapping[str, Callable[["Session", Said], Awaitable[None]]]] = {
        "publish": _publish,
        "answer": _answer,
        "candidate": _candidate,
        "receive": _receive,
        "leave": _leave,
    }

    async def _keep_offering(self) -> None:
        """Whenever something has changed, and the last offer was answered."""
        while True:
            await self._participant.changed.wait()
            self._participant.changed.clear()
            try:
                offered = await self._room.offer(self._participant)
            except RoomRefusal as refused:
                self._line.send({"told": "refused", "say": "receive", "code": refused.code})
                await asyncio.sleep(_LOOK_AGAIN_S)
                self._participant.changed.set()
                continue
            if offered is not None:
                self._line.send(self._as_message(offered))

    def _as_message(self, offered: Offered) -> Said:
        return {
            "told": "offer",
            "connection": offered.connection,
            "number": offered.number,
            "offer": offered.text,
            "tracks": [
                {"mid": mid, "participant": self._room.owner_of(track), "source": track.source}
                for mid, track in offered.tracks.items()
            ],
        }
