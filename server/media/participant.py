"""One device of one person in a room, from its first coming to its leaving."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.media.ends import Offered, ReceivingEnd, SendingEnd
from server.media.errors import RoomRefusal
from server.media.publishing import check_wish
from server.media.rate import Allowance
from server.media.settled import Settled
from server.media.tokens import Claims
from server.media.track import Track

_CONNECTIONS_IN_S = 10


class Participant:
    """What it sends and receives; it outlives both connections and its line to the web server."""

    def __init__(self, claims: Claims, settled: Settled) -> None:
        self.claims = claims
        self.tracks: dict[str, Track] = {}
        self.publishing: SendingEnd | None = None
        self.subscription: ReceivingEnd | None = None
        self.changed = asyncio.Event()
        self.takes_video = True
        self.is_gone = False
        self.is_silent = False
        self.tell: Callable[[Mapping[str, Any]], None] | None = None
        self.away_since_s: float | None = None
        self._settled, self._engine = settled, settled.engine
        most = settled.rules.most_connections
        self._connections = Allowance(most, most / _CONNECTIONS_IN_S)
        self.descriptions = Allowance(
            settled.rules.descriptions_at_once, settled.rules.descriptions_a_second
        )

    @property
    def name(self) -> str:
        """By what the room knows it: no other device has it."""
        return f"{self.claims.person}/{self.claims.device}"

    async def publish(self, offer: object, sources: object, *, anew: bool) -> str:
        """Our answer to what it would send; `anew`: by another connection. Raises RoomRefusal."""
        wish = check_wish(offer, sources, self._settled.rules)
        publishing = self.publishing
        if anew or publishing is None or not publishing.is_of(wish):
            self._count_connection()
            before = publishing
            publishing = self._engine.make_sending(self._settled, self.claims.room, self.tracks)
            self.publishing = publishing
            if before is not None:
                await before.close()
        try:
            self._check_is_there()
            answer = await publishing.accept(wish)
            self._check_is_there()
        except RoomRefusal:
            await self._drop(publishing)
            raise
        return answer

    async def offer(self, tracks: Sequence[Track]) -> Offered | None:
        """What it shall receive, where that has changed. Raises RoomRefusal."""
        wanted = [each for each in tracks if self.takes_video or each.kind == "audio"]
        old = self.subscription
        if old is not None and (old.is_given_up or old.connection.has_ended):
            await self.end_subscription()
        if self.subscription is None and not wanted:
            return None
        self._check_is_there()
        subscription = self.subscription
        if subscription is None:
            self._count_connection()
            subscription = self.subscription = self._engine.make_receiving(
                self._settled, self.claims.room, self.changed.set
            )
        offered = await subscription.offer(wanted)
        try:
            self._check_is_there()
        except RoomRefusal:
            await subscription.close()
            raise
        return offered

    def repeat_offer(self) -> Offered | None:
        """What an earlier line was told and nobody has answered."""
        known = self.subscription
        return None if known is None or known.is_given_up else known.repeat()

    async def end_publishing(self) -> None:
        """Its sending connection is of no more use; its tracks wait for another."""
        ended, self.publishing = self.publishing, None
        if ended is not None:
            await ended.close()

    async def end_subscription(self) -> None:
        """Its receiving connection is of no more use."""
        ended, self.subscription = self.subscription, None
        if ended is not None:
            await ended.close()

    async def leave(self) -> None:
        """It sends and receives nothing more, at once; its peers are told within seconds."""
        self.is_gone = True
        self._let_go()
        await asyncio.gather(self.end_subscription(), self.end_publishing())

    def _let_go(self) -> None:
        for track in self.tracks.values():
            track.bring(None)
        self.tracks.clear()

    def _check_is_there(self) -> None:
        if self.is_gone:
            raise RoomRefusal("gone")

    async def _drop(self, publishing: SendingEnd) -> None:
        """What was refused, or came into being while the participant left."""
        if self.publishing is publishing:
            self.publishing = None
        if self.is_gone:
            self._let_go()
        await publishing.close()

    def _count_connection(self) -> None:
        if not self._connections.take(asyncio.get_running_loop().time()):
            raise RoomRefusal("too-many-connections")
