"""Headers of every answer, and the checks that an unsafe request must pass (T6)."""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from consult.kernel.errors import ForbiddenError
from server.requests import TOKEN, find_signed_in

POLICY = "Content-Security-Policy"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = {hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
PLAYER_POLICY = f"{CONTENT_SECURITY_POLICY}; media-src 'self'"
"""Of the page that plays a recording alone."""
VIEWER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self'; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
"""Of the reading page and its decoders alone: they compile codecs, read JPEG and play videos."""
HEADERS = {
    POLICY: CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "X-Frame-Options": "DENY",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CrossSiteError(ForbiddenError):
    """The request came from another site, or without this page's token."""

    def __init__(self) -> None:
        super().__init__("cross-site-request")


def csrf_token(session_token: str) -> str:
    """The token that this session's pages carry: derived, so that nothing is stored."""
    return hmac.new(session_token.encode(), b"lianzhen csrf", sha256).hexdigest()


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """The signal handler that gives every answer its headers; nothing private is kept by caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    response.headers.pop(hdrs.SERVER, None)


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse an unsafe request that another site could have made."""
    if request.method not in SAFE_METHODS:
        if not _is_same_origin(request):
            raise CrossSiteError
        person = find_signed_in(request)
        if person is not None and not person.is_machine and not _has_token(request):
            raise CrossSiteError
    return await handler(request)


def require_own_page(request: web.Request) -> None:
    """A WebSocket is opened with cookies from any page: only our own may (T6)."""
    if request.headers.get(hdrs.ORIGIN) is None or not _is_same_origin(request):
        raise CrossSiteError


def _is_same_origin(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or urlsplit(origin).netloc == request.host


def _has_token(request: web.Request) -> bool:
    given = request.headers.get(CSRF_HEADER, "")
    return hmac.compare_digest(given.encode(), csrf_token(str(request.get(TOKEN, ""))).encode())
