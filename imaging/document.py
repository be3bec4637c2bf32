"""An object that shows no picture, as plain lines: what it says, and what it refers to.

Runs in the jail. Nothing of it is ever given to a browser but text.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from imaging.header import read_attributes, text, value
from imaging.layout import stream_of
from imaging.lenient import FAULTS, leniently
from imaging.survey import Survey
from imaging.video import CODINGS, HEAD_BYTES, container_of

MOST_LINES: Final = 600
_DEEPEST: Final = 16
_LONGEST: Final = 400
_PDF: Final = b"%PDF-"
_MEASURING_GROUPS: Final = frozenset({0x0022, 0x0024, 0x0040, 0x0046, 0x0054, 0x0068, 0x0070})
_BULKY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_VALUES: Final = {
    "TEXT": "TextValue",
    "DATETIME": "DateTime",
    "DATE": "Date",
    "TIME": "Time",
    "PNAME": "PersonName",
    "UIDREF": "UID",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: how deep it stands, what it is called, what it says."""

    depth: int
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Document:
    """The lines, whether there would be more, and what a file inside claims to be and is."""

    title: str
    lines: tuple[Line, ...]
    is_cut: bool
    media_type: str | None = None
    is_pdf: bool = False
    size_bytes: int = 0


def read_document(descriptor: int, found: Survey) -> Document:
    """Return what the object says; raises RefusedError where it cannot be read."""
    dataset = read_attributes(descriptor, found)
    lines: list[Line] = []
    is_cut = False
    with leniently():
        for line in _lines(dataset):
            if len(lines) == MOST_LINES:
                is_cut = True
                break
            lines.append(line)
        title = _meaning(dataset, "ConceptNameCodeSequence") or _title(dataset)
        inside = value(dataset, "EncapsulatedDocument")
    if found.transfer_syntax_uid in CODINGS and (stream := stream_of(descriptor, found)):
        kind = container_of(os.pread(descriptor, HEAD_BYTES, stream[0][0]))
        size_bytes = sum(length for _, length in stream)
        return Document(title, tuple(lines), is_cut, kind, size_bytes=size_bytes)
    if not isinstance(inside, bytes):
        return Document(title, tuple(lines), is_cut)
    told = text(dataset, "MIMETypeOfEncapsulatedDocument") or ""
    is_pdf = inside.startswith(_PDF)
    return Document(title, tuple(lines), is_cut, told, is_pdf, len(inside))


def _title(dataset: Dataset) -> str:
    keywords = ("DocumentTitle", "ContentLabel", "SeriesDescription", "StudyDescription")
    return next((found for each in keywords if (found := text(dataset, each))), "")


def _lines(dataset: Dataset) -> Iterator[Line]:
    """A tree of content where there is one (PS3.3 C.17.3), else whatever was measured."""
    if "ContentSequence" in dataset:
        yield from _content(value(dataset, "ContentSequence") or [], 0)
    else:
        yield from _elements(dataset, 0)


def _content(items: list[Dataset], depth: int) -> Iterator[Line]:
    if depth > _DEEPEST:
        return
    for item in items:
        name = _meaning(item, "ConceptNameCodeSequence") or text(item, "ValueType") or ""
        yield Line(depth, _short(name), _short(_said(item)))
        yield from _content(value(item, "ContentSequence") or [], depth + 1)


def _said(item: Dataset) -> str:
    kind = text(item, "ValueType") or ""
    if kind in _VALUES:
        return _whole_text(item, _VALUES[kind])
    if kind == "CODE":
        return _meaning(item, "ConceptCodeSequence")
    if kind == "NUM":
        return _measured(item)
    referred = value(item, "ReferencedSOPSequence") or []
    return ", ".join(text(each, "ReferencedSOPInstanceUID") or "" for each in referred)


def _measured(item: Dataset) -> str:
    numbers = value(item, "MeasuredValueSequence") or []
    if not numbers:
        return ""
    unit = value(numbers[0], "MeasurementUnitsCodeSequence") or []
    shown = text(unit[0], "CodeValue") if unit else None
    number = text(numbers[0], "NumericValue") or ""
    return f"{number} {shown}" if shown and shown != "1" else number


def _meaning(item: Dataset, keyword: str) -> str:
    codes = value(item, keyword) or []
    return (text(codes[0], "CodeMeaning") or text(codes[0], "CodeValue") or "") if codes else ""


def _elements(dataset: Dataset, depth: int) -> Iterator[Line]:
    """Elements of the groups in which devices write what they measured, or a reader marked."""
    for tag in sorted(dataset.keys()):
        if depth == 0 and tag.group not in _MEASURING_GROUPS:
            continue
        try:
            element = dataset[tag]
        except FAULTS:
            continue
        yield from _element(element, depth)


def _element(element: DataElement, depth: int) -> Iterator[Line]:
    if element.VR in _BULKY or element.tag.is_private:
        return
    if element.VR != "SQ":
        yield Line(depth, _short(element.name), _short(_joined(element.value)))
        return
    if depth >= _DEEPEST:
        return
    yield Line(depth, _short(element.name), "")
    for item in element.value:
        yield from _elements(item, depth + 1)


def _whole_text(item: Dataset, keyword: str) -> str:
    found = value(item, keyword)
    return "" if found is None else _joined(found)


def _joined(found: Any) -> str:
    if found is None:
        return ""
    is_many = type(found).__name__ == "MultiValue"
    return ", ".join(str(each) for each in found) if is_many else str(found)


def _short(said: str) -> str:
    safe = said.encode("utf-8", "replace").decode("utf-8")
    shown = "".join(letter if letter.isprintable() else " " for letter in safe[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
