"""Times and dates in words, in the zone of the acting institution."""

from datetime import date, datetime, timedelta
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


SOON = timedelta(hours=2)


def format_left(until: datetime, *, now: datetime, language: str) -> tuple[str, str]:
    """What remains of a promise in words, and its state: `soon`, `over` or nothing."""
    left = until - now
    minutes = int(abs(left).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if language == ENGLISH:
        span = (
            f"{days} d {hours} h" if days else f"{hours} h {rest} min" if hours else f"{rest} min"
        )
        words = "{span} over" if left < timedelta(0) else "{span} left"
    else:
        span = (
            f"{days} 天 {hours} 小时"
            if days
            else f"{hours} 小时 {rest} 分"
            if hours
            else f"{rest} 分"
        )
        words = "已超 {span}" if left < timedelta(0) else "剩 {span}"
    state = "over" if left < timedelta(0) else "soon" if left <= SOON else ""
    return words.format(span=span), state
