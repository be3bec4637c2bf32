"""What a request carries once the doors have let it in."""

from typing import cast

from aiohttp import web

from consult.kernel.errors import NotFoundError
from consult.kernel.ids import is_id
from consult.people.sessions.model import SignedIn

SIGNED_IN = "lianzhen.signed_in"
LANGUAGE = "lianzhen.language"
TOKEN = "lianzhen.token"  # noqa: S105 - the name of a slot, not a secret


def signed_in(request: web.Request) -> SignedIn:
    """The person behind this request; the guard of the doors has made sure that there is one."""
    return cast("SignedIn", request[SIGNED_IN])


def find_signed_in(request: web.Request) -> SignedIn | None:
    """The person behind this request, if any."""
    return cast("SignedIn | None", request.get(SIGNED_IN))


def language(request: web.Request) -> str:
    """`zh-Hans` or `en`: the person's choice, the cookie, else Chinese."""
    return str(request.get(LANGUAGE, "zh-Hans"))


def path_id(request: web.Request, name: str) -> str:
    """An id from the path; anything that is not shaped like one is not there."""
    text = request.match_info[name]
    if not is_id(text):
        raise NotFoundError
    return text
