"""How packets leave by one connection: at its socket (C3), or through aiortc's own chain (C1)."""

import asyncio
import contextlib
from typing import Final, Protocol, cast
from weakref import WeakKeyDictionary

import pylibsrtp

from server.media.engine import RTCDtlsTransport
from server.media.ingress import Hearer, Ingress
from server.media.known_sources import KnownSources
from server.media.loop import DrainedTransport
from server.media.srtp import make_protect

_MOST_WAITING: Final = 2048
_UNSENDABLE: Final = (pylibsrtp.Error, ValueError)  # the latter where it is too long
_UNSENT: Final = (*_UNSENDABLE, BlockingIOError, InterruptedError)


class Outlet(Protocol):
    """Where clear packets are put."""

    def send(self, raw: bytes) -> None:
        """Encipher and send RTP."""

    def send_rtcp(self, raw: bytes) -> None:
        """Encipher and send RTCP."""

    def hear(self, receiver: Hearer) -> None:
        """Hand a receiver what comes for it."""

    def forget(self, receiver: Hearer) -> None:
        """Hand it nothing more."""

    def refresh(self) -> None:
        """Look whether the peer moved to another address."""

    def close(self) -> None:
        """Send nothing more."""


class SocketOutlet:
    """The short way: SRTP and socket are held here, and looked at again every second."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._dtls = dtls
        self._protect = make_protect(dtls._tx_srtp)
        self._protect_rtcp = dtls._tx_srtp.protect_rtcp
        self._ingress: Ingress | None = None
        self._line: DrainedTransport | None = None
        self._peer: tuple[str, int] | None = None
        self.refresh()

    def send(self, raw: bytes) -> None:
        """Encipher and send RTP."""
        line = self._line
        if line is not None:
            try:
                line.sock.sendto(self._protect(raw), self._peer)  # type: ignore[arg-type]
            except _UNSENT:
                line.unsent += 1
            except OSError as broken:
                line.fail(broken)

    def send_rtcp(self, raw: bytes) -> None:
        """Encipher and send RTCP."""
        line = self._line
        if line is not None:
            try:
                line.sendto(self._protect_rtcp(raw), self._peer)
            except _UNSENDABLE:
                line.unsent += 1

    def hear(self, receiver: Hearer) -> None:
        """Hand a receiver what comes for it."""
        if self._ingress is None:
            self._ingress = Ingress(self._dtls, self.send_rtcp)
        self._ingress.add(receiver)
        self.refresh()

    def forget(self, receiver: Hearer) -> None:
        """Hand it nothing more."""
        if self._ingress is not None:
            self._ingress.remove(receiver)

    def refresh(self) -> None:
        """Look whether the peer moved to another address."""
        pair = self._dtls.transport._connection._nominated.get(1)
        line = None if pair is None else cast("DrainedTransport", pair.protocol.transport)
        self._peer = None if pair is None else pair.remote_addr
        if line is not self._line and self._line is not None:
            self._line.on_media = None
        self._line = line
        if line is not None and self._ingress is not None:
            line.on_media = self._ingress.take

    def close(self) -> None:
        """Send nothing more, and hear nothing."""
        if self._line is not None:
            self._line.on_media = None
        if self._ingress is not None:
            self._ingress.close()
        self._line, self._peer, self._ingress = None, None, None


class ChainOutlet:
    """The long way: one task puts the packets into aiortc one after the other."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._dtls = dtls
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)
        self._task = asyncio.get_running_loop().create_task(self._pump(), name="outlet")

    def send(self, raw: bytes) -> None:
        """Have it sent when its turn comes; what is too much is lost."""
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait(raw)

    def send_rtcp(self, raw: bytes) -> None:
        """The same: aiortc tells one from the other."""
        self.send(raw)

    def hear(self, receiver: Hearer) -> None:
        """Aiortc hands it what comes."""

    def forget(self, receiver: Hearer) -> None:
        """Aiortc was told."""

    def refresh(self) -> None:
        """Aiortc looks itself."""

    def close(self) -> None:
        """Send nothing more."""
        self._task.cancel()

    async def _pump(self) -> None:
        while True:
            with contextlib.suppress(ConnectionError, *_UNSENDABLE):
                await self._dtls._send_rtp(await self._waiting.get())


class Outlets:
    """The outlet of each connection, made when its handshake is over."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[RTCDtlsTransport, Outlet] = WeakKeyDictionary()
        self.is_short = True

    def of(self, dtls: RTCDtlsTransport) -> Outlet:
        """The outlet, made at the first question."""
        outlet = self._known.get(dtls)
        if outlet is None:
            KnownSources(dtls._rx_srtp)
            outlet = SocketOutlet(dtls) if self.is_short else ChainOutlet(dtls)
            self._known[dtls] = outlet
        return outlet

    def close(self, dtls: RTCDtlsTransport) -> None:
        """The connection has ended."""
        outlet = self._known.pop(dtls, None)
        if outlet is not None:
            outlet.close()

    def refresh(self, dtls: RTCDtlsTransport) -> None:
        """Once a second: whether its peer moved."""
        outlet = self._known.get(dtls)
        if outlet is not None:
            outlet.refresh()


OUTLETS: Final = Outlets()
"""Aiortc makes receivers and senders itself, so they find here what they were not given."""
