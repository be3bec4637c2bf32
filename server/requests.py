"""What a request carries once the doors have let it in."""

from dataclasses import dataclass
from typing import TypeAlias, cast

from aiohttp import web

from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import is_id
from consult.people.sessions.model import SignedIn
from server.moments import DEFAULT_ZONE

SIGNED_IN = "lianzhen.signed_in"
LANGUAGE = "lianzhen.language"
MACHINES_OWN = "lianzhen.machines_institution"
TOKEN = "lianzhen.token"  # noqa: S105 - the name of a slot, not a secret

ZONE = "lianzhen.zone"
_LONGEST_PAGE = 5


@dataclass(frozen=True, slots=True)
class PaperReader:
    """The reader of a document that is made while nobody asks."""

    app: web.Application
    tongue: str
    zone: str

    def get(self, key: str, default: object = None, /) -> object:
        """Her language and zone; there is no person."""
        return {LANGUAGE: self.tongue, ZONE: self.zone}.get(key, default)


Audience: TypeAlias = web.Request | PaperReader
"""Whoever words are for: the reader behind a request, or the reader of a paper."""


def signed_in(request: web.Request) -> SignedIn:
    """The person behind this request; the guard of the doors has made sure that there is one."""
    return cast("SignedIn", request[SIGNED_IN])


def find_signed_in(request: Audience) -> SignedIn | None:
    """The person behind this request, if any."""
    return cast("SignedIn | None", request.get(SIGNED_IN))


def zone_of(request: Audience) -> str:
    """The zone of the acting institution, else the paper's."""
    person = find_signed_in(request)
    return str(request.get(ZONE, DEFAULT_ZONE)) if person is None else person.zone


def language(request: Audience) -> str:
    """`zh-Hans` or `en`: the person's choice, the cookie, else Chinese."""
    return str(request.get(LANGUAGE, "zh-Hans"))


def path_id(request: web.Request, name: str) -> str:
    """An id from the path; anything that is not shaped like one is not there."""
    text = request.match_info[name]
    if not is_id(text):
        raise NotFoundError
    return text


def query_page(request: web.Request) -> int:
    """Which page of a list, the first where none is named; raises RefusedError for no number."""
    text = request.query.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_PAGE and int(text)):
        raise RefusedError("field-malformed", field="page")
    return int(text)
