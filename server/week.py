"""What the address of a page asks for: a week, an object; nonsense is refused by name."""

from datetime import date

from aiohttp import web

from consult.kernel.errors import RefusedError
from consult.kernel.ids import is_id

_DAY_LENGTH = len("2026-01-05")


def asked_week(request: web.Request, name: str = "week") -> date | None:
    """Any day of the wanted week, or nothing."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        if len(text) == _DAY_LENGTH:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RefusedError("date-malformed", field=name)


def asked_id(request: web.Request, name: str) -> str | None:
    """The wanted object, or nothing."""
    text = request.query.get(name)
    if text is not None and not is_id(text):
        raise RefusedError("field-malformed", field=name)
    return text
