"""Marks and lesions as a page and a browser have them."""

from collections.abc import Sequence

from pydantic import BaseModel

from consult.annotations.content import mark_as_json
from consult.annotations.model import Lesions, Sheet
from consult.people.practitioners.model import PersonName
from consult.reports.service_marks import Sheets


class AuthorAnswer(BaseModel):
    """Who drew."""

    id: str
    name: str
    name_en: str


class MarkAnswer(BaseModel):
    """One mark in image pixels; 0, 0 is the top left corner of the top left pixel."""

    id: str
    tool: str
    image_id: str
    frame: int
    points: list[list[float]]
    label: str
    lesion: str | None
    eye: str | None


class SheetAnswer(BaseModel):
    """One reader's current sheet."""

    author: AuthorAnswer
    is_mine: bool
    revision: int
    saved_at: str | None
    marks: list[MarkAnswer]
    key_images: list[str]


class SheetsAnswer(BaseModel):
    """The reader's own sheet first, then the others' that she may see."""

    sheets: list[SheetAnswer]


class ChannelAnswer(BaseModel):
    """The pixels of one channel: grey, or red, green and blue."""

    channel: str
    mean: float
    std: float
    min: float
    max: float


class StatisticsAnswer(BaseModel):
    """The pixels in a shape, of the channel named; a colour picture's is green (red-free).

    `area_mm2` is null where the file does not support millimetres.
    """

    channel: str
    mean: float
    std: float
    min: float
    max: float
    pixels: int
    area_pixels: int
    area_mm2: float | None
    unit: str
    channels: list[ChannelAnswer]


def sheets_as_json(found: Sheets) -> list[dict[str, object]]:
    """Every sheet as the contract with the browser says."""
    return [_sheet_as_json(sheet, found) for sheet in found.sheets]


def lesions_as_json(lesions: Lesions) -> Sequence[dict[str, str]]:
    """The list of lesions for the page's tools."""
    return [
        {
            "code": lesion.code,
            "zh": lesion.words.zh,
            "en": lesion.words.en,
            "short": lesion.short,
            "colour": lesion.colour,
            "key": lesion.key,
        }
        for lesion in lesions.by_code.values()
    ]


def _sheet_as_json(sheet: Sheet, found: Sheets) -> dict[str, object]:
    name = found.names.get(sheet.reader_id, PersonName("", "", ""))
    return {
        "author": {"id": sheet.reader_id, "name": name.name, "name_en": name.name_en},
        "is_mine": sheet.reader_id == found.own_id,
        "revision": sheet.revision,
        "saved_at": None if sheet.saved_at is None else sheet.saved_at.isoformat(),
        "marks": [mark_as_json(mark) for mark in sheet.drawing.marks],
        "key_images": list(sheet.drawing.key_images),
    }
