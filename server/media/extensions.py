"""The header extensions of one section that we send: its name, and when a packet left."""

import struct
import time
from collections.abc import Iterable
from typing import Final

from server.media.engine import RTCRtpHeaderExtensionParameters

_MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_PLAIN, _EXTENDED = 0x80, 0x90
_ONE_BYTE: Final = 0xBEDE  # RFC 8285 section 4.2
_TIME_HEAD: Final = 2  # three bytes follow
_WRAPS_S, _TICKS = 64, 1 << 18


class SectionExtensions:
    """Packed once, but for the time."""

    def __init__(self, agreed: Iterable[RTCRtpHeaderExtensionParameters], name: str) -> None:
        numbers = {each.uri: each.id for each in agreed}
        mid, sent = numbers.get(_MID), numbers.get(_SEND_TIME)
        tail = b""
        if mid is not None and name:
            tail = bytes([mid << 4 | len(name) - 1]) + name.encode()
        self._has_time = sent is not None
        length = len(tail) + 4 * self._has_time
        tail += bytes(-length % 4)
        self._head = struct.pack("!HH", _ONE_BYTE, (length + 3) // 4)
        if sent is not None:
            self._head += bytes([sent << 4 | _TIME_HEAD])
        self._tail = tail
        self._first = _EXTENDED if length else _PLAIN
        self._static = self._head + tail if length else b""

    def pack(self) -> tuple[int, bytes]:
        """The first byte of the packet, and what stands between its head and its payload."""
        if not self._has_time:
            return self._first, self._static
        ticks = int(time.time() % _WRAPS_S * _TICKS) & 0xFFFFFF
        return self._first, self._head + ticks.to_bytes(3, "big") + self._tail
