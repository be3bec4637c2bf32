"""How large a pixel is in the patient, told only where the file supports it (PS3.3 10.7.1.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydicom.dataset import Dataset

from imaging.header import text, value
from imaging.lenient import FAULTS
from imaging.window import groups_of

KEYWORDS: Final = ("Modality", "PixelSpacing", "PixelSpacingCalibrationType")
PHOTOGRAPHS: Final = frozenset({"OP", "XC", "ES", "GM", "SM", "DMS"})
"""A camera's spacing rests on an eye or a distance that it does not know."""
_PROJECTIONS: Final = frozenset({"CR", "DX", "MG", "RF", "XA", "IO", "PX"})
"""Measured at the detector, unless the file says how it was calibrated (PS3.3 10.7.1.1)."""
_PAIR: Final = 2
_MODALITY: Final = "00080060"
_CALIBRATION: Final = "00280A02"
_PIXEL_SPACING: Final = "00280030"
_MEASURES: Final = "00289110"
_SHARED: Final = "52009229"
_PER_FRAME: Final = "52009230"


@dataclass(frozen=True, slots=True)
class Spacing:
    """Millimetres from one pixel's centre to the next; the file lists the row distance first."""

    row_mm: float
    column_mm: float


def spacing_of(header: Dataset, *, index: int) -> Spacing | None:
    """The spacing of a frame, None where millimetres would be a guess."""
    said = text(header, "PixelSpacingCalibrationType")
    if not _is_trusted(text(header, "Modality") or "", said or ""):
        return None
    for group in groups_of(header, index):
        for place in (group, *(value(group, "PixelMeasuresSequence") or [])[:1]):
            found = _pair(place)
            if found is not None:
                return found
    return None


def spacing_told(told: Mapping[str, Any], *, index: int) -> Spacing | None:
    """The same of a header in the DICOM JSON model (PS3.18 F.2)."""
    calibrated, modality = _values(told, _CALIBRATION), _values(told, _MODALITY)
    if not _is_trusted(str((modality or [""])[0]), str((calibrated or [""])[0])):
        return None
    groups = [told, *_values(told, _PER_FRAME)[index : index + 1], *_values(told, _SHARED)[:1]]
    for group in groups:
        for place in (group, *_values(group, _MEASURES)[:1]):
            found = _sized(_values(place, _PIXEL_SPACING))
            if found is not None:
                return found
    return None


def _values(told: Any, tag: str) -> list[Any]:
    element = told.get(tag) if isinstance(told, dict) else None
    found = element.get("Value") if isinstance(element, dict) else None
    return found if isinstance(found, list) else []


def _is_trusted(modality: str, calibration: str) -> bool:
    return modality not in PHOTOGRAPHS and (modality not in _PROJECTIONS or bool(calibration))


def _pair(place: Dataset) -> Spacing | None:
    found = value(place, "PixelSpacing")
    return None if found is None or isinstance(found, str | bytes | float) else _sized(found)


def _sized(found: Sequence[Any]) -> Spacing | None:
    if len(found) != _PAIR:
        return None
    try:
        row_mm, column_mm = float(found[0]), float(found[1])
    except FAULTS:
        return None
    is_size = 0 < row_mm < float("inf") and 0 < column_mm < float("inf")
    return Spacing(row_mm, column_mm) if is_size else None
