"""The one header extension that we send with every packet: the name of its section."""

import struct
from collections.abc import Iterable
from typing import Final

from server.media.engine import RTCRtpHeaderExtensionParameters

_MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
_PLAIN, _EXTENDED = 0x80, 0x90
_ONE_BYTE: Final = 0xBEDE  # RFC 8285 section 4.2


def pack_extensions(
    agreed: Iterable[RTCRtpHeaderExtensionParameters], name: str
) -> tuple[int, bytes]:
    """The first byte of each packet, and what stands between its head and its payload."""
    mid = next((each.id for each in agreed if each.uri == _MID), None)
    if mid is None or not name:
        return _PLAIN, b""
    told = bytes([mid << 4 | len(name) - 1]) + name.encode()
    told += bytes(-len(told) % 4)
    return _EXTENDED, struct.pack("!HH", _ONE_BYTE, len(told) // 4) + told
