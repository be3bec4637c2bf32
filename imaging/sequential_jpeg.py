"""Lossless JPEG (ITU-T T.81 annex H, process 14), decoded by ourselves; runs in the jail.

Slow and plain: it is the second opinion beside GDCM, the only other decoder at hand, and reads no
more rows than it is asked for.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from imaging.errors import NoPicture, PictureError, RefusedError
from imaging.jpeg import SOS, Jpeg, parse_jpeg, payload

_LOSSLESS: Final = 0xC3
_DHT: Final = 0xC4
_DRI: Final = 0xDD
_LENGTHS: Final = 16
_LONGEST_CODE: Final = 16
_WHOLE: Final = 16
_UNSAMPLED: Final = 0x11

Table = Sequence[tuple[int, int]]
"""For each 16 bits ahead: how many are the code, and how many bits the difference has."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """What the scan header says: predictor, point transform, a table a component, its bytes."""

    predictor: int
    shift: int
    tables: Sequence[Table]
    data: bytes


def decode_rows(coded: bytes, *, most_samples: int) -> NDArray[Any]:
    """Decode as many whole rows from the top as `most_samples` allows, samples last.

    Raises PictureError: another process, restarts, or damaged.
    """
    try:
        jpeg = parse_jpeg(coded)
        scan = _scan(coded, jpeg)
    except (RefusedError, IndexError, KeyError, struct.error) as error:
        raise PictureError(NoPicture.UNDECODABLE) from error
    frame = jpeg.frame
    count = len(frame.component_ids)
    rows = min(frame.rows, max(1, most_samples // (frame.columns * count)))
    middle = 1 << (frame.precision - scan.shift - 1)
    differences = _differences(scan, rows * frame.columns * count, count)
    planes = [
        _predicted(differences[k::count], rows, frame.columns, scan.predictor, middle)
        for k in range(count)
    ]
    made = np.stack(planes, axis=-1) << scan.shift
    kind = np.uint8 if frame.precision <= 8 else np.uint16  # noqa: PLR2004  # bits of a byte
    return made.astype(kind)[..., 0] if count == 1 else made.astype(kind)


def _scan(coded: bytes, jpeg: Jpeg) -> _Scan:
    """One interleaved scan without restarts, as every device writes it."""
    tables: dict[int, Table] = {}
    scans = [each for each in jpeg.segments if each.marker == SOS]
    is_plain = all(each == _UNSAMPLED for each in jpeg.frame.sampling)
    if jpeg.frame.marker != _LOSSLESS or len(scans) != 1 or not is_plain:
        raise PictureError(NoPicture.UNDECODABLE)
    for segment in jpeg.segments:
        if segment.marker == _DHT:
            tables |= _tables(payload(coded, segment))
        elif segment.marker == _DRI and any(payload(coded, segment)):
            raise PictureError(NoPicture.UNDECODABLE)
    body = payload(coded, scans[0])
    count = body[0]
    if count != len(jpeg.frame.component_ids):
        raise PictureError(NoPicture.UNDECODABLE)
    chosen = [tables[body[2 + 2 * number] >> 4] for number in range(count)]
    predictor, _end, point = body[1 + 2 * count : 4 + 2 * count]
    if predictor not in {1, *_PREDICTORS}:
        raise PictureError(NoPicture.UNDECODABLE)
    length = 2 + int.from_bytes(coded[_header_at(coded, scans[0].start) + 2 :][:2], "big")
    data = coded[_header_at(coded, scans[0].start) + length : scans[0].end]
    return _Scan(predictor, point & 0x0F, chosen, data.replace(b"\xff\x00", b"\xff"))


def _header_at(coded: bytes, at: int) -> int:
    while coded[at : at + 2] == b"\xff\xff":
        at += 1
    return at


def _tables(body: bytes) -> dict[int, Table]:
    """The Huffman tables of one segment (T.81 annex C), looked up by the next 16 bits."""
    found: dict[int, Table] = {}
    at = 0
    while at + 1 + _LENGTHS <= len(body):
        counts = body[at + 1 : at + 1 + _LENGTHS]
        values = body[at + 1 + _LENGTHS : at + 1 + _LENGTHS + sum(counts)]
        found[body[at] & 0x0F] = _table(counts, values)
        at += 1 + _LENGTHS + sum(counts)
    return found


def _table(counts: bytes, values: bytes) -> Table:
    table: list[tuple[int, int]] = []
    number = 0
    for length, count in enumerate(counts, start=1):
        for _ in range(count):
            table += [(length, values[number])] * (1 << (_LONGEST_CODE - length))
            number += 1
    return table[: 1 << _LONGEST_CODE]


def _differences(scan: _Scan, wanted: int, count: int) -> NDArray[np.int64]:
    """Read the bits (T.81 H.1.2.2); a scan that ends early, or an unknown code, is damaged."""
    found = []
    data, at, held, bits = scan.data, 0, 0, 0
    tables, turn = scan.tables, 0
    try:
        for _ in range(wanted):
            while bits < 2 * _LONGEST_CODE:
                held = (held << 32) | int.from_bytes(data[at : at + 4].ljust(4, b"\0"), "big")
                at, bits = at + 4, bits + 32
            length, size = tables[turn][(held >> (bits - _LONGEST_CODE)) & 0xFFFF]
            bits -= length
            difference = 1 << 15 if size == _WHOLE else 0
            if 0 < size < _WHOLE:
                bits -= size
                difference = (held >> bits) & ((1 << size) - 1)
                if not difference >> (size - 1):
                    difference -= (1 << size) - 1
            held &= (1 << bits) - 1
            found.append(difference)
            turn = turn + 1 if turn + 1 < count else 0
    except (IndexError, ValueError) as error:
        raise PictureError(NoPicture.UNDECODABLE) from error
    if at - bits // 8 > len(data) + 4:
        raise PictureError(NoPicture.UNDECODABLE)
    return np.array(found, np.int64)


def _predicted(
    differences: NDArray[np.int64], rows: int, columns: int, predictor: int, middle: int
) -> NDArray[np.int64]:
    """Add each difference to its prediction modulo 2^16 (T.81 table H.1)."""
    grid = differences.reshape(rows, columns)
    # The first row is predicted from the left, the first column from above.
    if predictor == 1:
        firsts = (np.cumsum(grid[:, 0]) + middle) & 0xFFFF
        steps = grid.copy()
        steps[:, 0] = firsts
        return np.cumsum(steps, axis=1) & 0xFFFF
    made = np.zeros((rows, columns), np.int64)
    made[0] = (np.cumsum(grid[0]) + middle) & 0xFFFF
    for row in range(1, rows):
        made[row] = _row(grid[row].tolist(), made[row - 1].tolist(), predictor)
    return made


def _row(steps: list[int], above: list[int], predictor: int) -> list[int]:
    left = (steps[0] + above[0]) & 0xFFFF
    made = [left]
    predict = _PREDICTORS[predictor]
    for column in range(1, len(steps)):
        left = (steps[column] + predict(left, above[column], above[column - 1])) & 0xFFFF
        made.append(left)
    return made


_PREDICTORS: Final[Mapping[int, Callable[[int, int, int], int]]] = {
    2: lambda _a, b, _c: b,
    3: lambda _a, _b, c: c,
    4: lambda a, b, c: a + b - c,
    5: lambda a, b, c: a + ((b - c) >> 1),
    6: lambda a, b, c: b + ((a - c) >> 1),
    7: lambda a, b, _c: (a + b) >> 1,
}
