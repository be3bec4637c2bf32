"""Questions and answers: small data sets, read and written by a table (PS3.4 C.4, K.6; PS3.5 7)."""

import re
import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from imaging.dimse.errors import AbortReason, PeerError
from imaging.elements import UNDEFINED, BytesSource, Element, Syntax, element_at
from imaging.errors import RefusedError

LONGEST_IDENTIFIER_BYTES: Final = 1 << 20
CHARSET: Final = 0x00080005
_DEEPEST: Final = 4
_MOST_ELEMENTS: Final = 20_000
_ITEM: Final = 0xFFFEE000
_DELIMITERS: Final = frozenset({0xFFFEE00D, 0xFFFEE0DD})
_LONG: Final = frozenset({"SQ", "UT", "OB"})

Value: TypeAlias = "str | Sequence[Attributes]"
Attributes: TypeAlias = "Mapping[int, Value]"

VRS: Final[Mapping[int, str]] = MappingProxyType(
    {
        CHARSET: "CS",
        0x00080016: "UI",  # SOP Class UID
        0x00080018: "UI",  # SOP Instance UID
        0x00080020: "DA",  # Study Date
        0x00080030: "TM",  # Study Time
        0x00080050: "SH",  # Accession Number
        0x00080052: "CS",  # Query/Retrieve Level
        0x00080054: "AE",  # Retrieve AE Title
        0x00080056: "CS",  # Instance Availability
        0x00080058: "UI",  # Failed SOP Instance UID List
        0x00080060: "CS",  # Modality
        0x00080061: "CS",  # Modalities in Study
        0x00080090: "PN",  # Referring Physician's Name
        0x00081030: "LO",  # Study Description
        0x00081110: "SQ",  # Referenced Study Sequence
        0x00081120: "SQ",  # Referenced Patient Sequence
        0x00081150: "UI",  # Referenced SOP Class UID
        0x00081155: "UI",  # Referenced SOP Instance UID
        0x00081195: "UI",  # Transaction UID
        0x00081197: "US",  # Failure Reason
        0x00081198: "SQ",  # Failed SOP Sequence
        0x00081199: "SQ",  # Referenced SOP Sequence
        0x00100010: "PN",  # Patient's Name
        0x00100020: "LO",  # Patient ID
        0x00100030: "DA",  # Patient's Birth Date
        0x00100040: "CS",  # Patient's Sex
        0x0020000D: "UI",  # Study Instance UID
        0x0020000E: "UI",  # Series Instance UID
        0x00200010: "SH",  # Study ID
        0x00200011: "IS",  # Series Number
        0x00200013: "IS",  # Instance Number
        0x00201206: "IS",  # Number of Study Related Series
        0x00201208: "IS",  # Number of Study Related Instances
        0x00201209: "IS",  # Number of Series Related Instances
        0x00280008: "IS",  # Number of Frames
        0x00280010: "US",  # Rows
        0x00280011: "US",  # Columns
        0x00321060: "LO",  # Requested Procedure Description
        0x00321064: "SQ",  # Requested Procedure Code Sequence
        0x00400001: "AE",  # Scheduled Station AE Title
        0x00400002: "DA",  # Scheduled Procedure Step Start Date
        0x00400003: "TM",  # Scheduled Procedure Step Start Time
        0x00400006: "PN",  # Scheduled Performing Physician's Name
        0x00400007: "LO",  # Scheduled Procedure Step Description
        0x00400008: "SQ",  # Scheduled Protocol Code Sequence
        0x00400009: "SH",  # Scheduled Procedure Step ID
        0x00400020: "CS",  # Scheduled Procedure Step Status
        0x00400100: "SQ",  # Scheduled Procedure Step Sequence
        0x00401001: "SH",  # Requested Procedure ID
        0x00401003: "SH",  # Requested Procedure Priority
    }
)
"""Every attribute that a question may name and an answer may hold."""

# PS3.3 C.12.1.1.2; the codec reads what the defined term says.
_CODECS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "ascii",
        "ISO_IR 6": "ascii",
        "ISO_IR 100": "latin-1",
        "ISO_IR 192": "utf-8",
        "GB18030": "gb18030",
        "GBK": "gb18030",
        "ISO 2022 IR 58": "gb2312",
    }
)
_ESCAPES: Final = re.compile(rb"\x1b[ -/]+[0-~]")  # code extensions say what the term said already
_BY_CHARSET: Final = frozenset({"PN", "LO", "SH", "UT", "ST", "LT"})


def parse_identifier(data: bytes, *, implicit: bool) -> Attributes:
    """Read a question; attributes that are not in the table are left out. Raises PeerError."""
    try:
        return _Reading(data, implicit=implicit).items(0, len(data), depth=0, codec="ascii")[0]
    except RefusedError:
        raise PeerError(AbortReason.INVALID_PARAMETER) from None


def format_identifier(values: Attributes, *, implicit: bool, charset: str) -> bytes:
    """Write an answer in this character set (PS3.5 7.1)."""
    named = dict(values)
    if charset:
        named[CHARSET] = charset
    return _format(named, implicit=implicit, codec=_CODECS.get(charset, "utf-8"))


class _Reading:
    """One pass over one data set."""

    def __init__(self, data: bytes, *, implicit: bool) -> None:
        self._source = BytesSource(data)
        self._syntax = Syntax(implicit=implicit)
        self._left = _MOST_ELEMENTS

    def items(self, at: int, end: int, *, depth: int, codec: str) -> tuple[dict[int, Value], int]:
        """The elements up to `end` or to a delimiter, and where they stop."""
        found: dict[int, Value] = {}
        while at < end:
            element = self._header(at)
            if element.tag in _DELIMITERS:
                return found, element.value_at
            at = element.value_at
            vr = element.vr if element.vr not in {"", "UN"} else VRS.get(element.tag, "UN")
            if vr == "SQ" or element.length == UNDEFINED:
                stop = end if element.length == UNDEFINED else at + element.length
                value, at = self._sequence(at, min(stop, end), depth=depth + 1, codec=codec)
                if VRS.get(element.tag) == "SQ":
                    found[element.tag] = value
                continue
            if at + element.length > end:
                raise PeerError(AbortReason.INVALID_PARAMETER)
            raw = self._source.at(at, element.length)
            at += element.length
            if element.tag == CHARSET:
                codec = _codec_of(raw)
            if element.tag in VRS:
                found[element.tag] = _read(raw, VRS[element.tag], codec)
        return found, at

    def _sequence(
        self, at: int, end: int, *, depth: int, codec: str
    ) -> tuple[list[Attributes], int]:
        if depth > _DEEPEST:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        found: list[Attributes] = []
        while at < end:
            header = self._header(at)
            at = header.value_at
            if header.tag in _DELIMITERS:
                return found, at
            if header.tag != _ITEM:
                raise PeerError(AbortReason.INVALID_PARAMETER)
            stop = end if header.length == UNDEFINED else at + header.length
            if stop > end:
                raise PeerError(AbortReason.INVALID_PARAMETER)
            item, at = self.items(at, stop, depth=depth, codec=codec)
            found.append(item)
        return found, at

    def _header(self, at: int) -> Element:
        self._left -= 1
        if self._left < 0:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        return element_at(self._source, at, self._syntax)


def _codec_of(raw: bytes) -> str:
    """The codec of the last term that we know: a second one extends the first by escapes."""
    terms = [part.strip() for part in raw.decode("ascii", "replace").split("\\")]
    return next((_CODECS[term] for term in reversed(terms) if term in _CODECS), "utf-8")


def _read(raw: bytes, vr: str, codec: str) -> str:
    if vr == "US":
        return "\\".join(str(value) for (value,) in struct.iter_unpack("<H", raw[: len(raw) & ~1]))
    text = _ESCAPES.sub(b"", raw).decode(codec if vr in _BY_CHARSET else "ascii", "replace")
    return text.replace("\0", "").strip()


def _format(values: Attributes, *, implicit: bool, codec: str) -> bytes:
    parts = []
    for tag in sorted(values):
        vr, value = VRS[tag], values[tag]
        if isinstance(value, str):
            raw = _raw(value, vr, codec)
        else:
            items = (_format(item, implicit=implicit, codec=codec) for item in value)
            raw = b"".join(
                struct.pack("<HHI", _ITEM >> 16, _ITEM & 0xFFFF, len(item)) + item for item in items
            )
        parts.append(_head(tag, vr, len(raw), implicit=implicit) + raw)
    return b"".join(parts)


def _raw(text: str, vr: str, codec: str) -> bytes:
    if vr == "US":
        return b"".join(struct.pack("<H", int(part)) for part in text.split("\\") if part)
    raw = text.encode(codec if vr in _BY_CHARSET else "ascii", "replace")
    return raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)


def _head(tag: int, vr: str, length: int, *, implicit: bool) -> bytes:
    group, element = tag >> 16, tag & 0xFFFF
    if implicit:
        return struct.pack("<HHI", group, element, length)
    if vr in _LONG:
        return struct.pack("<HH2sxxI", group, element, vr.encode(), length)
    return struct.pack("<HH2sH", group, element, vr.encode(), length)
