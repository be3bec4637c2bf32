"""What the head of an ordinary object says: enough to file it, without the jail.

It reads what `imaging.walk` steps over, and tells the very same as the jail would; whatever is not
written as most devices write it (`None`) is the jail's, before anybody is answered.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from imaging.capture import capture_from
from imaging.elements import UNDEFINED, Element
from imaging.errors import MalformedUidError
from imaging.index import INSTANCE, SERIES, STUDY
from imaging.uid import parse_received_uid
from imaging.walk import EXPLICIT_BE, IMPLICIT_LE, HeadWalk, walk_head

_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_EXPLICIT_LE: Final = "1.2.840.10008.1.2.1"
_CHARACTER_SET: Final = 0x00080005
_ENCODINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "ascii",
        "ISO_IR 6": "ascii",
        "ISO_IR 100": "latin-1",
        "ISO_IR 192": "utf-8",
        "GB18030": "gb18030",
        "GBK": "gbk",
    }
)
_MANY_BYTES: Final = frozenset({"gb18030", "gbk"})
_REQUESTS: Final = 0x00400275
_TEXT_CHARACTERS: Final = 256
_MOST_VALUES: Final = 16
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,10}")
_SOUND: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f]*")
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_MODALITY: Final = 0x00080060

# The VRs of PS3.6; an object that writes one of these with another VR is not ordinary.
_VRS: Final[Mapping[int, str]] = MappingProxyType(
    {
        _CHARACTER_SET: "CS",
        0x00080016: "UI",
        0x00080018: "UI",
        0x00080020: "DA",
        0x00080021: "DA",
        0x00080022: "DA",
        0x00080023: "DA",
        0x0008002A: "DT",
        0x00080030: "TM",
        0x00080031: "TM",
        0x00080032: "TM",
        0x00080033: "TM",
        0x00080050: "SH",
        _MODALITY: "CS",
        0x00080090: "PN",
        0x00080201: "SH",
        0x00081030: "LO",
        0x0008103E: "LO",
        0x00100010: "PN",
        0x00100020: "LO",
        0x00100030: "DA",
        0x00100040: "CS",
        0x00180015: "CS",
        0x0020000D: "UI",
        0x0020000E: "UI",
        0x00200010: "SH",
        0x00200011: "IS",
        0x00200013: "IS",
        0x00200060: "CS",
        0x00200062: "CS",
        0x00280008: "IS",
        0x00280010: "US",
        0x00280011: "US",
        0x00280100: "US",
        0x00400244: "DA",
        0x00400245: "TM",
    }
)
_CAPTURE: Final[Mapping[str, int]] = MappingProxyType(
    {
        "AcquisitionDateTime": 0x0008002A,
        "AcquisitionDate": 0x00080022,
        "AcquisitionTime": 0x00080032,
        "ContentDate": 0x00080023,
        "ContentTime": 0x00080033,
        "SeriesDate": 0x00080021,
        "SeriesTime": 0x00080031,
        "StudyDate": 0x00080020,
        "StudyTime": 0x00080030,
    }
)
_SEARCHED: Final = tuple(
    (int(tag, 16), tag) for table in (STUDY, SERIES, INSTANCE) for tag in table.values()
)
_WANTED: Final = frozenset(_VRS) | {_REQUESTS}
_TEXTS: Final = frozenset({"SH", "LO", "PN"})


class _UnusualError(Exception):
    """The jail must look."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What is filed of an object: the jail's facts of it, what searches use, where pixels lie."""

    facts: Mapping[str, Any] = field(repr=False)
    index: Mapping[str, Any] = field(repr=False)
    pixels: Element

    @property
    def end_bytes(self) -> int:
        """Where the pixels end, and the object with them, where they are one value."""
        return self.pixels.value_at + self.pixels.length

    @property
    def has_fragments(self) -> bool:
        """Whether the pixels lie in fragments, whose end the head does not tell (PS3.5 A.4)."""
        return self.pixels.length == UNDEFINED


def glance(head: bytes, *, total_bytes: int) -> Glance | None:
    """Read the head of an object of `total_bytes`; None where the jail must look.

    Whoever has the whole object checks that it ends where its pixels do.
    """
    walk = walk_head(head, total_bytes=total_bytes, wanted=_WANTED)
    pixels = walk.pixels
    if walk.unusual is not None or pixels is None or not _is_plain(walk, pixels):
        return None
    try:
        read = _read(walk)
        return Glance(_facts(walk, read), _indexed(read), pixels)
    except (_UnusualError, MalformedUidError, UnicodeDecodeError):
        return None


def _is_plain(walk: HeadWalk, pixels: Element) -> bool:
    """Explicit VR Little Endian, with pixels as its transfer syntax has them."""
    is_native = walk.transfer_syntax_uid == _EXPLICIT_LE
    return (
        walk.transfer_syntax_uid not in {IMPLICIT_LE, EXPLICIT_BE}
        and pixels.tag == 0x7FE00010  # noqa: PLR2004 - Pixel Data
        and is_native == (pixels.length != UNDEFINED)
    )


def _read(walk: HeadWalk) -> dict[int, list[Any]]:
    """The values of every element that has some, as DICOM JSON has them (PS3.18 F.2)."""
    charset = walk.text(_CHARACTER_SET) or ""
    if _REQUESTS in walk.values or charset not in _ENCODINGS:
        raise _UnusualError
    found = {}
    for tag, raw in walk.values.items():
        vr = walk.vrs[tag]
        if vr != _VRS[tag]:
            raise _UnusualError
        values = _numbers(raw) if vr == "US" else _values(raw, vr, _ENCODINGS[charset])
        if values:
            found[tag] = values
    return found


def _numbers(raw: bytes) -> list[Any]:
    if len(raw) not in {0, 2}:
        raise _UnusualError
    return [int.from_bytes(raw, "little")] if raw else []


def _values(raw: bytes, vr: str, encoding: str) -> list[Any]:
    if encoding in _MANY_BYTES and b"\\" in raw:
        raise _UnusualError
    text = raw.rstrip(b"\0 " if vr == "UI" else b" ").decode(encoding if vr in _TEXTS else "ascii")
    if not text:
        return []
    values = [text] if vr == "PN" else text.split("\\")
    if (vr == "PN" and "\\" in text) or len(values) > _MOST_VALUES:
        raise _UnusualError
    return [_value(each, vr) for each in values]


def _value(text: str, vr: str) -> Any:
    if not text or text != text.strip() or _SOUND.fullmatch(text) is None:
        raise _UnusualError
    if len(text) > _TEXT_CHARACTERS:
        raise _UnusualError
    if vr == "IS":
        if _WHOLE.fullmatch(text) is None:
            raise _UnusualError
        return int(text)
    return _name(text) if vr == "PN" else text


def _name(text: str) -> dict[str, str]:
    groups = text.split("=")
    if len(groups) > len(_GROUPS) or not groups[0]:
        raise _UnusualError
    if any(each != each.strip() or each.endswith("^") for each in groups):
        raise _UnusualError
    return {name: each for name, each in zip(_GROUPS, groups, strict=False) if each}


def _indexed(read: Mapping[int, list[Any]]) -> dict[str, Any]:
    return {name: {"vr": _VRS[tag], "Value": read[tag]} for tag, name in _SEARCHED if tag in read}


def _facts(walk: HeadWalk, read: Mapping[int, list[Any]]) -> dict[str, Any]:
    """The jail's facts, as far as filing needs them; no picture was looked at."""
    uids = {
        "sop_class_uid": _uid(read, 0x00080016),
        "sop_instance_uid": _uid(read, 0x00080018),
        "study_instance_uid": _uid(read, 0x0020000D),
        "series_instance_uid": _uid(read, 0x0020000E),
    }
    if uids["sop_class_uid"] == _DIRECTORY:
        raise _UnusualError
    capture = capture_from(lambda keyword: _text(read, _CAPTURE[keyword]))
    return uids | {
        "transfer_syntax_uid": walk.transfer_syntax_uid,
        "modality": _text(read, _MODALITY),
        "rows": _number(read, 0x00280010),
        "columns": _number(read, 0x00280011),
        "frames": _number(read, 0x00280008) or 1,
        "patient_name": _text(read, 0x00100010),
        "patient_id": _text(read, 0x00100020),
        "image_laterality": _text(read, 0x00200062) or _text(read, 0x00200060),
        "captured_at": capture.at.isoformat() if capture.at else None,
        "captured_source": capture.source,
        "captured_offset": capture.offset,
        "fundus": None,
    }


def _uid(read: Mapping[int, list[Any]], tag: int) -> str:
    values = read.get(tag, [])
    if len(values) != 1:
        raise _UnusualError
    return parse_received_uid(values[0])


def _text(read: Mapping[int, list[Any]], tag: int) -> str | None:
    values = read.get(tag)
    if not values:
        return None
    if isinstance(values[0], dict):
        last = max(at for at, name in enumerate(_GROUPS) if name in values[0])
        return "=".join(values[0].get(name, "") for name in _GROUPS[: last + 1])
    return "\\".join(map(str, values))[:_TEXT_CHARACTERS]


def _number(read: Mapping[int, list[Any]], tag: int) -> int | None:
    values = read.get(tag, [])
    return int(values[0]) if len(values) == 1 else None
