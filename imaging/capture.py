"""When an instance was captured, and which attribute says so."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_DATE: Final = re.compile(r"([0-9]{4})[.-]?([0-9]{2})[.-]?([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2}):?([0-9]{2})?:?([0-9]{2})?(?:\.[0-9]{1,6})?")
_DATE_TIME: Final = re.compile(r"([0-9]{8})([0-9]{0,6})(?:\.[0-9]{1,6})?([+-][0-9]{4})?")
# The nearest to the shutter first; a study's own time is a last resort.
_PAIRS: Final = (
    ("acquisition", "AcquisitionDate", "AcquisitionTime"),
    ("content", "ContentDate", "ContentTime"),
    ("series", "SeriesDate", "SeriesTime"),
    ("study", "StudyDate", "StudyTime"),
)


@dataclass(frozen=True, slots=True)
class Capture:
    """The device's own local time, without zone; `source` names what said it."""

    at: datetime | None = None
    source: str | None = None
    offset: str | None = None


def capture_from(read: Callable[[str], str | None]) -> Capture:
    """Return the capture time of an instance (PS3.3 C.7.6.1, PS3.5 6.2 DA TM DT).

    `read` gives the text of an attribute by its keyword.
    """
    found = _DATE_TIME.fullmatch(read("AcquisitionDateTime") or "")
    if found is not None:
        at = _combined(found[1], found[2])
        if at is not None:
            offset = found[3]
            return Capture(at, "acquisition", f"{offset[:3]}:{offset[3:]}" if offset else None)
    for source, date_keyword, time_keyword in _PAIRS:
        at = _combined(read(date_keyword), read(time_keyword))
        if at is not None:
            return Capture(at, source)
    return Capture()


def _combined(date: str | None, time: str | None) -> datetime | None:
    """Return date and time as one; a date without a time says too little about a session."""
    day = _DATE.fullmatch(date or "")
    if day is None:
        return None
    padded = _TIME.fullmatch(time or "")
    if padded is None:
        return None
    hour, minute, second = (part or "00" for part in padded.groups())
    try:
        return datetime.fromisoformat(
            f"{day[1]}-{day[2]}-{day[3]}T{hour}:{minute}:{min(int(second), 59):02d}"
        )
    except ValueError:
        return None
