"""Who is behind a request, and in which language she reads."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

from aiohttp import web

from consult.access.model import Action
from consult.kernel.disk import DiskFailedError, StorageFullError
from consult.kernel.work import SYSTEM
from consult.people.sessions import service as sessions
from consult.people.sessions import windows
from consult.people.sessions.model import SEEN_EVERY, SignedIn
from server.auth import cookies
from server.auth.lock import is_locked
from server.auth.machines import answer_machine, read_bearer
from server.auth.peer import client_address
from server.i18n import negotiate
from server.keys import OPEN_REQUESTS, RULES, UNITS
from server.prefix import path_of
from server.requests import LANGUAGE, SIGNED_IN, TOKEN
from server.security import SAFE_METHODS
from server.transactions import as_system, read_as, utc_now

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# what a page asks for by itself does not keep a session alive
_BY_THEMSELVES = (
    "/api/events",
    "/api/session/unlock",
    "/static/",
    "/healthz",
    "/readyz",
    "/metrics",
)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the session of the request's cookie; without one it is a stranger's.

    A machine's bearer token stands before any cookie, and counts at the doors of images alone.
    """
    if (machine_token := read_bearer(request)) is not None:
        request[LANGUAGE] = negotiate(None, None)
        return await answer_machine(request, handler, machine_token)
    token = None if path_of(request).startswith("/static/") else cookies.read_token(request)
    person = None if token is None else await _find(request, token)
    if person is not None:
        request[SIGNED_IN], request[TOKEN] = person, token
        await _look_at_window(request, person)
        await _mark_seen(request, person)
    wish = None if person is None else person.language
    request[LANGUAGE] = negotiate(wish, request.cookies.get(cookies.LANGUAGE_COOKIE))
    response = await _answer(request, handler, None if person is None else token)
    if token is not None and person is None and response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        _forget(request, response)
    return response


async def _answer(request: web.Request, handler: Handler, token: str | None) -> web.StreamResponse:
    if token is None:
        return await handler(request)
    with request.app[OPEN_REQUESTS].hold(request, cookies.hash_token(token)):
        return await handler(request)


async def _find(request: web.Request, token: str) -> SignedIn | None:
    found = await read_as(
        request.app[UNITS],
        SYSTEM,
        sessions.find_signed_in,
        token_hash=cookies.hash_token(token),
        rules=request.app[RULES].sign_in.sessions,
    )
    if found is None:
        return None
    person = with_names(request.app, found)
    if request.method not in SAFE_METHODS:
        return person
    return replace(person, actor=replace(person.actor, is_reading=True))


def with_names(app: web.Application, person: SignedIn) -> SignedIn:
    """The same person, who is shown patients' names only where a role of hers needs them (U28)."""
    sees_names = app[RULES].roles.permits(person.actor, Action.SEE_NAME)
    return replace(person, actor=replace(person.actor, sees_names=sees_names))


async def _mark_seen(request: web.Request, person: SignedIn) -> None:
    """Keep the session alive; a disk that takes no more stops nobody from reading."""
    if path_of(request).startswith(_BY_THEMSELVES) or utc_now() - person.seen_at < SEEN_EVERY:
        return
    if is_locked(request.app, person):
        return
    with contextlib.suppress(StorageFullError, DiskFailedError):
        await as_system(request.app, sessions.mark_seen, session_id=str(person.actor.session_id))


async def _look_at_window(request: web.Request, person: SignedIn) -> None:
    """End a signing window that is over, before anything is signed in it (U19).

    Any request shows it, also one that a page sends by itself: it comes from another address.
    """
    if person.window is None:
        return
    idle = request.app[RULES].signing.window.idle
    why = windows.why_over(person.window, address=client_address(request), idle=idle, now=utc_now())
    if why is not None:
        with contextlib.suppress(StorageFullError, DiskFailedError):
            session_id = str(person.actor.session_id)
            await as_system(request.app, windows.end_window_of, session_id=session_id, why=why)


def _forget(request: web.Request, response: web.StreamResponse) -> None:
    """A dead token is not sent again, unless the answer has just set a fresh one."""
    if not response.prepared and not response.cookies:
        cookies.clear_token(request, response)
        cookies.mark_ran_out(request, response)
