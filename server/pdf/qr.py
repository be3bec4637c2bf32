"""A QR code (ISO/IEC 18004) as one path, so that it needs no picture and no outside address."""

from dataclasses import dataclass

import segno

_QUIET = 4


@dataclass(frozen=True, slots=True)
class Qr:
    """The dark modules as a path in a square of `size`."""

    size: int
    path: str


def make_qr(text: str) -> Qr:
    """The code of an address, readable with a quarter of it worn away."""
    made = segno.make_qr(text, error="q")
    rows = [list(row) for row in made.matrix]
    path = "".join(
        f"M{column + _QUIET} {line + _QUIET}h1v1h-1z"
        for line, row in enumerate(rows)
        for column, is_dark in enumerate(row)
        if is_dark
    )
    return Qr(len(rows) + 2 * _QUIET, path)
