"""The connection by which one device receives from Janus: Janus offers, the browser answers."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.media.descriptions import check_description
from server.media.ends import Offered
from server.media.errors import RoomRefusal
from server.media.janus.client import JanusRefusedError, Told
from server.media.janus.connection import JanusConnection
from server.media.janus.places import JanusPlaces
from server.media.limits import RoomRules
from server.media.track import Track


class JanusReceiving:
    """A subscriber of Janus's room; `look_again` is called where an offer was given up."""

    def __init__(
        self, places: JanusPlaces, room: str, rules: RoomRules, look_again: Callable[[], None]
    ) -> None:
        self.connection = JanusConnection(rules)
        self.is_given_up = False
        self.name = secrets.token_hex(4)
        self._places, self._room, self._rules = places, room, rules
        self._look_again = look_again
        self._lock = asyncio.Lock()
        self._wanted: frozenset[Track] = frozenset()
        self._mids: dict[str, Track] = {}
        self._offered: Offered | None = None
        self._count = self._sections = 0
        self._expecting: asyncio.TimerHandle | None = None

    @property
    def senders(self) -> Mapping[Track, Any]:
        """Janus counts by itself and does not tell."""
        return {}

    def repeat(self) -> Offered | None:
        """The offer that was not answered yet, for a line that has not heard it."""
        if self._offered is not None:
            self._expect_answer()
        return self._offered

    async def offer(self, tracks: Sequence[Track]) -> Offered | None:
        """Offer these tracks and no others, unless they are or an answer is awaited.

        Raises RoomRefusal; the connection is of no more use then.
        """
        async with self._lock:
            if self._offered is not None or set(tracks) == self._wanted:
                return None
            try:
                told, text = await self._change(tracks)
            except JanusRefusedError:
                self._give_up()
                raise RoomRefusal("description-malformed") from None
            self._wanted = frozenset(tracks)
            if not text:
                return None
            self._note(told, tracks)
            self._sections = text.count("\nm=")
            self._count += 1
            self._offered = Offered(self._count, text, dict(self._mids), self.name)
            self._expect_answer()
            return self._offered

    async def answer(self, number: object, text: object) -> None:
        """The browser's answer to that offer; raises RoomRefusal."""
        async with self._lock:
            handle = self.connection.handle
            if self._offered is None or number != self._offered.number or handle is None:
                raise RoomRefusal("answer-to-nothing")
            checked = check_description(text, self._rules, sections=self._sections)
            try:
                await handle.ask({"request": "start"}, {"type": "answer", "sdp": checked})
            except JanusRefusedError:
                raise RoomRefusal("description-malformed") from None
            self._offered = None
            self._stop_expecting()

    async def close(self) -> None:
        """End it."""
        self._stop_expecting()
        await self.connection.close()

    async def _change(self, tracks: Sequence[Track]) -> tuple[Told, str]:
        """Have Janus send these; its answer, and its offer where there is a new one."""
        added = [self._places.of[each] for each in tracks if each not in self._wanted]
        streams = [{"feed": feed, "mid": mid} for feed, mid in added]
        handle = self.connection.handle
        if handle is None:
            handle = self.connection.handle = await self._places.enter(self._room)
            number = self._places.number_of(self._room)
            body = {"request": "join", "ptype": "subscriber", "room": number, "autoupdate": False}
            return await handle.ask({**body, "streams": streams})
        gone = [{"sub_mid": mid} for mid, track in self._mids.items() if track not in tracks]
        body = {"request": "update"}
        lists = {"subscribe": streams, "unsubscribe": gone}
        return await handle.ask({**body, **{name: each for name, each in lists.items() if each}})

    def _note(self, told: Told, tracks: Sequence[Track]) -> None:
        """Which section is whose, as Janus says it."""
        by_place = {self._places.of[each]: each for each in tracks}
        self._mids = {}
        for stream in told.get("streams", ()):
            place = stream.get("feed_id"), str(stream.get("feed_mid", ""))
            track = by_place.get(place)
            if stream.get("active") and track is not None:
                self._mids[str(stream["mid"])] = track

    def _expect_answer(self) -> None:
        """An offer that nobody answers is given up with its connection; the next begins anew."""
        self._stop_expecting()
        loop = asyncio.get_running_loop()
        self._expecting = loop.call_later(self._rules.answer_s, self._give_up)

    def _stop_expecting(self) -> None:
        if self._expecting is not None:
            self._expecting.cancel()
            self._expecting = None

    def _give_up(self) -> None:
        self._expecting, self.is_given_up = None, True
        self._look_again()
