"""Verification by the code on a paper, open to anybody: no patient data stands here (U14)."""

from aiohttp import web

from consult.reports import verification
from consult.reports.codes import code_of, parse_code
from server.doors import Routes
from server.i18n import LANGUAGES
from server.keys import SEAL
from server.requests import language
from server.threads import in_thread
from server.transactions import as_system_read, utc_now
from server.views.verification import Asked, verification_page

routes = Routes("verify")
LONGEST_CODE = 40


@routes.get("/verify", public=True)
async def ask(request: web.Request) -> web.Response:
    """The form, and the answer to a code that was typed."""
    return await _answer(request, request.query.get("code", "")[:LONGEST_CODE])


@routes.get("/verify/{code}", public=True)
async def answer(request: web.Request) -> web.Response:
    """What a code tells, where a QR code leads."""
    return await _answer(request, request.match_info["code"][:LONGEST_CODE])


async def _answer(request: web.Request, text: str) -> web.Response:
    found = None
    if parse_code(text) is not None:
        found = await as_system_read(
            request.app, verification.find_by_code, text=text, seal=request.app[SEAL]
        )
    head = parse_code(text)
    asked = Asked(code_of(head) if head else text, found, utc_now())
    wish = request.query.get("lang")
    tongue = wish if wish in LANGUAGES else language(request)
    html = await in_thread(verification_page, request.app, tongue, asked)
    return web.Response(text=html, content_type="text/html")
