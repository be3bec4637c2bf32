"""From stored values to grey: Modality LUT, VOI LUT or window (PS3.3 C.11.1, C.11.2)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.frames import Frame
from imaging.header import text, value
from imaging.lenient import leniently

_WHITE: Final = 255
_TABLE_VALUES: Final = 1 << 16
_PERCENTILES: Final = (0.5, 99.5)
_SAMPLE: Final = 1 << 18
_STRIP_PIXELS: Final = 1 << 14
"""So few that what is made of them on the way stays in the same little memory."""
_BYTE_BITS: Final = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in modality units, and the function of PS3.3 C.11.2.1.3."""

    centre: float
    width: float
    function: str = "LINEAR"
    source: str = "asked"


def to_grey(
    frame: Frame, header: Dataset, *, index: int = 0, window: Window | None = None
) -> tuple[NDArray[np.uint8], Window | None]:
    """Return the frame as 8-bit grey, and the window used (None where a VOI LUT or none was)."""
    stored = frame.pixels
    if window is None and stored.dtype == np.uint8 and not _has_tables(header, index):
        return _spread_bits(stored, frame.bits_stored), None
    if stored.dtype.kind == "f":
        low, high = _span(stored)
        window = window or _from_span(low, high)
        grey = _windowed(np.nan_to_num(stored.astype(np.float64)), window)
        return grey, window
    low, high = int(stored.min()), int(stored.max())
    if high - low >= _TABLE_VALUES:
        values = to_modality(stored.astype(np.float64), header, index)
        window = window or _from_span(*_span(values))
        return _windowed(values, window), window
    stored_values = np.arange(low, high + 1, dtype=np.float64)
    table, window = _table(stored_values, frame, header, index, window)
    return _taken(table, stored, low), window


def _taken(table: NDArray[np.uint8], stored: NDArray[Any], low: int) -> NDArray[np.uint8]:
    """Look every value up, some rows at a time: places take eight bytes each."""
    grey = np.empty(stored.shape, np.uint8)
    step = max(1, _STRIP_PIXELS // max(1, stored.shape[1]))
    for at in range(0, stored.shape[0], step):
        grey[at : at + step] = table[stored[at : at + step].astype(np.intp) - low]
    return grey


def _table(
    stored_values: Floats, frame: Frame, header: Dataset, index: int, window: Window | None
) -> tuple[NDArray[np.uint8], Window | None]:
    modality = to_modality(stored_values, header, index)
    if window is None:
        voi = _voi_lut(modality, header)
        if voi is not None:
            return voi, None
    window = window or window_in_file(header, index=index)
    if window is None:
        sample = frame.pixels.reshape(-1)[:: max(1, frame.pixels.size // _SAMPLE)]
        low, high = np.percentile(sample, _PERCENTILES)
        if low == high:
            low, high = sample.min(), sample.max()
        ends = np.interp([low, high], stored_values, modality)
        window = _from_span(float(min(ends)), float(max(ends)))
    return _windowed(modality, window), window


def _has_tables(header: Dataset, index: int) -> bool:
    if any(keyword in header for keyword in ("ModalityLUTSequence", "VOILUTSequence")):
        return True
    return window_in_file(header, index=index) is not None


def _spread_bits(stored: NDArray[np.uint8], bits_stored: int) -> NDArray[np.uint8]:
    if bits_stored >= _BYTE_BITS or bits_stored < 1:
        return stored
    top = (1 << bits_stored) - 1
    if int(stored.max()) > top:
        return stored
    table = (np.arange(top + 1) * _WHITE // top).astype(np.uint8)
    return np.take(table, stored)


def _span(values: NDArray[Any]) -> tuple[float, float]:
    sample = values.reshape(-1)[:: max(1, values.size // _SAMPLE)]
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return 0.0, 1.0
    low, high = np.percentile(sample, _PERCENTILES)
    return float(low), float(high)


def _from_span(low: float, high: float) -> Window:
    width = max(high - low, 1e-9)
    return Window(low + width / 2, width, "LINEAR_EXACT", "percentile")


def _windowed(values: Floats, window: Window) -> NDArray[np.uint8]:
    """Apply the window (PS3.3 C.11.2.1.2 LINEAR, C.11.2.1.3 LINEAR_EXACT and SIGMOID)."""
    width = max(window.width, 1e-9)
    if window.function == "SIGMOID":
        share = 1 / (1 + np.exp(np.clip(-4 * (values - window.centre) / width, -60, 60)))
    elif window.function == "LINEAR_EXACT" or width <= 1:
        share = (values - window.centre) / width + 0.5
    else:
        share = (values - (window.centre - 0.5)) / (width - 1) + 0.5
    return (np.clip(share, 0, 1) * _WHITE + 0.5).astype(np.uint8)


def groups_of(header: Dataset, index: int) -> Iterator[Dataset]:
    """Yield where a frame's values may stand: the data set, its own groups, the shared ones."""
    yield header
    per_frame = value(header, "PerFrameFunctionalGroupsSequence") or []
    shared = value(header, "SharedFunctionalGroupsSequence") or []
    yield from per_frame[index : index + 1]
    yield from shared[:1]


def _number_in(header: Dataset, index: int, sequence: str, keyword: str) -> float | None:
    for group in groups_of(header, index):
        items = value(group, sequence) or []
        for place in (group, *items[:1]):
            found = _first_number(place, keyword)
            if found is not None:
                return found
    return None


def _first_number(place: Dataset, keyword: str) -> float | None:
    found = value(place, keyword)
    if found is not None and not isinstance(found, (str, bytes, float, int)):
        found = found[0] if len(found) else None
    try:
        number = float(found) if found is not None else math.nan
    except (ValueError, TypeError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def window_in_file(header: Dataset, *, index: int = 0) -> Window | None:
    """Return the first window that the file itself gives for the frame."""
    centre = _number_in(header, index, "FrameVOILUTSequence", "WindowCenter")
    width = _number_in(header, index, "FrameVOILUTSequence", "WindowWidth")
    if centre is None or width is None or width <= 0:
        return None
    return Window(centre, width, text(header, "VOILUTFunction") or "LINEAR", "file")


def to_modality(stored: Floats, header: Dataset, index: int) -> Floats:
    """Apply the Modality LUT or rescale (PS3.3 C.11.1)."""
    table = _lut(header, "ModalityLUTSequence")
    if table is not None:
        return _looked_up(stored, *table)
    sequence = "PixelValueTransformationSequence"
    slope = _number_in(header, index, sequence, "RescaleSlope")
    intercept = _number_in(header, index, sequence, "RescaleIntercept")
    return stored * (1.0 if slope is None else slope) + (intercept or 0.0)


def _voi_lut(modality: Floats, header: Dataset) -> NDArray[np.uint8] | None:
    table = _lut(header, "VOILUTSequence")
    if table is None:
        return None
    first, values = table
    looked_up = _looked_up(modality, first, values)
    top = float(values.max()) or 1.0
    return (looked_up * (_WHITE / top) + 0.5).astype(np.uint8)


def _lut(header: Dataset, sequence: str) -> tuple[int, Floats] | None:
    """Return first mapped value and entries of the first LUT (PS3.3 C.11.1.1.1)."""
    items = value(header, sequence)
    if not items:
        return None
    descriptor = value(items[0], "LUTDescriptor")
    entries = value(items[0], "LUTData")
    if descriptor is None or entries is None or len(descriptor) < 2:  # noqa: PLR2004  # count, first
        return None
    with leniently():
        if isinstance(entries, bytes):
            entries = np.frombuffer(entries[: len(entries) // 2 * 2], "<u2")
        values = np.asarray(entries, np.float64).reshape(-1)
    return (int(descriptor[1]), values) if values.size else None


def _looked_up(values: Floats, first: int, entries: Floats) -> Floats:
    places = np.clip(values - first, 0, entries.size - 1).astype(np.int64)
    return entries[places]
