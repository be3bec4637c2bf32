"""One track of a participant: it outlives the connections that bring it, and knows who takes it."""

import asyncio
import secrets
from typing import Final, Protocol

from server.media.arrivals import Arrival, Arrivals
from server.media.limits import RoomRules

_VIDEO: Final = "video"
LONGEST_PAYLOAD: Final = 1312
"""In bytes: with our own head and extensions, libsrtp takes no longer packet than 1,356."""


class Taker(Protocol):
    """Who passes the packets on."""

    def pass_on(self, origin: object, packet: "Packet") -> None:
        """Take one packet; `origin` is another object where numbers begin anew."""

    @property
    def limit_bps(self) -> int:
        """What its line is thought to carry, in bits a second."""


class Bringer(Protocol):
    """The receiver that brings the packets at present."""

    def ask_for_keyframe(self) -> None:
        """Ask the sender for a whole picture."""

    def ask_for(self, missing: list[int]) -> None:
        """Ask the sender for packets again."""


Packet = tuple[int, int, int, bytes]
"""Sequence number, marker (0x80 or 0), timestamp, payload."""


class Track:
    """The packets of one source, with those of the last seconds."""

    def __init__(self, kind: str, source: str, rules: RoomRules) -> None:
        self.kind, self.source = kind, source
        self.takers: list[Taker] = []
        self.stream = secrets.token_hex(8)  # what has the same is kept in step
        self.codec = ""
        self.ceiling_bps = rules.ceilings.two
        self.arrivals = Arrivals()
        self.origin: object = object()
        self.octets = self.keyframes_asked = 0
        self.clock: tuple[int, int] | None = None  # NTP and RTP time of the last report
        self.clock_heard_s = 0.0
        size = rules.history_video if kind == _VIDEO else rules.history_audio
        self._size = size
        # parallel lists: a tuple a packet would be looked at by every collection of garbage
        self._seqs, self._markers, self._stamps = [-1] * size, [0] * size, [0] * size
        self._payloads = [b""] * size
        self._bringer: Bringer | None = None
        self._every_s, self._asked_s = rules.keyframe_every_s, -1e9
        self._look: asyncio.TimerHandle | None = None
        self._asks_soon: asyncio.TimerHandle | None = None

    def bring(self, bringer: Bringer | None) -> None:
        """Another connection brings it from now on, or none; numbers begin anew."""
        if bringer is not self._bringer:
            self._bringer = bringer
            self.begin_anew()

    def is_brought_by(self, bringer: Bringer) -> bool:
        """Whether this is its connection."""
        return self._bringer is bringer

    def begin_anew(self) -> None:
        """Forget numbers and packets: what comes next has others."""
        self.arrivals.begin_anew()
        self.origin, self.clock = object(), None
        self._seqs[:] = [-1] * self._size
        self._stop_looking()

    def take(self, seq: int, marker: int, stamp: int, payload: bytes) -> None:
        """A packet came: keep it and pass it on."""
        arrivals = self.arrivals
        if seq == arrivals.expected and seq:
            arrivals.expected = (seq + 1) & 0xFFFF
            arrivals.received += 1
        elif not self._note(seq):
            return
        place = seq % self._size
        self._seqs[place], self._markers[place] = seq, marker
        self._stamps[place], self._payloads[place] = stamp, payload
        self.octets += len(payload)
        packet = seq, marker, stamp, payload
        for taker in self.takers:
            taker.pass_on(self.origin, packet)

    def find_packet(self, seq: int) -> Packet | None:
        """A packet of the last seconds."""
        place = seq % self._size
        if self._seqs[place] != seq:
            return None
        return seq, self._markers[place], self._stamps[place], self._payloads[place]

    def ask_for_keyframe(self) -> None:
        """Ask for a whole picture; where somebody has just asked, again in a moment."""
        if self.kind != _VIDEO or self._bringer is None or self._asks_soon is not None:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._asked_s + self._every_s - loop.time()
        if wait_s > 0:
            self._asks_soon = loop.call_later(wait_s, self._ask_now)
        else:
            self._ask_now()

    @property
    def wanted_bps(self) -> int:
        """What its sender should send: what the room allows and every taker's line carries."""
        return min((self.ceiling_bps, *(taker.limit_bps for taker in self.takers)))

    def _ask_now(self) -> None:
        self._asks_soon = None
        if self._bringer is not None:
            self._asked_s = asyncio.get_running_loop().time()
            self.keyframes_asked += 1
            self._bringer.ask_for_keyframe()

    def _note(self, seq: int) -> bool:
        """Whether it is to be passed on."""
        arrival = self.arrivals.note(seq, asyncio.get_running_loop().time())
        if arrival is Arrival.JUMP:
            self.begin_anew()
            self.arrivals.note(seq, 0.0)
            self.ask_for_keyframe()
        elif arrival is Arrival.GAP:
            self._ask_again()
        return arrival is not Arrival.OLD

    def _ask_again(self) -> None:
        self._stop_looking()
        loop = asyncio.get_running_loop()
        ask, wait_s, gave_up = self.arrivals.due(loop.time())
        if ask and self._bringer is not None:
            self._bringer.ask_for(ask)
        if gave_up:
            self.ask_for_keyframe()
        if wait_s is not None:
            self._look = loop.call_later(wait_s, self._ask_again)

    def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None
