"""How a picture is shown, as its header in the DICOM JSON model tells it (PS3.18 F.2)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydicom.datadict import tag_for_keyword

_ALIKE: Final = ("PhotometricInterpretation", "BodyPartExamined", "Laterality", "PixelAspectRatio")
_IN_GROUPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("RescaleIntercept", "RescaleSlope", "RescaleType"), "00289145"),
    **dict.fromkeys(("WindowCenter", "WindowWidth", "VOILUTFunction"), "00289132"),
    "PixelSpacing": "00289110",
}
"""What an object of many frames tells in a group of its own (PS3.3 C.7.6.16)."""
TABLES: Final = ("ModalityLUTSequence", "VOILUTSequence")
"""Look-up tables of the picture's own; each stands before the numbers of the same kind."""
LUT_DATA: Final = "00283006"
_GROUPS: Final = ("52009230", "52009229")


def display_of(told: Mapping[str, Any], *, index: int) -> dict[str, Any]:
    """The attributes by which a frame is shown: its own, those of all frames, or the header's."""
    found = {tag: told[tag] for tag in map(_tag, _ALIKE) if "Value" in told.get(tag, {})}
    for keyword, sequence in _IN_GROUPS.items():
        for place in _places(told, sequence, index):
            element = place.get(_tag(keyword))
            if isinstance(element, dict) and element.get("Value"):
                found[_tag(keyword)] = element
                break
    return found | {tag: table for tag, table in tables_of(told) if _has_entries(table)}


def tables_of(told: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The picture's own look-up tables by tag, of each kind the first, which is what is shown."""
    for tag in map(_tag, TABLES):
        for item in _values(told, tag)[:1]:
            if isinstance(item, dict):
                yield tag, {"vr": "SQ", "Value": [item]}


def is_grey(told: Mapping[str, Any]) -> bool:
    """Whether it is shown by the grey pipeline; what has a palette is in colour."""
    return str(_first(told, "PhotometricInterpretation") or "").startswith("MONOCHROME")


def side_of(told: Mapping[str, Any]) -> str | None:
    """Image Laterality, where it is one side."""
    side = _first(told, "ImageLaterality")
    return side if side in {"R", "L"} else None


def _has_entries(table: Mapping[str, Any]) -> bool:
    entries = table["Value"][0].get(LUT_DATA, {})
    return bool(entries.get("Value") or entries.get("InlineBinary"))


def _places(told: Mapping[str, Any], sequence: str, index: int) -> Iterator[Mapping[str, Any]]:
    for tag, at in zip(_GROUPS, (index, 0), strict=True):
        for group in _values(told, tag)[at : at + 1]:
            yield from (each for each in _values(group, sequence)[:1] if isinstance(each, dict))
    yield told


def _first(told: Mapping[str, Any], keyword: str) -> Any:
    return next(iter(_values(told, _tag(keyword))), None)


def _values(told: Any, tag: str) -> list[Any]:
    element = told.get(tag) if isinstance(told, dict) else None
    found = element.get("Value") if isinstance(element, dict) else None
    return found if isinstance(found, list) else []


def _tag(keyword: str) -> str:
    return f"{tag_for_keyword(keyword):08X}"
