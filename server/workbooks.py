"""Tables that leave the house: as a workbook (ECMA-376: XLSX) and as CSV (RFC 4180).

Nothing in them is computed: a text that a spreadsheet would take for a formula has an apostrophe
before it, and is a text in the workbook besides.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from typing import Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

Cell = str | int | float | datetime | None
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would compute instead of show, where a text begins so."""
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet counts days of no zone (18.17.4)
_DAY_S: Final = 86_400
_MADE: Final = (1980, 1, 1, 0, 0, 0)
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD, _WHEN = 1, 2
_TITLE_MOST: Final = 31


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table with its title, its heads and its rows; times are shown as the zone has them."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    zone: str


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(sheet: Sheet) -> bytes:
    """The table with a mark of its encoding, without which Excel and WPS read no Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(map(harmless, sheet.heads))
    for row in sheet.rows:
        writer.writerow([_plain(cell, zone=sheet.zone) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The tables as sheets of one workbook; the same tables make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(sheets):
            archive.writestr(zipfile.ZipInfo(name, _MADE), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _plain(cell: Cell, *, zone: str) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    return harmless(cell) if isinstance(cell, str) else cell


def _parts(sheets: Sequence[Sheet]) -> Iterable[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    told = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        _xml(
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
            ' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
            f'"{kind}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType='
            f'"{kind}.styles+xml"/>{told}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    entries = "".join(
        f'<sheet name="{_attribute(sheet.title[:_TITLE_MOST])}" sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in zip(numbers, sheets, strict=True)
    )
    yield (
        "xl/workbook.xml",
        _xml(
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{entries}</sheets></workbook>'
        ),
    )
    linked = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations([*linked, (f"rId{len(sheets) + 1}", "styles", "styles.xml")]),
    )
    yield "xl/styles.xml", _styles()
    for n, sheet in zip(numbers, sheets, strict=True):
        yield f"xl/worksheets/sheet{n}.xml", _sheet(sheet)


def _styles() -> str:
    """Plain, the bold heads, and a moment as year, month, day, hour and minute."""
    fonts = '<font><sz val="11"/></font><font><b/><sz val="11"/></font>'
    formats = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0"'
        ' applyNumberFormat="1" applyFont="1"/>'
        for number, font in ((0, 0), (0, 1), (164, 0))
    )
    return _xml(
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
        f'<fonts count="2">{fonts}</fonts><fills count="1"><fill><patternFill patternType="none"/>'
        '</fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/>'
        f'</cellStyleXfs><cellXfs count="3">{formats}</cellXfs></styleSheet>'
    )


def _sheet(sheet: Sheet) -> str:
    """Heads that stay while the rows scroll; every text stands in its own cell."""
    heads = "".join(
        _text(harmless(head), at=f"{_column(place)}1", style=_HEAD)
        for place, head in enumerate(sheet.heads)
    )
    rows = "".join(
        f'<row r="{number}">{_cells(row, number, zone=sheet.zone)}</row>'
        for number, row in enumerate(sheet.rows, 2)
    )
    return _xml(
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1"'
        ' topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{max(len(sheet.heads), 1)}" width="18" customWidth="1"/></cols>'
        f'<sheetData><row r="1">{heads}</row>{rows}</sheetData></worksheet>'
    )


def _cells(row: Sequence[Cell], number: int, *, zone: str) -> str:
    return "".join(
        _cell(cell, at=f"{_column(place)}{number}", zone=zone) for place, cell in enumerate(row)
    )


def _cell(cell: Cell, *, at: str, zone: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        local = cell.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        days = (local.replace(second=0, microsecond=0) - _EPOCH).total_seconds() / _DAY_S
        return f'<c r="{at}" s="{_WHEN}"><v>{days!r}</v></c>'
    if isinstance(cell, str):
        return _text(harmless(cell), at=at)
    return f'<c r="{at}"><v>{cell!r}</v></c>'


def _text(text: str, *, at: str, style: int = 0) -> str:
    """A text, never a formula; what XML cannot hold is left out."""
    held = escape("".join(each for each in text if each >= " " or each in "\t\n\r"))
    told = f'<is><t xml:space="preserve">{held}</t></is>'
    return f'<c r="{at}" s="{style}" t="inlineStr">{told}</c>'


def _column(place: int) -> str:
    """A, B … Z, AA, AB … as a sheet names its columns."""
    first, last = divmod(place, len(ascii_uppercase))
    return (ascii_uppercase[first - 1] if first else "") + ascii_uppercase[last]


def _relations(told: Iterable[tuple[str, str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="{name}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for name, kind, target in told
    )
    return _xml(f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>')


def _attribute(text: str) -> str:
    """A title of a sheet: none of the characters that one may not hold (18.2.19)."""
    return escape("".join(each for each in text if each not in "[]:*?/\\"), {'"': "&quot;"})


def _xml(body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{body}'
