"""Command sets: the elements of group 0000, Implicit VR Little Endian (PS3.7 6.3, annex E)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from imaging.dimse.errors import AbortReason, PeerError

LONGEST_COMMAND_BYTES: Final = 1 << 14
NO_DATA_SET: Final = 0x0101
DATA_SET: Final = 0x0001
RESPONSE: Final = 0x8000
_MOST_ELEMENTS: Final = 64


class Field(IntEnum):
    """What a command asks for (PS3.7 E.1)."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    C_CANCEL = 0x0FFF
    N_EVENT_REPORT = 0x0100
    N_ACTION = 0x0130


class Tag(IntEnum):
    """The elements that we read or write."""

    GROUP_LENGTH = 0x0000
    AFFECTED_CLASS = 0x0002
    REQUESTED_CLASS = 0x0003
    FIELD = 0x0100
    MESSAGE_ID = 0x0110
    ANSWERED_ID = 0x0120
    MOVE_TO = 0x0600
    PRIORITY = 0x0700
    DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    COMMENT = 0x0902
    AFFECTED_INSTANCE = 0x1000
    REQUESTED_INSTANCE = 0x1001
    EVENT_TYPE = 0x1002
    ACTION_TYPE = 0x1008
    REMAINING = 0x1020
    COMPLETED = 0x1021
    FAILED = 0x1022
    WARNING = 0x1023
    MOVE_FROM = 0x1030
    MOVE_FROM_ID = 0x1031


_NUMBERS: Final = frozenset(
    {
        *(Tag.FIELD, Tag.MESSAGE_ID, Tag.ANSWERED_ID, Tag.PRIORITY, Tag.DATA_SET_TYPE, Tag.STATUS),
        *(Tag.EVENT_TYPE, Tag.ACTION_TYPE, Tag.REMAINING, Tag.COMPLETED, Tag.FAILED, Tag.WARNING),
        Tag.MOVE_FROM_ID,
    }
)
_KNOWN: Final = frozenset(int(tag) for tag in Tag)
_TITLES: Final = frozenset({Tag.MOVE_TO, Tag.MOVE_FROM, Tag.COMMENT})
Values = Mapping[Tag, int | str]


class Status(IntEnum):
    """What is answered (PS3.7 annex C; PS3.4 B.2.3, C.4.1.1.4, C.4.2.1.5, J.3)."""

    SUCCESS = 0x0000
    PENDING = 0xFF00
    CANCELLED = 0xFE00
    NO_SUCH_INSTANCE = 0x0112
    NO_SUCH_CLASS = 0x0118
    PROCESSING_FAILURE = 0x0110
    DUPLICATE = 0x0111
    INVALID_ARGUMENT = 0x0115
    NO_SUCH_ACTION = 0x0123
    NOT_AUTHORISED = 0x0124
    OUT_OF_RESOURCES = 0xA700
    MATCHES_NOT_COUNTED = 0xA701
    NOTHING_SENT = 0xA702
    DESTINATION_UNKNOWN = 0xA801
    CLASS_MISMATCH = 0xA900
    PARTLY_DONE = 0xB000
    NOT_UNDERSTOOD = 0xC000


@dataclass(frozen=True, slots=True)
class Command:
    """A command set as it arrived."""

    values: Values

    @property
    def field(self) -> int:
        """What is asked, or answered with the response bit."""
        return self.number(Tag.FIELD)

    @property
    def message_id(self) -> int:
        """Its number, which the answer names."""
        return self.number(Tag.MESSAGE_ID)

    @property
    def has_data_set(self) -> bool:
        """Whether a data set follows (PS3.7 E.1)."""
        return self.values.get(Tag.DATA_SET_TYPE, NO_DATA_SET) != NO_DATA_SET

    @property
    def sop_class_uid(self) -> str:
        """The class that is affected or asked for."""
        return self.text(Tag.AFFECTED_CLASS) or self.text(Tag.REQUESTED_CLASS)

    @property
    def sop_instance_uid(self) -> str:
        """And the instance."""
        return self.text(Tag.AFFECTED_INSTANCE) or self.text(Tag.REQUESTED_INSTANCE)

    def number(self, tag: Tag) -> int:
        """A number that must be there; raises PeerError."""
        value = self.values.get(tag)
        if not isinstance(value, int):
            raise PeerError(AbortReason.INVALID_PARAMETER)
        return value

    def text(self, tag: Tag) -> str:
        """A text, empty where it is not there."""
        value = self.values.get(tag, "")
        return value if isinstance(value, str) else ""


def parse_command(data: bytes) -> Command:
    """Read a command set; raises PeerError where its lengths lie or a number has another size."""
    values: dict[Tag, int | str] = {}
    at = 0
    for _ in range(_MOST_ELEMENTS):
        if at == len(data):
            return Command(values)
        if len(data) - at < 8:  # noqa: PLR2004 - group, element, length
            break
        group, element, length = struct.unpack_from("<HHI", data, at)
        at += 8
        if group != 0 or length > len(data) - at:
            break
        if element in _KNOWN:
            values[Tag(element)] = _read(Tag(element), data[at : at + length])
        at += length
    raise PeerError(AbortReason.INVALID_PARAMETER)


def format_command(values: Values) -> bytes:
    """A command set with its group length in front, elements in order."""
    body = b"".join(_element(tag, values[tag]) for tag in sorted(values))
    return struct.pack("<HHII", 0, Tag.GROUP_LENGTH, 4, len(body)) + body


def answer_to(command: Command, status: int, **more: int | str) -> dict[Tag, int | str]:
    """The values of a response without a data set; `more` by the names of Tag in small letters."""
    values: dict[Tag, int | str] = {
        Tag.FIELD: command.field | RESPONSE,
        Tag.ANSWERED_ID: command.message_id,
        Tag.DATA_SET_TYPE: NO_DATA_SET,
        Tag.STATUS: status,
    }
    if command.sop_class_uid:
        values[Tag.AFFECTED_CLASS] = command.sop_class_uid
    if command.sop_instance_uid:
        values[Tag.AFFECTED_INSTANCE] = command.sop_instance_uid
    return values | {Tag[name.upper()]: value for name, value in more.items()}


def _read(tag: Tag, value: bytes) -> int | str:
    if tag in _NUMBERS:
        if len(value) != 2:  # noqa: PLR2004 - US, PS3.5 6.2
            raise PeerError(AbortReason.INVALID_PARAMETER)
        return int.from_bytes(value, "little")
    if tag is Tag.GROUP_LENGTH:
        return int.from_bytes(value, "little")
    return value.decode("ascii", "replace").strip(" \0")


def _element(tag: Tag, value: int | str) -> bytes:
    if isinstance(value, int):
        return struct.pack("<HHIH", 0, tag, 2, value)
    raw = value.encode("ascii", "replace")
    if len(raw) % 2:
        raw += b" " if tag in _TITLES else b"\0"
    return struct.pack("<HHI", 0, tag, len(raw)) + raw
