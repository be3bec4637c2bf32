"""One connection with one peer, whichever way it sends: kept in step, watched, closed in time."""

import asyncio
import contextlib
from typing import Any, ClassVar, Final

import structlog

from server.media.descriptions import advertise, is_candidate_tried
from server.media.engine import (
    REFUSALS,
    RTCRtpTransceiver,
    RTCSessionDescription,
    candidate_from_sdp,
    make_peer,
)
from server.media.errors import RoomRefusal
from server.media.loop import DrainedTransport
from server.media.outlet import OUTLETS
from server.media.receiver import ForwardReceiver
from server.media.sender import ForwardSender
from server.media.settled import Settled

log = structlog.get_logger()
_CLOSES_S: Final = 5.0
_ENDED: Final = frozenset({"failed", "closed"})


class Connection:
    """aiortc's connection, with what it lacks."""

    ended: ClassVar[int] = 0  # of all connections: what they were made of is garbage

    def __init__(self, settled: Settled) -> None:
        self.peer = make_peer()
        self.settled = settled
        self.lock = asyncio.Lock()  # one description at a time
        self._made_s = asyncio.get_running_loop().time()
        self._candidates = 0

    @property
    def sections(self) -> list[RTCRtpTransceiver]:
        """Its sections, in the order of the description."""
        return self.peer.getTransceivers()

    @property
    def is_connected(self) -> bool:
        """Whether the handshake is over and the peer still there."""
        return self.peer.connectionState == "connected"

    @property
    def has_ended(self) -> bool:
        """Whether it will never carry anything again."""
        return self.peer.connectionState in _ENDED

    async def read(self, text: str, kind: str) -> None:
        """Take the peer's offer or answer, which was checked; raises RoomRefusal."""
        try:
            async with asyncio.timeout(self.settled.rules.answer_s):
                await self.peer.setRemoteDescription(RTCSessionDescription(text, kind))
        except REFUSALS as refused:
            log.info("description refused", error=type(refused).__name__)
            raise RoomRefusal("description-malformed") from None
        except TimeoutError:
            raise RoomRefusal("description-malformed") from None

    async def write(self) -> str:
        """Our own offer or answer, with all our candidates; raises RoomRefusal."""
        try:
            await self.peer.setLocalDescription()
        except REFUSALS as refused:
            log.warning("description not made", error=type(refused).__name__)
            raise RoomRefusal("description-malformed") from None
        text = self.peer.localDescription.sdp
        for private in self.settled.addresses:
            text = advertise(text, private=private, public=self.settled.public_address)
        return text

    async def add_candidate(self, told: object) -> None:
        """One more of the peer's addresses, as browsers tell it; raises RoomRefusal."""
        if not isinstance(told, dict):
            raise RoomRefusal("candidate-malformed")
        line = str(told.get("candidate", "")).removeprefix("candidate:")
        self._candidates += 1
        if self._candidates > self.settled.rules.most_candidates:
            raise RoomRefusal("too-many-candidates")
        if not line or not line.isascii() or not is_candidate_tried(line):
            return
        try:
            candidate = candidate_from_sdp(line)
            candidate.sdpMid = str(told.get("sdpMid", "0"))
            await self.peer.addIceCandidate(candidate)
        except REFUSALS:
            raise RoomRefusal("candidate-malformed") from None

    def beat(self) -> None:
        """Once a second."""
        for section in self.sections:
            dtls = section.receiver.transport
            OUTLETS.refresh(dtls)
            for end in (section.receiver, section.sender):
                if isinstance(end, ForwardReceiver | ForwardSender):
                    end.beat()
        self._tell_limit()

    @property
    def has_heard(self) -> bool:
        """Whether anything came from its peer."""
        return any(line.heard_s > self._made_s for line in self._lines())

    def silent_s(self) -> float:
        """How long nothing has come; of a connection that is not made yet, since it was begun."""
        now_s = asyncio.get_running_loop().time()
        heard_s = max((line.heard_s for line in self._lines()), default=self._made_s)
        return now_s - (heard_s if self.is_connected else self._made_s)

    def strangers(self) -> int:
        """How many datagrams were dropped that no peer of ours sent."""
        return sum(line.sources.strangers for line in self._lines())

    async def close(self) -> None:
        """End it; a peer that does not help is left alone."""
        transports = {section.receiver.transport for section in self.sections}
        for dtls in transports:
            OUTLETS.close(dtls)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSES_S):
                await self.peer.close()
        Connection.ended += 1

    def _tell_limit(self) -> None:
        """One limit for the whole connection: whoever sends a picture, and its sound."""
        heard = {
            receiver: receiver.heard
            for receiver in (section.receiver for section in self.sections)
            if isinstance(receiver, ForwardReceiver)
        }
        pictures = [each for each, track in heard.items() if track is not None and each.is_video]
        if pictures:
            bps = sum(
                track.wanted_bps if each.is_video else self.settled.rules.ceilings.sound
                for each, track in heard.items()
                if track is not None
            )
            ssrcs = [x.ssrc for x, track in heard.items() if track is not None and x.ssrc]
            pictures[0].tell_limit(bps, ssrcs)

    def _lines(self) -> list[DrainedTransport]:
        found: list[Any] = [
            protocol.transport
            for dtls in {section.receiver.transport for section in self.sections}
            for protocol in dtls.transport._connection._protocols
        ]
        return [line for line in found if isinstance(line, DrainedTransport)]
