"""What TLS means for an answer, and what plain HTTP is told instead of one."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from consult.kernel.errors import ForbiddenError
from server.auth import cookies
from server.auth.peer import is_here, is_secure
from server.i18n import LANGUAGES, N_, negotiate
from server.keys import SETTINGS
from server.pages import render
from server.prefix import PREFIX, path_of
from server.requests import LANGUAGE

# RFC 6797; not for subdomains, which are other people's machines
_STRICT: Final = "max-age=31536000"
_FOR_ANYBODY: Final = frozenset({"/healthz", "/readyz", "/metrics", "/certificate"})
_UNDER: Final = ("/static/", "/certificate/")
_HOST: Final = re.compile(r"([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_USUAL_PORT: Final = 443
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TlsNeededError(ForbiddenError):
    """The request came over plain HTTP, and not from this machine."""

    def __init__(self) -> None:
        super().__init__("tls-needed")


async def add_strict_transport(request: web.Request, response: web.StreamResponse) -> None:
    """The signal handler by which a browser that came by TLS never comes without it again.

    Under a prefix the host name is not ours alone: whoever owns it says so for all of it.
    """
    if is_secure(request) and not request.app[PREFIX].text:
        response.headers.setdefault("Strict-Transport-Security", _STRICT)


@web.middleware
async def require_tls(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Open nothing on plain HTTP but to this machine; say what to do, and never redirect.

    A redirect would loop behind a proxy that speaks TLS and does not say so.
    """
    if is_secure(request) or is_here(request) or _is_for_anybody(path_of(request)):
        return await handler(request)
    if request.method != hdrs.METH_GET or "text/html" not in request.headers.get("Accept", ""):
        raise TlsNeededError
    wish = request.query.get("lang")
    request[LANGUAGE] = negotiate(
        wish if wish in LANGUAGES else None, request.cookies.get(cookies.LANGUAGE_COOKIE)
    )
    return await render(
        request,
        "certificate/plain_http.html",
        title=N_("Not encrypted"),
        status=HTTPStatus.FORBIDDEN,
        secure_url=_secure_url(request),
    )


def _is_for_anybody(path: str) -> bool:
    return path in _FOR_ANYBODY or path.startswith(_UNDER)


def _secure_url(request: web.Request) -> str:
    """Where the same server speaks TLS, as far as it knows."""
    settings = request.app[SETTINGS]
    if settings.public_url.startswith("https://"):
        return settings.public_url
    host = _HOST.fullmatch(request.host)
    if host is None or (settings.tls == "off" and settings.tls_cert is None):
        return ""
    port = "" if settings.port == _USUAL_PORT else f":{settings.port}"
    return f"https://{host.group(1)}{port}{request.app[PREFIX].address('/')}"
