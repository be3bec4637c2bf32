"""Months of a calendar as an institution reckons them, as a page's filter names them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from consult.kernel.errors import RefusedError


def parse_month(text: str, *, field: str) -> date:
    """The first day of `2026-01`; raises RefusedError for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise RefusedError("field-malformed", field=field) from None


def following(first: date) -> date:
    """The first day of the month after this one."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def midnight(day: date, *, zone: str) -> datetime:
    """When a day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
