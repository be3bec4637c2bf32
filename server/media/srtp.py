"""Enciphering as pylibsrtp does it, but with one length and one buffer for all packets."""

from collections.abc import Callable
from typing import Final

import pylibsrtp
from pylibsrtp._binding import ffi, lib

_BUFFER_BYTES: Final = 1500
LONGEST: Final = _BUFFER_BYTES - 144
"""In bytes; libsrtp may write so much behind a packet (SRTP_MAX_TRAILER_LEN)."""


def make_protect(session: pylibsrtp.Session) -> Callable[[bytes], bytes]:
    """As `session.protect`; what it returns raises pylibsrtp.Error, and ValueError if too long."""
    context = session._srtp
    cipher = lib.srtp_protect
    length, room = ffi.new("int *"), ffi.new("char[]", _BUFFER_BYTES)
    buffer = ffi.buffer(room)

    def protect(packet: bytes) -> bytes:
        size = len(packet)
        if size > LONGEST:
            raise ValueError
        length[0] = size
        buffer[0:size] = packet
        if cipher(context[0], room, length):
            raise pylibsrtp.Error
        clear: bytes = buffer[0 : length[0]]
        return clear

    return protect
