"""Months of a calendar as an institution reckons them, as a page's filter names them."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from consult.kernel.errors import RefusedError

_FIRST_YEAR: Final = 1950
_LAST_YEAR: Final = 2200


def parse_month(text: str, *, field: str) -> date:
    """The first day of `2026-01`; raises RefusedError for anything else.

    Years far away are none of a clinic's, and the month after the last one of all has no name.
    """
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise RefusedError("field-malformed", field=field) from None
    if not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        raise RefusedError("field-malformed", field=field)
    return first


def following(first: date) -> date:
    """The first day of the month after this one."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def midnight(day: date, *, zone: str) -> datetime:
    """When a day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
