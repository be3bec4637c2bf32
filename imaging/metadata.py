"""An object's attributes as DICOM JSON (PS3.18 F), long values by address; runs in the jail."""

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.byte_order import BIG_ENDIAN, turn_inline
from imaging.header import BULK_VRS, is_endless, vr_of
from imaging.index import TAGS
from imaging.lenient import FAULTS, leniently
from imaging.survey import Survey

LONGEST_INLINE: Final = 1024

_AVAILABLE_SYNTAX: Final = "00083002"  # PS3.18 F: which syntax the bulk data are in
_CHARACTER_SET: Final = "00080005"
_REQUESTS: Final = "00400275"
_LONGEST_TEXT: Final = 256
_LONGEST_REQUESTS: Final = 4096
_MOST_VALUES: Final = 16
_PIXEL_VR: Final = "OW"

Json = dict[str, Any]


def to_json(dataset: Dataset, survey: Survey) -> Json:
    """Return the whole object; pixels and long values as addresses below `bulkdata/`.

    Binary values are in Little Endian, whatever they were.
    """
    with leniently():
        told = dict(_elements(dataset, ""))
    if survey.transfer_syntax_uid == BIG_ENDIAN:
        told = turn_inline(told)
    told[_AVAILABLE_SYNTAX] = {"vr": "UI", "Value": [survey.transfer_syntax_uid]}
    if survey.pixels is not None:
        tag = f"{survey.pixels.tag:08X}"
        told[tag] = {"vr": survey.pixels.vr or _PIXEL_VR, "BulkDataURI": f"bulkdata/{tag}"}
    if _CHARACTER_SET in told:  # PS3.18 F.2: the text is UTF-8, whatever it was
        told[_CHARACTER_SET] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return dict(sorted(told.items()))


def written(told: Json) -> bytes:
    """Return the JSON text."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "replace"
    )


def searched(told: Json) -> Json:
    """Return the attributes that searches use, cut to what an index keeps."""
    found = {tag: told[tag] for tag in TAGS.values() if "Value" in told.get(tag, {})}
    if len(written(found.get(_REQUESTS, {}))) > _LONGEST_REQUESTS:
        del found[_REQUESTS]
    return {
        tag: element | {"Value": [_short(each) for each in element["Value"][:_MOST_VALUES]]}
        for tag, element in found.items()
    }


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return {group: text[:_LONGEST_TEXT] for group, text in value.items()}
    return value


def _elements(dataset: Dataset, path: str) -> Iterator[tuple[str, Json]]:
    for tag in sorted(dataset.keys()):
        if tag.element:  # group lengths are not said (PS3.18 F.2.2)
            yield f"{tag:08X}", _element(dataset, tag, f"{path}{tag:08X}")


def _element(dataset: Dataset, tag: BaseTag, path: str) -> Json:
    raw: DataElement | RawDataElement = dataset.get_item(tag, keep_deferred=True)
    vr = vr_of(raw, tag)
    if isinstance(raw, RawDataElement) and vr in BULK_VRS and raw.length > LONGEST_INLINE:
        return {"vr": vr, "BulkDataURI": f"bulkdata/{path}"}
    if is_endless(raw, vr):
        return {"vr": vr}
    try:
        element = dataset[tag]
        if element.VR == "SQ":
            return _sequence(element, path)
        return _clean(element.to_json_dict(lambda _: f"bulkdata/{path}", LONGEST_INLINE))
    except FAULTS:
        return {"vr": vr or "UN"}


def _sequence(element: DataElement, path: str) -> Json:
    items = [dict(_elements(item, f"{path}.{n}.")) for n, item in enumerate(element.value or [])]
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}


def _clean(told: Json) -> Json:
    """Leave out numbers that JSON does not have, and letters that UTF-8 does not have."""
    if "Value" in told:
        told["Value"] = [_sound(each) for each in told["Value"]]
    return told


def _sound(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _sound(each) for key, each in value.items()}
    return value
