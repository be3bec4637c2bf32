"""Unique identifiers (PS3.5 section 9 and annex B)."""

import re
from typing import Final, NewType

from imaging.errors import MalformedUidError

Uid = NewType("Uid", str)

_LONGEST: Final = 64
_LARGEST_UUID: Final = (1 << 128) - 1
# PS3.5 9.1: dotted digits, no component with a leading zero; [0-9], since \d also takes '٢'.
_STRICT: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
# Real devices write leading zeros, and anonymisers write a hash; such an object is taken as it is.
_RECEIVED: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]*")


def parse_uid(text: str) -> Uid:
    """Return `text` as a UID that obeys PS3.5 9.1.

    Raises MalformedUidError: longer than 64 characters, or not dotted digits.
    """
    if len(text) > _LONGEST or _STRICT.fullmatch(text) is None:
        raise MalformedUidError
    return Uid(text)


def parse_received_uid(text: str) -> Uid:
    """Return a UID from a received object: what real files hold, still safe in an address.

    Raises MalformedUidError: longer than 64 characters, or other than letters, digits and dots.
    """
    if len(text) > _LONGEST or _RECEIVED.fullmatch(text) is None:
        raise MalformedUidError
    return Uid(text)


def make_uid(uuid_number: int) -> Uid:
    """Return the UID under 2.25 of a UUID given as a number (PS3.5 B.2).

    Raises MalformedUidError: the number is no 128-bit UUID.
    """
    if not 0 <= uuid_number <= _LARGEST_UUID:
        raise MalformedUidError
    return Uid(f"2.25.{uuid_number}")
