"""What a file is, by its first bytes; names and declared types are never believed."""

import struct
from enum import StrEnum
from typing import Final

SNIFF_BYTES: Final = 512

_PREAMBLE: Final = 128
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_GROUPS_AT_START: Final = (0x0008, 0x0004)
_LONGEST_FIRST_VALUE: Final = 1024


class Kind(StrEnum):
    """What the first bytes look like."""

    EMPTY = "empty"
    DICOM = "dicom"
    DICOM_WITHOUT_PREFIX = "dicom-without-prefix"
    DICOM_WITHOUT_META = "dicom-without-meta"
    JPEG = "jpeg"
    PNG = "png"
    ZIP = "zip"
    TIFF = "tiff"
    GZIP = "gzip"
    UNKNOWN = "unknown"


def sniff(head: bytes) -> Kind:
    """Name the kind of a file from its first `SNIFF_BYTES` bytes."""
    if not head:
        return Kind.EMPTY
    # PS3.10 7.1: the 128 bytes before the prefix may be anything, so they are asked last.
    if head[_PREAMBLE : _PREAMBLE + 4] == b"DICM":
        return Kind.DICOM
    return _by_magic(head) or _bare_dicom(head) or Kind.UNKNOWN


def _by_magic(head: bytes) -> Kind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    # A PNG whose signature was damaged in transfer is still a PNG: a damaged one.
    if head.startswith(_PNG_SIGNATURE) or b"IHDR" in head[8:24]:
        return Kind.PNG
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Kind.ZIP
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return Kind.TIFF
    return Kind.GZIP if head.startswith(b"\x1f\x8b") else None


def _bare_dicom(head: bytes) -> Kind | None:
    if len(head) < struct.calcsize("<HH2sH"):
        return None
    if head[:2] == b"\x02\x00" and head[4:6].isupper():
        return Kind.DICOM_WITHOUT_PREFIX
    return Kind.DICOM_WITHOUT_META if any(_starts_data_set(head, e) for e in "<>") else None


def _starts_data_set(head: bytes, endian: str) -> bool:
    group, _element, vr, short = struct.unpack_from(f"{endian}HH2sH", head)
    if group not in _GROUPS_AT_START:
        return False
    if vr.isalpha() and vr.isupper():
        return bool(short <= _LONGEST_FIRST_VALUE)
    (length,) = struct.unpack_from(f"{endian}I", head, 4)
    return bool(length <= _LONGEST_FIRST_VALUE)
