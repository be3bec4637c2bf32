"""What a page's filter may say in its address: an id or one of the values offered, or nothing."""

import enum
from typing import TypeVar

from aiohttp import web

from consult.kernel.errors import RefusedError
from consult.kernel.ids import is_id

_Code = TypeVar("_Code", bound=enum.StrEnum)


def optional_id(request: web.Request, name: str) -> str | None:
    """An id, or nothing; raises RefusedError for anything else."""
    text = request.query.get(name, "")
    if text and not is_id(text):
        raise RefusedError("field-malformed", field=name)
    return text or None


def optional_choice(request: web.Request, name: str, kind: type[_Code]) -> _Code | None:
    """One of the values offered, or nothing; raises RefusedError for anything else."""
    text = request.query.get(name, "")
    if text and text not in set(kind):
        raise RefusedError("field-not-a-choice", field=name)
    return kind(text) if text else None
