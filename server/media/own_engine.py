"""The engine of this house: packets are passed on by this process itself."""

from collections.abc import Callable

from server.media.ends import ReceivingEnd, SendingEnd
from server.media.publishing import Publishing
from server.media.settled import Settled
from server.media.subscription import Subscription
from server.media.track import Track


class OwnEngine:
    """It lacks nothing."""

    lacks: frozenset[str] = frozenset()

    def make_sending(self, settled: Settled, room: str, tracks: dict[str, Track]) -> SendingEnd:
        """A connection of aiortc's, whose packets our own receivers take."""
        del room
        return Publishing(settled, tracks)

    def make_receiving(
        self, settled: Settled, room: str, look_again: Callable[[], None]
    ) -> ReceivingEnd:
        """A connection of aiortc's, to which our own senders pass packets on."""
        del room
        return Subscription(settled, look_again)

    async def check(self) -> None:
        """It was tried at the start (`touching.choose_way`)."""

    async def close_room(self, room: str) -> None:
        """Nothing is kept of a room here."""

    async def close(self) -> None:
        """Its connections end with their rooms."""
