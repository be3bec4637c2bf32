"""Times and dates in words, in the zone of the acting institution."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from consult.kernel.errors import Fact
from server.i18n import ENGLISH

DEFAULT_ZONE = "Asia/Shanghai"
_CLOCK = "time:"
_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


def format_moment(at: datetime, *, zone: str, language: str) -> str:
    """`1月5日 08:21`, `5 Jan 08:21`."""
    local = at.astimezone(ZoneInfo(zone))
    if language == ENGLISH:
        return f"{local.day} {local:%b} {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def format_full_moment(at: datetime, *, zone: str, language: str) -> str:
    """With the year, for documents."""
    local = at.astimezone(ZoneInfo(zone))
    if language == ENGLISH:
        return f"{local.day} {local:%b} {local.year} {local:%H:%M}"
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def format_promise(at: datetime, *, zone: str, language: str) -> str:
    """`1月5日（周一）17:00`, `Mon 5 Jan 17:00`."""
    local = at.astimezone(ZoneInfo(zone))
    if language == ENGLISH:
        return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
    return f"{local.month}月{local.day}日（周{_WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def format_day(day: date, *, language: str) -> str:
    """`2026年1月5日`, `5 Jan 2026`."""
    if language == ENGLISH:
        return f"{day.day} {day:%b} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def local_day(at: datetime, *, zone: str) -> date:
    """The date of this instant where the institution is."""
    return at.astimezone(ZoneInfo(zone)).date()


def format_clock(fact: Fact, *, zone: str) -> str | None:
    """`20:14` for a fact `time:<ISO 8601>` of an error; None for any other fact."""
    if not isinstance(fact, str) or not fact.startswith(_CLOCK):
        return None
    at = datetime.fromisoformat(fact.removeprefix(_CLOCK))
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
