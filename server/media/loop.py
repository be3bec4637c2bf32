"""An event loop whose UDP sockets lie in one range of ports and keep media apart from the rest.

Only public seams of asyncio: the loop is subclassed, and `create_datagram_endpoint` overridden.
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from server.media.sources import Sources

Address = tuple[str, int]
_AT_ONCE: Final = 32  # datagrams read before others have their turn
_LONGEST_DATAGRAM: Final = 1500  # libsrtp takes no longer one
_RECEIVE_BYTES: Final = 1 << 20
_FIRST_MEDIA, _PAST_MEDIA = 128, 192  # RFC 7983 section 7
_FIRST_RTCP, _PAST_RTCP = 192, 224  # RFC 5761 section 4
_HEAD_BYTES: Final = 12


def is_media(data: bytes) -> bool:
    """Whether a datagram is RTP, and no RTCP: only that is much."""
    return (
        len(data) > _HEAD_BYTES
        and _FIRST_MEDIA <= data[0] < _PAST_MEDIA
        and not _FIRST_RTCP <= data[1] < _PAST_RTCP
    )


class DrainedTransport(asyncio.DatagramTransport):
    """One socket: RTP goes to `on_media`, where somebody wants it, the rest to aioice."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sock: socket.socket, protocol: Any) -> None:
        super().__init__()
        self.sock = sock
        self.on_media: Callable[[bytes], None] | None = None
        self.sources = Sources(protocol.receiver)
        self.heard_s = loop.time()
        self.unsent = 0
        self._loop, self._protocol = loop, protocol
        self._name = sock.getsockname()
        self._is_closing = False
        protocol.connection_made(self)
        loop.add_reader(sock.fileno(), self._drain)

    def _drain(self) -> None:
        now_s = self._loop.time()
        for _ in range(_AT_ONCE):
            try:
                data, address = self.sock.recvfrom(_LONGEST_DATAGRAM + 1)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as broken:
                self._protocol.error_received(broken)
                return
            if 0 < len(data) <= _LONGEST_DATAGRAM and self.sources.admit(data, address[:2], now_s):
                self.heard_s = now_s
                self._hand_on(data, address)
            if self._is_closing:
                return

    def _hand_on(self, data: bytes, address: Any) -> None:
        if self.on_media is not None and is_media(data):
            self.on_media(data)
        else:
            self._protocol.datagram_received(data, address)

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Send at once or never: what waits is worth nothing in a conversation."""
        try:
            self.sock.sendto(data, addr)
        except (BlockingIOError, InterruptedError):
            self.unsent += 1
        except OSError as broken:
            self.fail(broken)

    def fail(self, broken: OSError) -> None:
        """Tell aioice why nothing was sent."""
        self._protocol.error_received(broken)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What asyncio's own transport would say of its socket."""
        return {"socket": self.sock, "sockname": self._name}.get(name, default)

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._is_closing

    def close(self) -> None:
        """Be gone with the next turn of the loop."""
        if not self._is_closing:
            self._is_closing = True
            self.on_media = None
            self._loop.remove_reader(self.sock.fileno())
            self._loop.call_soon(self._end)

    def abort(self) -> None:
        """The same: nothing waits here."""
        self.close()

    def _end(self) -> None:
        self.sock.close()
        self._protocol.connection_lost(None)


class MediaLoop(asyncio.SelectorEventLoop):
    """The loop of the media process; `ports` is where its UDP sockets are."""

    def __init__(self, ports: range) -> None:
        super().__init__()
        self._ports = deque(ports)

    async def create_datagram_endpoint(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], local_addr: Any = None, **more: Any
    ) -> tuple[asyncio.DatagramTransport, Any]:
        """A socket of our own for whoever wants any port; raises OSError where none is free."""
        if local_addr is None or local_addr[1] != 0 or more:
            return await super().create_datagram_endpoint(
                protocol_factory, local_addr=local_addr, **more
            )
        sock = self._bind(local_addr[0])
        protocol = protocol_factory()
        return DrainedTransport(self, sock, protocol), protocol

    def _bind(self, host: str) -> socket.socket:
        """The port that was used longest ago: whoever still sends there is no longer meant."""
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        for _ in range(len(self._ports)):
            port = self._ports[0]
            self._ports.rotate(-1)
            with contextlib.suppress(OSError):
                sock.bind((host, port))
                return sock
        sock.close()
        raise OSError
