"""Answering with a page."""

from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from server.keys import PAGES, STREAM
from server.transactions import utc_now

_OURS: Final = frozenset({"same-origin", "none"})
"""Who asks for a page that goes out packed: nobody elsewhere learns anything by lengths (0338)."""


async def render(
    request: web.Request,
    template: str,
    *,
    title: str,
    status: HTTPStatus = HTTPStatus.OK,
    **context: Any,
) -> web.Response:
    """Answer with a page; `title` is an English message id, the rest is the template's."""
    html = request.app[PAGES].html(
        request,
        template,
        title=title,
        position=request.app[STREAM].position,
        now=utc_now(),
        context=context,
    )
    answer = web.Response(text=html, status=status, content_type="text/html")
    if request.headers.get("Sec-Fetch-Site") in _OURS:
        answer.enable_compression()
    return answer
