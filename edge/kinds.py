"""What a camera's file is, by its content, and whether it seems to be whole."""

import enum
from typing import Final

from imaging.sniff import SNIFF_BYTES, Kind, sniff

HEAD_BYTES: Final = SNIFF_BYTES
TAIL_BYTES: Final = 4096
_PICTURES: Final = frozenset(
    {
        *(Kind.JPEG, Kind.PNG, Kind.TIFF),
        *(Kind.DICOM, Kind.DICOM_WITHOUT_PREFIX, Kind.DICOM_WITHOUT_META),
    }
)
_ENDS: Final = {Kind.JPEG: b"\xff\xd9", Kind.PNG: b"IEND"}


class Look(enum.StrEnum):
    """What a first look says."""

    WHOLE = "whole"
    CUT = "cut"
    EMPTY = "empty"
    OTHER = "other"


def look_at(head: bytes, tail: bytes) -> Look:
    """Judge a file by both its ends; one without its end is only waited for longer."""
    if not head.strip(b"\0"):
        return Look.EMPTY  # not begun, or room that was only set aside
    kind = sniff(head)
    if kind not in _PICTURES:
        return Look.OTHER
    end = _ENDS.get(kind)
    return Look.WHOLE if end is None or end in tail else Look.CUT
