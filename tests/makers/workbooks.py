"""Workbooks (XLSX) as Excel and WPS write them, part by part."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DAY_STYLE = 1
"""The style of a cell whose number is a day."""


def number(value: float, *, style: int = 0) -> str:
    """A cell with a number."""
    return f'<c r="{{place}}" s="{style}"><v>{value}</v></c>'


def formula(text: str, value: str) -> str:
    """A cell that is reckoned, with its last value."""
    return f'<c r="{{place}}" t="str"><f>{escape(text)}</f><v>{escape(value)}</v></c>'


def make_workbook(rows: Sequence[Sequence[str]], *, before_sheet: str = "") -> bytes:
    """A workbook whose first sheet has these rows; what begins with < is a cell as it stands."""
    texts: list[str] = []
    lines = []
    for at, row in enumerate(rows, start=1):
        cells = [_cell(text, f"{chr(65 + column)}{at}", texts) for column, text in enumerate(row)]
        lines.append(f'<row r="{at}">{"".join(cells)}</row>')
    shared = "".join(
        f"<si><t>{escape(text)}</t><rPh sb='0' eb='1'><t>读音</t></rPh></si>" for text in texts
    )
    parts = {
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="名单" sheetId="1" r:id="rId7"/><sheet name="旧" sheetId="2" r:id="rId1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId7" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {_MAIN}><numFmts><numFmt numFmtId="176" '
        'formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="176"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{shared}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}><sheetData/></worksheet>",
        "xl/worksheets/sheet2.xml": f"{before_sheet}<worksheet {_MAIN}><sheetData>"
        f"{''.join(lines)}</sheetData></worksheet>",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def _cell(text: str, place: str, texts: list[str]) -> str:
    if text.startswith("<"):
        return text.format(place=place)
    if not text:
        return ""
    texts.append(text)
    return f'<c r="{place}" t="s"><v>{len(texts) - 1}</v></c>'
