"""Janus in the place of our own engine: what it makes for a room, and what it lacks."""

from collections.abc import Callable
from pathlib import Path

from server.media.ends import COUNTERS, RATES, RECORDING, ReceivingEnd, SendingEnd
from server.media.janus.places import JanusPlaces
from server.media.janus.receiving import JanusReceiving
from server.media.janus.sending import JanusSending
from server.media.limits import RoomRules
from server.media.settled import Settled
from server.media.track import Track


class JanusEngine:
    """A Janus that runs beside us and is reached by its WebSocket on a Unix socket."""

    lacks: frozenset[str] = frozenset({RECORDING, RATES, COUNTERS})

    def __init__(self, socket: Path, rules: RoomRules) -> None:
        self._places = JanusPlaces(socket, rules)

    async def check(self) -> None:
        """Whether it answers; raises RoomRefusal."""
        await self._places.check()

    def make_sending(self, settled: Settled, room: str, tracks: dict[str, Track]) -> SendingEnd:
        """A publisher."""
        return JanusSending(self._places, room, settled.rules, tracks)

    def make_receiving(
        self, settled: Settled, room: str, look_again: Callable[[], None]
    ) -> ReceivingEnd:
        """A subscriber."""
        return JanusReceiving(self._places, room, settled.rules, look_again)

    async def close_room(self, room: str) -> None:
        """Have Janus forget the room."""
        await self._places.end(room)

    async def close(self) -> None:
        """Ask nothing more."""
        await self._places.client.close()
