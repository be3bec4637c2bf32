"""What is known of a received object for searches, taken from it once when it comes in."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from imaging.index import INSTANCE, SERIES, STUDY

Attributes = Mapping[str, Any]
"""DICOM JSON (PS3.18 annex F): tag in eight hexadecimal digits, VR and values."""

LONGEST_METADATA: Final = 1 << 19


class Level(enum.StrEnum):
    """What is searched for."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Indexed:
    """The attributes that searches use, all metadata as packed DICOM JSON, and where frames lie.

    Metadata that is too long to be kept is made anew whenever it is asked for.
    """

    attributes: Attributes = field(repr=False)
    metadata: bytes | None = field(default=None, repr=False)
    places: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The rows of a study and a series, and the likeness of what is known of each."""

    study_id: str
    series_id: str
    study_told: str | None = None
    series_told: str | None = None


def of_level(attributes: Attributes, level: Mapping[str, str]) -> dict[str, Any]:
    """The attributes of one level that the object has."""
    return {tag: attributes[tag] for tag in level.values() if tag in attributes}


def study_attributes(attributes: Attributes) -> dict[str, Any]:
    """What the object says of its patient and study."""
    return of_level(attributes, STUDY)


def series_attributes(attributes: Attributes) -> dict[str, Any]:
    """What the object says of its series."""
    return of_level(attributes, SERIES)


def instance_attributes(attributes: Attributes) -> dict[str, Any]:
    """What the object says of itself."""
    return of_level(attributes, INSTANCE)


def text_in(attributes: Attributes, tag: str) -> str:
    """The first value as text, empty where there is none.

    A file may hold a zero byte in the midst of a text; PostgreSQL holds none.
    """
    values = attributes.get(tag, {}).get("Value") or [""]
    first = values[0]
    if isinstance(first, dict):  # a person's name (PS3.18 F.2.2)
        groups = (first.get(each, "") for each in ("Alphabetic", "Ideographic", "Phonetic"))
        first = "=".join(groups).rstrip("=")
    return "" if first is None else str(first).replace("\0", "")


def number_in(attributes: Attributes, tag: str) -> int | None:
    """The first value as a whole number that a column holds."""
    try:
        number = int(float(text_in(attributes, tag)))
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1 << 31 else None
