"""Lossless JPEG with any predictor (ITU-T T.81 annex H), written plainly."""

import struct

import numpy as np

_CATEGORIES = 17
_CODE_BITS = 5


def make_lossless_jpeg(pixels: np.ndarray, *, predictor: int) -> bytes:
    """A grey picture of 8 or 16 bits."""
    precision = pixels.dtype.itemsize * 8
    rows, columns = pixels.shape
    counts = bytes(_CATEGORIES if length == _CODE_BITS else 0 for length in range(1, 17))
    table = b"\x00" + counts + bytes(range(_CATEGORIES))
    scan = _bits(pixels.astype(int), predictor, precision).replace(b"\xff", b"\xff\x00")
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xC3, struct.pack(">BHHBBBB", precision, rows, columns, 1, 1, 0x11, 0)),
            _segment(0xC4, table),
            _segment(0xDA, bytes((1, 1, 0, predictor, 0, 0))),
            scan,
            b"\xff\xd9",
        )
    )


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _bits(pixels: np.ndarray, predictor: int, precision: int) -> bytes:
    text = []
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            guess = _guess(pixels, row, column, predictor, precision)
            text.append(_coded(int((pixels[row, column] - guess + 32768) & 0xFFFF) - 32768))
    whole = "".join(text)
    whole += "1" * (-len(whole) % 8)
    return int(whole, 2).to_bytes(len(whole) // 8, "big")


def _guess(pixels: np.ndarray, row: int, column: int, predictor: int, precision: int) -> int:
    if row == 0 and column == 0:
        return 1 << (precision - 1)
    if row == 0:
        return pixels[0, column - 1]
    if column == 0:
        return pixels[row - 1, 0]
    a, b, c = pixels[row, column - 1], pixels[row - 1, column], pixels[row - 1, column - 1]
    ways = {1: a, 2: b, 3: c, 4: a + b - c, 5: a + ((b - c) >> 1), 6: b + ((a - c) >> 1)}
    return ways.get(predictor, (a + b) >> 1)


def _coded(difference: int) -> str:
    if difference == -32768:
        return f"{16:05b}"
    size = abs(difference).bit_length()
    value = difference if difference > 0 else difference + (1 << size) - 1
    return f"{size:05b}" + (f"{value:0{size}b}" if size else "")
