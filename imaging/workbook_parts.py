"""The parts of a workbook as expat tells them: book, texts and the cells of a sheet (ECMA-376)."""

import contextlib
import re
from datetime import date, timedelta
from typing import Final

from imaging.errors import Refusal, RefusedError

MOST_ROWS: Final = 2_000
MOST_COLUMNS: Final = 60
LONGEST_CELL: Final = 500
_SHEET: Final = re.compile(r"xl/worksheets/sheet[0-9]+\.xml")
_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# ECMA-376 18.8.30: formats that are dates, those of Chinese workbooks among them.
_DATES: Final = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
# A number of 16 digits and more has been rounded to 15 (IEEE 754, as Excel shows it).
_EXACT_BELOW: Final = 10**15
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)
Attributes = dict[str, str]


class Book:
    """Which sheet is the first, from when days are counted, and which styles are dates."""

    def __init__(self) -> None:
        self._first = ""
        self._targets: dict[str, str] = {}
        self._formats: dict[int, str] = {}
        self._styles: list[int] = []
        self._is_of_cells = False
        self.epoch = _EPOCH

    def of_workbook(self, name: str, told: Attributes) -> None:
        """A sheet, or how days are counted (18.2.28)."""
        if name == "sheet" and not self._first:
            self._first = told.get("id", "")
        if name == "workbookPr" and told.get("date1904") in {"1", "true"}:
            self.epoch = _EPOCH_1904

    def of_relations(self, name: str, told: Attributes) -> None:
        """Where a part lies (ECMA-376 part 2)."""
        if name == "Relationship":
            target = told.get("Target", "")
            self._targets[told.get("Id", "")] = target.removeprefix("/xl/")

    def of_styles(self, name: str, told: Attributes) -> None:
        """A format of numbers, or a style of cells."""
        if name == "numFmt":
            self._formats[int(told["numFmtId"])] = told.get("formatCode", "")
        elif name in {"cellXfs", "cellStyleXfs"}:
            self._is_of_cells = name == "cellXfs"
        elif name == "xf" and self._is_of_cells:
            self._styles.append(int(told.get("numFmtId", "0")))

    def first_sheet(self, names: set[str]) -> str:
        """The name of the first sheet's part."""
        named = f"xl/{self._targets.get(self._first, '')}"
        return named if named in names else min(name for name in names if _SHEET.fullmatch(name))

    def is_date(self, style: int) -> bool:
        """Whether numbers of this style are days."""
        number = self._styles[style] if 0 <= style < len(self._styles) else 0
        shown = _QUOTED.sub("", self._formats.get(number, "")).lower()
        return number in _DATES or "y" in shown or "d" in shown


class Texts:
    """The texts of a part, one an element; the reading of a character (rPh) is no part of it."""

    def __init__(self, element: str) -> None:
        self.found: list[str] = []
        self._element, self._pieces = element, [""]
        self._is_text = self._is_reading = False

    def begin(self, name: str, _told: Attributes) -> None:
        """An element begins."""
        if name == self._element:
            self._pieces = []
        self._is_reading = self._is_reading or name == "rPh"
        self._is_text = name == "t" and not self._is_reading

    def end(self, name: str) -> None:
        """An element ends."""
        self._is_text = False
        if name == "rPh":
            self._is_reading = False
        if name == self._element:
            self.found.append("".join(self._pieces)[:LONGEST_CELL])

    def text(self, data: str) -> None:
        """What stands in it."""
        if self._is_text:
            self._pieces.append(data)


class Sheet:
    """The cells of a sheet, in their places."""

    def __init__(self, book: Book, texts: list[str]) -> None:
        self.rows: list[list[str]] = []
        self._book, self._texts = book, texts
        self._cell: Attributes = {}
        self._value, self._inside = "", ""
        self._is_formula = False

    def begin(self, name: str, told: Attributes) -> None:
        """A cell, its formula, its value."""
        if name == "c":
            self._cell, self._value, self._is_formula = told, "", False
        self._is_formula = self._is_formula or name == "f"
        self._inside = name

    def end(self, name: str) -> None:
        """A cell is whole."""
        self._inside = ""
        if name == "c":
            self._place("=" if self._is_formula else self._said())

    def text(self, data: str) -> None:
        """A piece of a value."""
        if self._inside in {"v", "t"}:
            self._value = (self._value + data)[:LONGEST_CELL]

    def _place(self, text: str) -> None:
        match = _PLACE.fullmatch(self._cell.get("r", ""))
        if match is None or not text:
            return
        row, column = int(match[2]), _column_of(match[1])
        if row > MOST_ROWS:
            raise RefusedError(Refusal.TOO_LARGE)
        if column > MOST_COLUMNS:
            return
        while len(self.rows) < row:
            self.rows.append([])
        cells = self.rows[row - 1]
        cells.extend([""] * (column - len(cells)))
        cells[column - 1] = text

    def _said(self) -> str:
        kind, value = self._cell.get("t", "n"), self._value
        if kind == "s":
            return self._texts[int(value)]
        if kind != "n" or not value:
            return value
        return self._number(float(value))

    def _number(self, number: float) -> str:
        if self._book.is_date(int(self._cell.get("s", "0"))):
            with contextlib.suppress(OverflowError):
                return (self._book.epoch + timedelta(days=int(number))).isoformat()
        if abs(number) >= _EXACT_BELOW:
            return f"{number:.5E}"
        return str(int(number)) if number == int(number) else str(number)


def _column_of(letters: str) -> int:
    """1 for A, 27 for AA (18.3.1.4)."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found
