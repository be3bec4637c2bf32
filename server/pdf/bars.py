"""A bar code (ISO/IEC 16388, Code 39) as one path: what the cheapest scanner of a clinic reads."""

from dataclasses import dataclass
from typing import Final

# Ten letters share the place of a wide space; among them two of five bars are wide.
_ROWS: Final = ("1234567890", "ABCDEFGHIJ", "KLMNOPQRST", "UVWXYZ-. *")
_SPACES: Final = ("0100", "0010", "0001", "1000")
_BARS: Final = (
    "10001",
    "01001",
    "11000",
    "00101",
    "10100",
    "01100",
    "00011",
    "10010",
    "01010",
    "00110",
)
_WIDE: Final = {"0": 1, "1": 3}
_QUIET: Final = 10
_HEIGHT: Final = 30
_FRAME: Final = "*"


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars as a path in a box of `width` by `height` narrow bars, quiet zones within."""

    width: int
    height: int
    path: str


def make_bars(text: str) -> Bars:
    """The code of capital letters, figures, `-` and `.`; raises ValueError for anything else."""
    if _FRAME in text:
        raise ValueError("the frame stands around a code, not in it")
    at, pieces = _QUIET, []
    for letter in f"{_FRAME}{text}{_FRAME}":
        for place, wide in enumerate(_elements(letter)):
            if place % 2 == 0:
                pieces.append(f"M{at} 0h{_WIDE[wide]}v{_HEIGHT}h-{_WIDE[wide]}z")
            at += _WIDE[wide]
        at += 1
    return Bars(at - 1 + _QUIET, _HEIGHT, "".join(pieces))


def _elements(letter: str) -> str:
    """Bars and spaces in turn, beginning and ending with a bar; 1 is wide."""
    row = next((at for at, letters in enumerate(_ROWS) if letter in letters), None)
    if row is None:
        raise ValueError("a letter that Code 39 does not have")
    bars, spaces = _BARS[_ROWS[row].index(letter)], _SPACES[row]
    pairs = zip(bars, f"{spaces} ", strict=True)
    return "".join(bar + space for bar, space in pairs).strip()
