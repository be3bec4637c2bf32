"""Bytes from a peer cut into what they mean (PS3.8 9.3), whatever their pieces.

Nothing is allocated by a length that a peer chose: a length is checked against a bound before a
byte behind it is read, and the data of P-DATA-TF is handed on as it comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from imaging.dimse.errors import AbortReason, PeerError

HEADER_BYTES: Final = 6
LONGEST_ASSOCIATE_BYTES: Final = 1 << 18
_SHORT_BYTES: Final = 4
_PDV_HEADER_BYTES: Final = 6
_PDV_COUNTED_BYTES: Final = 2  # context id and control header count into an item's length
_COMMAND: Final = 0b01
_LAST: Final = 0b10


class PduType(IntEnum):
    """The seven kinds of protocol data unit (PS3.8 9.3.1)."""

    ASSOCIATE_RQ = 0x01
    ASSOCIATE_AC = 0x02
    ASSOCIATE_RJ = 0x03
    DATA = 0x04
    RELEASE_RQ = 0x05
    RELEASE_RP = 0x06
    ABORT = 0x07


_ASSOCIATES: Final = frozenset({PduType.ASSOCIATE_RQ, PduType.ASSOCIATE_AC})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole unit of any kind but P-DATA-TF; `body` is what follows the header."""

    type: PduType
    body: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message; `ends` is set with the last byte of its command set or data set.

    `data` is a view of what was read, uncopied; nobody changes it.
    """

    context_id: int
    is_command: bool
    data: memoryview
    ends: bool


class PduReader:
    """Takes bytes in any pieces; after a PeerError it is of no further use."""

    def __init__(self, *, longest_data_bytes: int) -> None:
        self._longest_data = longest_data_bytes
        self._type: PduType | None = None
        self._left = 0  # of the present unit
        self._item_left = 0  # of the present presentation data value
        self._item: tuple[int, int] | None = None
        self._kept = bytearray()
        self.whole = 0
        """How many units have come to their end."""

    @property
    def is_between(self) -> bool:
        """Whether no unit has begun that is not whole."""
        return self._type is None and not self._kept

    def feed(self, data: bytes) -> Iterator[Whole | Piece]:
        """What these bytes complete; raises PeerError where the protocol is left."""
        at, end, view = 0, len(data), memoryview(data)
        while at < end or self._is_due():
            if self._type is None:
                at = self._gather(data, at, HEADER_BYTES)
                if len(self._kept) == HEADER_BYTES:
                    self._begin()
            elif self._type is not PduType.DATA:
                at = self._gather(data, at, len(self._kept) + self._left)
                if self._left == 0:
                    yield self._finish(self._type)
            elif self._item is not None:
                taken = min(self._item_left, end - at)
                yield self._take(self._item, view[at : at + taken])
                at += taken
            elif self._left == 0:
                self._end_data()
            else:
                at = self._begin_item(data, at)

    def _is_due(self) -> bool:
        """Whether something is whole without another byte."""
        if self._item is not None:
            return self._item_left == 0
        return self._type is not None and self._left == 0

    def _gather(self, data: bytes, at: int, wanted: int) -> int:
        """Keep bytes until there are as many as wanted; those of a unit's body are counted."""
        taken = min(wanted - len(self._kept), len(data) - at)
        self._kept += data[at : at + taken]
        if self._type is not None:
            self._left -= taken
        return at + taken

    def _begin(self) -> None:
        kind, length = self._kept[0], int.from_bytes(self._kept[2:6])
        self._kept.clear()
        try:
            self._type = PduType(kind)
        except ValueError:
            raise PeerError(AbortReason.UNRECOGNISED_PDU) from None
        if self._type is PduType.DATA:
            fits = _PDV_HEADER_BYTES <= length <= self._longest_data
        elif self._type in _ASSOCIATES:
            fits = length <= LONGEST_ASSOCIATE_BYTES
        else:
            fits = length == _SHORT_BYTES
        if not fits:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        self._left = length

    def _finish(self, kind: PduType) -> Whole:
        body = bytes(self._kept)
        self.whole += 1
        self._kept.clear()
        self._type = None
        return Whole(kind, body)

    def _begin_item(self, data: bytes, at: int) -> int:
        """Read the header of a presentation data value (PS3.8 9.3.5.1, annex E.2)."""
        if self._left + len(self._kept) < _PDV_HEADER_BYTES:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        at = self._gather(data, at, _PDV_HEADER_BYTES)
        if len(self._kept) < _PDV_HEADER_BYTES:
            return at
        length = int.from_bytes(self._kept[:4])
        context_id, control = self._kept[4], self._kept[5]
        self._kept.clear()
        self._item_left = length - _PDV_COUNTED_BYTES
        if not 0 <= self._item_left <= self._left:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        self._item = (context_id, control)
        return at

    def _take(self, item: tuple[int, int], data: memoryview) -> Piece:
        context_id, control = item
        self._item_left -= len(data)
        self._left -= len(data)
        is_over = self._item_left == 0
        if is_over:
            self._item = None
        is_last = bool(control & _LAST) and is_over
        return Piece(context_id, bool(control & _COMMAND), data, is_last)

    def _end_data(self) -> None:
        if self._kept:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        self.whole += 1
        self._type = None
