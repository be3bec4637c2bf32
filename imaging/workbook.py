"""The first sheet of a workbook (ECMA-376: XLSX) as lines of text, cell by cell.

Only values are read: a formula is told as `=`, so that whoever takes the list sees that it is one.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from imaging.archive import ArchiveLimits, list_entries
from imaging.descriptor import open_positioned
from imaging.errors import Refusal, RefusedError
from imaging.workbook_parts import Attributes, Book, Sheet, Texts

LARGEST_WORKBOOK_BYTES: Final = 5_000_000
_LIMITS: Final = ArchiveLimits(
    entries=500, entry_bytes=20_000_000, total_bytes=60_000_000, directory_bytes=200_000
)
_FAULTS: Final = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    OverflowError,
    EOFError,
    NotImplementedError,
)


def read_first_sheet(descriptor: int) -> list[list[str]]:
    """The rows of the first sheet, blank ones among them; raises RefusedError for what is none."""
    list_entries(descriptor, limits=_LIMITS)
    try:
        with zipfile.ZipFile(open_positioned(descriptor)) as archive:
            return _read(archive)
    except _FAULTS as error:
        raise RefusedError(Refusal.DAMAGED_ZIP) from error


def _read(archive: zipfile.ZipFile) -> list[list[str]]:
    names = set(archive.namelist())
    book = Book()
    for name, reader in (
        ("xl/workbook.xml", book.of_workbook),
        ("xl/_rels/workbook.xml.rels", book.of_relations),
        ("xl/styles.xml", book.of_styles),
    ):
        if name in names:
            _parse(archive.read(name), reader)
    texts = Texts("si")
    if "xl/sharedStrings.xml" in names:
        _parse(archive.read("xl/sharedStrings.xml"), texts.begin, texts.end, texts.text)
    sheet = Sheet(book, texts.found)
    _parse(archive.read(book.first_sheet(names)), sheet.begin, sheet.end, sheet.text)
    return sheet.rows


def _parse(
    data: bytes,
    begin: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read a part; a document type, by which entities come, is refused."""
    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, told: begin(_local(name), _locals(told))
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda name: finish(_local(name))
    parser.CharacterDataHandler = text
    parser.Parse(data, True)  # noqa: FBT003 - expat's own signature


def _refuse(*_told: object) -> None:
    raise RefusedError(Refusal.DAMAGED_ZIP)


def _local(name: str) -> str:
    return name.rpartition("|")[2]


def _locals(told: Attributes) -> Attributes:
    return {_local(name): value for name, value in told.items()}


def text_of(rows: list[list[str]]) -> str:
    """The rows as a spreadsheet copies them: tabs between cells, quotes where they are due."""
    written = io.StringIO()
    csv.writer(written, delimiter="\t", lineterminator="\n").writerows(
        [" ".join(cell.split()) for cell in row] for row in rows
    )
    return written.getvalue()
