"""The connection by which one device sends to Janus: the browser offers, Janus answers."""

import asyncio
import re
from typing import Final

from server.media.errors import RoomRefusal
from server.media.janus.client import JanusHandle, JanusRefusedError
from server.media.janus.connection import JanusConnection
from server.media.janus.places import JanusPlaces
from server.media.limits import RoomRules
from server.media.publishing import SOURCES, Wish
from server.media.track import Track

_BEGINS: Final = re.compile(r"^(?=m=)", re.MULTILINE)
_KIND: Final = re.compile(r"^m=(\S+)")
_MID: Final = re.compile(r"^a=mid:(\S+)", re.MULTILINE)
_SILENT: Final = re.compile(r"^a=(?:recvonly|inactive)\s*$", re.MULTILINE)


def find_sending(offer: str) -> dict[str, str]:
    """Of each section that sends: its name and its kind."""
    found = {}
    for part in _BEGINS.split(offer):
        kind, mid = _KIND.search(part), _MID.search(part)
        if kind and mid and not _SILENT.search(part):
            found[mid[1]] = kind[1]
    return found


class JanusSending:
    """A publisher of Janus's room; its tracks carry no packets here."""

    def __init__(
        self, places: JanusPlaces, room: str, rules: RoomRules, tracks: dict[str, Track]
    ) -> None:
        self.connection = JanusConnection(rules)
        self._places, self._room, self._rules, self._tracks = places, room, rules, tracks
        self._page: str | None = None
        self._lock = asyncio.Lock()
        self._feed = 0
        self._is_published = False

    def is_of(self, wish: Wish) -> bool:
        """Whether the offer is of the browser's connection that we already have."""
        return self._page in {None, wish.page} and not self.connection.has_ended

    async def accept(self, wish: Wish) -> str:
        """Janus's answer. Raises RoomRefusal, and is then of no more use."""
        self._page = wish.page
        async with self._lock:
            sending = self._check(wish)
            try:
                handle = self.connection.handle or await self._enter()
                word = "configure" if self._is_published else "publish"
                limit = self._rules.ceilings.two
                _, answer = await handle.ask(
                    {"request": word, "bitrate": limit}, {"type": "offer", "sdp": wish.offer}
                )
            except JanusRefusedError:
                raise RoomRefusal("description-malformed") from None
            if not answer:
                raise RoomRefusal("description-malformed")
            self._is_published = True
            self._hand_out(sending)
            return answer

    async def close(self) -> None:
        """End it; what it sent is sent no more, until another connection brings it."""
        await self.connection.close()

    async def _enter(self) -> JanusHandle:
        handle = await self._places.enter(self._room)
        self.connection.handle = handle
        told, _ = await handle.ask(
            {"request": "join", "ptype": "publisher", "room": self._places.number_of(self._room)}
        )
        self._feed = int(told["id"])
        return handle

    def _check(self, wish: Wish) -> dict[str, tuple[str, str]]:
        """The section and the kind of each source that sends; raises RoomRefusal."""
        found = {}
        for mid, kind in find_sending(wish.offer).items():
            source = wish.sources.get(mid)
            if source is None:
                continue
            if SOURCES[source] != kind:
                raise RoomRefusal("source-of-another-kind")
            found[source] = mid, kind
        return found

    def _hand_out(self, sending: dict[str, tuple[str, str]]) -> None:
        """A track for each source; one that comes by another way is another track."""
        for source in [each for each in self._tracks if each not in sending]:
            del self._tracks[source]
        for source, (mid, kind) in sending.items():
            known, place = self._tracks.get(source), (self._feed, mid)
            if known is None or self._places.of.get(known) != place:
                track = self._tracks[source] = Track(kind, source, self._rules)
                self._places.of[track] = place
