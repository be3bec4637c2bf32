"""EBML (RFC 8794) as far as a writer needs it: elements with a number, a size and a body."""

import struct
from typing import Final

UNKNOWN_SIZE: Final = b"\x01\xff\xff\xff\xff\xff\xff\xff"
"""The size of a master element whose end nobody knows yet (RFC 8794 section 6.2)."""
_WIDEST: Final = 8


def element(number: int, body: bytes) -> bytes:
    """One element: `number` with its marker bits, as the tables of RFC 9559 have it."""
    return number_bytes(number) + size_bytes(len(body)) + body


def number_bytes(number: int) -> bytes:
    """An element's number as it stands in the file."""
    return number.to_bytes((number.bit_length() + 7) // 8)


def size_bytes(size: int) -> bytes:
    """A size in as few bytes as hold it; raises OverflowError above 2⁵⁶ - 2."""
    for width in range(1, _WIDEST + 1):
        if size < (1 << 7 * width) - 1:  # all ones means unknown
            return (1 << 7 * width | size).to_bytes(width)
    raise OverflowError


def unsigned(number: int, value: int) -> bytes:
    """An element that is a number of no sign."""
    return element(number, value.to_bytes(max((value.bit_length() + 7) // 8, 1)))


def real(number: int, value: float) -> bytes:
    """An element that is a double."""
    return element(number, struct.pack(">d", value))


def text(number: int, value: str) -> bytes:
    """An element that is text."""
    return element(number, value.encode())
