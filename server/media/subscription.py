"""The connection by which one device receives: we offer, the browser answers.

A section is never taken away: one whose track has gone is inactive until the next of its kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.media.connection import Connection
from server.media.descriptions import check_description, without_times
from server.media.engine import RTCRtpTransceiver
from server.media.errors import RoomRefusal
from server.media.sender import ForwardSender
from server.media.settled import Settled
from server.media.track import Track


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer, and whose track each of its sections is."""

    number: int
    text: str
    tracks: Mapping[str, Track]


class Subscription:
    """One browser's receiving connection."""

    def __init__(self, settled: Settled) -> None:
        self.connection = Connection(settled)
        self._settled = settled
        self._wanted: dict[RTCRtpTransceiver, Track] = {}
        self._offered: Offered | None = None
        self._count = 0
        self.is_given_up = False

    @property
    def is_waiting(self) -> bool:
        """Whether an offer was not answered yet."""
        return self._offered is not None

    def give_up(self, number: int) -> bool:
        """Whether this offer was never answered; the connection is then of no more use."""
        if self._offered is not None and self._offered.number == number:
            self.is_given_up = True
        return self.is_given_up

    @property
    def senders(self) -> Mapping[Track, ForwardSender]:
        """Who passes each track on."""
        return {
            track: section.sender
            for section, track in self._wanted.items()
            if isinstance(section.sender, ForwardSender)
        }

    def lacks(self, tracks: Sequence[Track]) -> bool:
        """Whether these are other tracks than those that were offered."""
        return set(tracks) != set(self._wanted.values())

    async def offer(self, tracks: Sequence[Track]) -> Offered:
        """Offer these tracks and no others; raises RoomRefusal."""
        async with self.connection.lock:
            self._arrange(tracks)
            text = without_times(await self.connection.write())
            self._count += 1
            named = {
                section.mid: track
                for section, track in self._wanted.items()
                if section.mid is not None
            }
            self._offered = Offered(self._count, text, named)
            return self._offered

    async def answer(self, number: object, text: object) -> None:
        """The browser's answer to that offer; raises RoomRefusal."""
        async with self.connection.lock:
            if self._offered is None or number != self._offered.number:
                raise RoomRefusal("answer-to-nothing")
            await self.connection.read(check_description(text, self._settled.rules), "answer")
            self._offered = None
            for section in self.connection.sections:
                if isinstance(section.sender, ForwardSender):
                    section.sender.bind(self._wanted.get(section), self._settled.rules)

    async def close(self) -> None:
        """End it."""
        await self.connection.close()

    def _arrange(self, tracks: Sequence[Track]) -> None:
        gone = [section for section, track in self._wanted.items() if track not in tracks]
        for section in gone:
            del self._wanted[section]
            section.direction = "inactive"
            if isinstance(section.sender, ForwardSender):
                section.sender.bind(None, self._settled.rules)
        have = set(self._wanted.values())
        for track in tracks:
            if track not in have:
                section = self._free_section(track.kind)
                section.direction = "sendonly"
                self._wanted[section] = track

    def _free_section(self, kind: str) -> RTCRtpTransceiver:
        for section in self.connection.sections:
            if section.kind == kind and section not in self._wanted:
                return section
        return self.connection.peer.addTransceiver(kind, "sendonly")
