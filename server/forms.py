"""Parsing at the border: JSON bodies into types that cannot be wrong, every problem named."""

import asyncio
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from consult.kernel.errors import FieldProblem, FormRefusedError, RefusedError
from server.keys import SETTINGS

LARGEST_BODY_BYTES = 256 * 1024
B = TypeVar("B", bound=BaseModel)
_MOST_NAMED: Final = 20
_LONGEST_NAME: Final = 100
_FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Co"}
_BIDI_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def readable(text: str) -> str:
    """The text in Unicode's composed form, when all of it can be seen; lines and tabs may be."""
    for letter in text:
        if letter in "\n\t":
            continue
        if unicodedata.category(letter) in _FORBIDDEN_CATEGORIES or letter in _BIDI_OVERRIDES:
            raise PydanticCustomError("field-unreadable", "characters that nobody sees")
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """The text in Unicode's composed form, when all of it can be seen and stands in one line."""
    if "\n" in text or "\t" in text:
        raise PydanticCustomError("field-one-line", "more than one line")
    return readable(text)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(one_line),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(readable),
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(readable)
]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Body(BaseModel):
    """The parent of every body: unknown fields are refused, so nothing can be slipped in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=20_000)


_CODES = {
    "missing": "field-missing",
    "extra_forbidden": "field-unknown",
    "string_too_long": "field-too-long",
    "string_too_short": "field-missing",
    "string_pattern_mismatch": "field-malformed",
    "enum": "field-not-a-choice",
    "literal_error": "field-not-a-choice",
}


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """A word that Python's reader would take for a number."""

    word: str


async def parse_body(request: web.Request, kind: type[B], *, most: int = LARGEST_BODY_BYTES) -> B:
    """The request's JSON as this type; raises FormRefusedError with every field's problem."""
    if request.content_type != "application/json":
        raise RefusedError("body-not-json")
    return parse_json(await read_body(request, most=most), kind)


async def read_body(request: web.Request, *, most: int) -> bytes:
    """The whole body of a request; raises RefusedError for a long one, and for a slow one."""
    if request.content_length is not None and request.content_length > most:
        raise RefusedError("body-too-large")
    try:
        async with asyncio.timeout(request.app[SETTINGS].patience_s):
            return await _read(request, most)
    except TimeoutError:
        raise RefusedError("body-too-slow") from None


async def _read(request: web.Request, most: int) -> bytes:
    data = bytearray()
    while more := await request.content.read(LARGEST_BODY_BYTES):
        data += more
        if len(data) > most:
            raise RefusedError("body-too-large")
    return bytes(data)


def parse_json(data: bytes, kind: type[B]) -> B:
    """The bytes as this type."""
    try:
        text = data.decode()  # RFC 8259 8.1: UTF-8; json would guess at other encodings
        told = json.loads(text, object_pairs_hook=_each_once, parse_constant=_NoNumber)
        if wrong := list(islice(_no_numbers(told), _MOST_NAMED)):
            raise FormRefusedError([FieldProblem(name, "field-malformed") for name in wrong])
        return kind.model_validate(_drop_nulls(told))
    except ValidationError as error:
        raise FormRefusedError([_problem(detail) for detail in error.errors()]) from None
    except (ValueError, RecursionError):
        raise RefusedError("body-not-json") from None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose fields stand in it once: which of two was meant nobody knows."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def _no_numbers(value: object, path: str = "body") -> Iterator[str]:
    """Where NaN or Infinity stands, which are no JSON (RFC 8259 6); a long path is cut at once."""
    if isinstance(value, _NoNumber):
        yield path
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            below = str(name) if path == "body" else f"{path}.{name}"
            yield from _no_numbers(part, below[:_LONGEST_NAME])


def _drop_nulls(value: object) -> object:
    """An empty field of a form counts as not given."""
    if isinstance(value, dict):
        return {key: _drop_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_nulls(item) for item in value]
    return value


def _problem(detail: ErrorDetails) -> FieldProblem:
    name = ".".join(str(part) for part in detail["loc"]) or "body"
    kind = detail["type"]
    limit = detail.get("ctx", {}).get("max_length")
    facts = {"limit": int(limit)} if isinstance(limit, int) else {}
    return FieldProblem(
        name[:_LONGEST_NAME], _CODES.get(kind, kind if "-" in kind else "field-malformed"), facts
    )
