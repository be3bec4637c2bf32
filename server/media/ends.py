"""What an engine is to a room: the two ends of a device, one that sends and one that receives.

Everything else of a room (who is there, tokens, places, what is told) is the same with every
engine. An engine says what it lacks, and whoever wishes that is refused with a reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from server.media.publishing import Wish
    from server.media.settled import Settled
    from server.media.track import Track

RECORDING: Final = "recording"
"""Packets can be written as they pass."""
RATES: Final = "rates"
"""What a sender sends follows the number of people and the lines of those who receive it."""
COUNTERS: Final = "counters"
"""Packets, losses and what was sent again are counted for each track."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer, whose track each of its sections is, and of which connection it is."""

    number: int
    text: str
    tracks: "Mapping[str, Track]"
    connection: str


class LineEnd(Protocol):
    """One connection with one browser, as a room watches it."""

    @property
    def is_connected(self) -> bool:
        """Whether the handshake is over and the peer still there."""

    @property
    def has_ended(self) -> bool:
        """Whether it will never carry anything again."""

    def beat(self) -> None:
        """Once a second."""

    def silent_s(self) -> float:
        """How long nothing has come, in seconds; before it stands, since it was begun."""

    def strangers(self) -> int:
        """How many datagrams were dropped that no peer of ours sent."""

    async def add_candidate(self, told: object) -> None:
        """One more of the peer's addresses; raises RoomRefusal."""


class SendingEnd(Protocol):
    """By which a device sends: its browser offers."""

    @property
    def connection(self) -> LineEnd:
        """Its line."""

    def is_of(self, wish: "Wish") -> bool:
        """Whether an offer is of the browser's connection that this one serves."""

    async def accept(self, wish: "Wish") -> str:
        """The answer, once the tracks are what was offered. Raises RoomRefusal."""

    async def close(self) -> None:
        """End it."""


class ReceivingEnd(Protocol):
    """By which a device receives: the room offers; no other has its name."""

    name: str
    is_given_up: bool

    @property
    def connection(self) -> LineEnd:
        """Its line."""

    @property
    def senders(self) -> "Mapping[Track, Any]":
        """Who passes each track on, where that is counted."""

    def repeat(self) -> Offered | None:
        """The offer that was not answered yet."""

    async def offer(self, tracks: "Sequence[Track]") -> Offered | None:
        """Offer these tracks and no others, unless they are or an answer is awaited.

        Raises RoomRefusal.
        """

    async def answer(self, number: object, text: object) -> None:
        """The browser's answer to that offer; raises RoomRefusal."""

    async def close(self) -> None:
        """End it."""


class Engine(Protocol):
    """Who makes both ends."""

    lacks: frozenset[str]

    def make_sending(self, settled: "Settled", room: str, tracks: "dict[str, Track]") -> SendingEnd:
        """An end whose tracks stand in `tracks` by their source."""

    def make_receiving(
        self, settled: "Settled", room: str, look_again: Callable[[], None]
    ) -> ReceivingEnd:
        """An end that calls `look_again` where an offer was given up."""

    async def check(self) -> None:
        """Whether it can carry a room now; raises RoomRefusal."""

    async def close_room(self, room: str) -> None:
        """Nobody is in a room any more, and nobody will be."""

    async def close(self) -> None:
        """The process ends."""
