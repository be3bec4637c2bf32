"""The Chinese typeface of this machine: which one, and which characters it can draw."""

import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fontTools.ttLib import TTFont

# One whole family with all weights; the sliced web fonts of npm have drawn wrong characters.
_FAMILIES: Final = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC")
_STYLES: Final = ("Regular", "Bold")
_FACE_BITS: Final = 0xFFFF  # fontconfig keeps a named instance in the upper half of an index
_ASKED_S: Final = 20
_UNDRAWN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Typeface:
    """A family whose regular and bold faces can both draw these characters."""

    family: str
    characters: frozenset[int] = field(repr=False)

    def missing_in(self, text: str) -> list[str]:
        """Every character without a glyph, once, in the order of the text."""
        found = dict.fromkeys(letter for letter in text if self._lacks(letter))
        return list(found)

    def _lacks(self, letter: str) -> bool:
        return ord(letter) not in self.characters and unicodedata.category(letter) not in _UNDRAWN


def find_typeface() -> Typeface | None:
    """The first family of ours that is installed whole; None where no Chinese can be set."""
    installed = {(family, style): place for family, style, place in _list_faces()}
    for family in _FAMILIES:
        places = [installed.get((family, style)) for style in _STYLES]
        if all(places):
            drawn = [_characters(*place) for place in places if place is not None]
            return Typeface(family, frozenset.intersection(*drawn))
    return None


def _list_faces() -> Iterator[tuple[str, str, tuple[str, int]]]:
    """Family, style, and file with the number of the face in it, as fontconfig knows them."""
    asked = ("fc-list", ":lang=zh-cn", "-f", "%{family[0]}\t%{style[0]}\t%{index}\t%{file}\n")
    try:
        told = subprocess.run(  # noqa: S603 - a program of Debian, named in code
            asked, capture_output=True, text=True, timeout=_ASKED_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return
    for line in told.stdout.splitlines():
        family, style, index, file = line.split("\t", 3)
        yield family, style, (file, int(index) & _FACE_BITS)


def _characters(file: str, number: int) -> frozenset[int]:
    with TTFont(file, fontNumber=number, lazy=True) as face:
        return frozenset(face.getBestCmap())
