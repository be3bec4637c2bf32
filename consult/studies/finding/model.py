"""A question of the DICOM network about stored studies, and what answers it (PS3.4 annex C)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_DATE: Final = re.compile(r"[0-9]{8}")
_TIME: Final = re.compile(r"[0-9]{2}([0-9]{2}([0-9]{2}(\.[0-9]{1,6})?)?)?")
_LONGEST_TIME: Final = 16
_SPECIALS: Final = {"%": r"\%", "_": r"\_", "\\": r"\\", "*": "%", "?": "_"}


class Level(StrEnum):
    """Query/Retrieve Level (0008,0052)."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


@dataclass(frozen=True, slots=True)
class Question:
    """What must match; an empty part matches everything (PS3.4 C.2.2.2).

    `is_combined`: the ranges of date and time are from one moment to another (C.2.2.2.5).
    """

    level: Level
    study_uids: tuple[str, ...] = ()
    series_uids: tuple[str, ...] = ()
    instance_uids: tuple[str, ...] = ()
    class_uids: tuple[str, ...] = ()
    patient_number: str = field(default="", repr=False)
    patient_name: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    sex: str = ""
    referring: str = field(default="", repr=False)
    description: str = ""
    accession: str = ""
    study_date: str = ""
    study_time: str = ""
    study_number: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    modalities: tuple[str, ...] = ()
    is_combined: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One answer: values by DICOM keyword, as text."""

    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """An object that a retrieval names, in the study that policy was asked about."""

    instance_id: str
    study_id: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


def date_range(text: str) -> tuple[str, str] | None:
    """First and last day of a range match (PS3.4 C.2.2.2.5); None where it is no date."""
    first, dash, last = text.partition("-")
    if not dash:
        last = first
    if any(part and _DATE.fullmatch(part) is None for part in (first, last)):
        return None
    return first or "00000000", last or "99999999"


def time_range(text: str) -> tuple[str, str] | None:
    """First and last moment of a day (PS3.4 C.2.2.2.5); what is not said is the whole of it."""
    first, dash, last = text.partition("-")
    if not dash:
        last = first
    if any(part and _TIME.fullmatch(part) is None for part in (first, last)):
        return None
    return first or "000000", last.ljust(_LONGEST_TIME, "9")


def like_pattern(text: str) -> str:
    r"""A wild card match (PS3.4 C.2.2.2.4) as a pattern of SQL that escapes by `\`."""
    return "".join(_SPECIALS.get(letter, letter) for letter in text)


def is_wild(text: str) -> bool:
    """Whether it holds a wild card."""
    return "*" in text or "?" in text
