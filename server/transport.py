"""What TLS means for an answer, and what plain HTTP is told instead of one."""

from typing import Final

from aiohttp import web

from server.auth.peer import is_secure

# RFC 6797; not for subdomains, which are other people's machines
_STRICT: Final = "max-age=31536000"


async def add_strict_transport(request: web.Request, response: web.StreamResponse) -> None:
    """The signal handler by which a browser that came by TLS never comes without it again."""
    if is_secure(request):
        response.headers.setdefault("Strict-Transport-Security", _STRICT)
