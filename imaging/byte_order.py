"""Words and longer numbers in Little Endian, in which they are given out (PS3.18 8.7.3, F.2.7)."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
_BYTES: Final[Mapping[str, int]] = MappingProxyType(
    {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8, "US": 2, "SS": 2, "UL": 4, "SL": 4}
)


def turned(value: bytes, vr: str) -> bytes:
    """The bytes of a value read in Big Endian; those of texts and of single bytes as they are."""
    width = _BYTES.get(vr, 1)
    if width == 1 or len(value) % width:
        return value
    return np.frombuffer(value, f">u{width}").astype(f"<u{width}").tobytes()


def turn_inline(told: Mapping[str, Any]) -> dict[str, Any]:
    """Elements of the DICOM JSON model, their inline values turned at any depth."""
    return {tag: _turn(element) for tag, element in told.items()}


def _turn(element: dict[str, Any]) -> dict[str, Any]:
    if element.get("vr") == "SQ":
        items = [turn_inline(item) for item in element.get("Value", ())]
        return element | {"Value": items} if items else element
    if "InlineBinary" not in element:
        return element
    value = turned(b64decode(element["InlineBinary"]), str(element["vr"]))
    return element | {"InlineBinary": b64encode(value).decode()}
