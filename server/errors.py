"""Where a failure becomes an answer: RFC 9457 for machines, a page for people, one sentence."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import hdrs, web

from consult.kernel.disk import StorageFullError, disk_fault
from consult.kernel.errors import (
    ConflictError,
    ConsultError,
    Fact,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from consult.kernel.ids import new_id
from imaging.errors import ImagingError, JailUnavailableError
from server.disk_watch import DISK
from server.i18n import CHINESE
from server.keys import LANGUAGES, RULES
from server.moments import DEFAULT_ZONE, format_clock
from server.pages import render
from server.prefix import path_of
from server.requests import find_signed_in, language
from server.sentences import SENTENCES

log = structlog.get_logger()
_PLACES: Mapping[str, tuple[str, str]] = {
    "referral-live": ("live_case_id", "/cases/{live_case_id}#booking")
}
"""Where a refusal leads whoever may go there: the fact that must be known, and the address."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUS: tuple[tuple[type[ConsultError], HTTPStatus], ...] = (
    (GoneError, HTTPStatus.GONE),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (RefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StorageFullError, HTTPStatus.INSUFFICIENT_STORAGE),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into its answer; a bug stays a 500 with a code and no trace."""
    try:
        return await handler(request)
    except ConsultError as error:
        return await answer_error(request, error)
    except web.HTTPException as error:
        return await _answer_http(request, error)
    except (TimeoutError, JailUnavailableError):
        return await _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "too-busy", {})
    except asyncio.CancelledError:
        raise
    except (Exception, ImagingError) as error:
        support = new_id()[-8:]
        log.exception("bug", support=support, error=type(error).__name__)
        return await _answer_bug(request, error, support)


async def _answer_bug(
    request: web.Request, error: Exception | ImagingError, support: str
) -> web.StreamResponse:
    """A disk that is full or failed says so; anything else is ours, and has a code."""
    if isinstance(error, OSError) and (fault := disk_fault(error)) is not None:
        return await answer_error(request, fault)
    return await _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", {"code": support})


async def answer_error(
    request: web.Request, error: ConsultError, *, told: HTTPStatus | None = None
) -> web.StreamResponse:
    """The answer to a failure that a rule raised; that of a disk is told on every page.

    `told` is the status that a protocol gives it, where that is another than its root's.
    """
    request.app[DISK].note(error.code)
    problems: list[dict[str, str]] = []
    if isinstance(error, RefusedError):
        problems = [
            {
                "field": problem.field,
                "code": problem.code,
                "sentence": sentence(request, problem.code, problem.facts),
            }
            for problem in error.problems
        ]
    status = told or status_of(error)
    if error.code in {"sign-in-needed", "session-locked"}:
        status = HTTPStatus.UNAUTHORIZED
    response = await _answer(request, status, error.code, error.facts, problems)
    if status is HTTPStatus.UNAUTHORIZED and path_of(request).startswith("/dicomweb/"):
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"  # RFC 6750 3
    return response


def is_away(error: BaseException) -> bool:
    """Whether the failure is that of a database, store or disk that the house rests on."""
    is_disk = isinstance(error, OSError) and disk_fault(error) is not None
    return isinstance(error, UnavailableError) or is_disk


def status_of(error: ConsultError) -> HTTPStatus:
    """The HTTP status of a failure's root."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.UNPROCESSABLE_ENTITY


def sentence(request: web.Request, code: str, facts: Mapping[str, Fact]) -> str:
    """The sentence for a code in the reader's language, with its facts filled in."""
    tongue = language(request)
    of_the_act = f"{code}.{facts.get('action')}"
    known = SENTENCES.get(of_the_act) or SENTENCES.get(code) or SENTENCES["field-malformed"]
    message = request.app[LANGUAGES].text(tongue, known)
    terms = request.app[RULES].terms
    zone = person.zone if (person := find_signed_in(request)) else DEFAULT_ZONE
    said = {
        name: (tongue != CHINESE and facts.get(f"{name}_en")) or value
        for name, value in facts.items()
    }
    filled: dict[str, Any] = {
        name: format_clock(value, zone=zone) or terms.resolve(tongue, value)
        for name, value in said.items()
    }
    return message.format_map(_Known(filled))


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


async def _answer_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    code = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}.get(
        error.status, "body-not-json"
    )
    response = await _answer(request, HTTPStatus(error.status), code, {})
    if hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]  # RFC 9110 15.5.6
    return response


async def _answer(
    request: web.Request,
    status: HTTPStatus,
    code: str,
    facts: Mapping[str, Fact],
    problems: list[dict[str, str]] | None = None,
) -> web.StreamResponse:
    text = sentence(request, code, facts)
    if not _wants_page(request):
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
        }
        body |= {"code": code, "detail": text, "errors": problems or []}
        body |= _place(code, facts)
        if "kept_version" in facts:  # without it the page's next act would be a stale one
            body["version"] = facts["kept_version"]
        return web.json_response(body, status=status, content_type="application/problem+json")
    return await render(request, "problem.html", title="Not possible", status=status, sentence=text)


def _place(code: str, facts: Mapping[str, Fact]) -> dict[str, str]:
    fact, address = _PLACES.get(code, ("", ""))
    place = {"location": address.format_map(facts)} if facts.get(fact) else {}
    replaced_by = facts.get("replaced_by")
    return place | ({"replaced_by": str(replaced_by)} if replaced_by else {})


def _wants_page(request: web.Request) -> bool:
    return (
        request.method == "GET"
        and not path_of(request).startswith(("/api/", "/dicomweb/"))
        and "text/html" in request.headers.get("Accept", "")
    )
