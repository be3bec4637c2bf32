"""The way in through the hospital's own identity provider."""

import hmac
import json
import re
from dataclasses import asdict
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from consult.kernel.errors import NotFoundError
from consult.kernel.keys import SealBrokenError
from consult.kernel.work import Actor
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import Practitioner
from consult.people.sessions import attempts, providers
from consult.people.sessions import service as sessions
from consult.people.sessions.errors import SignOutKnownError, UnknownAccountError
from consult.people.sessions.model import BY_PROVIDER, Opened, SignedIn, WayIn
from server.auth import budgets, cookies
from server.auth.lock import SessionOfAnotherError, is_locked
from server.auth.oidc import Pending, Provider, make_pending
from server.auth.oidc_errors import ProviderRefusedError
from server.auth.peer import client_of, is_secure
from server.doors import Routes
from server.forms import read_body
from server.i18n import N_
from server.keys import PROVIDER, RULES, UNITS, VAULT
from server.pages import render
from server.prefix import PREFIX, cookie_path
from server.requests import TOKEN, find_signed_in
from server.security import csrf_token
from server.transactions import as_system, as_system_read, in_unit, utc_now, write_as
from server.views import sign_in as views

routes = Routes("oidc")
_BACK: Final = "/sign-in/provider/back"
_COOKIE: Final = "lianzhen_provider"
_PURPOSE: Final = "provider sign-in"
_LONGEST: Final = timedelta(minutes=10)
_LARGEST_TOKEN: Final = 32 * 1024
_ATTEMPT: Final = re.compile(r"[0-9a-f]{32}")


@routes.get("/sign-in/provider", public=True)
async def leave(request: web.Request) -> web.Response:
    """To the provider, with what its answer must fit sealed in this browser."""
    going = views.local_path(request.query.get("next")) or ""
    return await _leave(request, make_pending(going, now=utc_now(), asks=_must_ask(request)))


def _must_ask(request: web.Request) -> bool:
    """Whether a sitting there is not enough: a locked screen, or a session that ran out here."""
    here = find_signed_in(request)
    has_run_out = cookies.ran_out_here(request) or (
        here is None and cookies.read_token(request) is not None
    )
    is_shut = here is not None and is_locked(request.app, here)
    return request.app[RULES].sign_in.provider.always_asks or has_run_out or is_shut


@routes.get("/sign-in/provider/again", public=True)
async def ask_again(request: web.Request) -> web.Response:
    """To the provider for whoever is here already: it asks her who she is, for one act."""
    attempt = request.query.get("attempt", "")
    named = attempt if _ATTEMPT.fullmatch(attempt) else ""
    return await _leave(request, make_pending("", now=utc_now(), again=True, attempt=named))


async def _leave(request: web.Request, pending: Pending) -> web.Response:
    provider = _provider(request)
    response = _see_other(await provider.address(pending, back=_back(request)))
    response.set_cookie(
        _COOKIE,
        request.app[VAULT].seal(pending.as_text(), purpose=_PURPOSE).hex(),
        path=cookie_path(request, "/sign-in"),
        max_age=int(_LONGEST.total_seconds()),
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",  # the provider leads back from another site
    )
    return response


@routes.get(_BACK, public=True, name="oidc.come_back")
async def come_back(request: web.Request) -> web.Response:
    """From the provider: who is there, and what she may open here."""
    provider, pending = _provider(request), _pending(request)
    code = request.query.get("code", "")
    if not hmac.compare_digest(request.query.get("state", "").encode(), pending.state.encode()):
        raise ProviderRefusedError("state")
    if not code or "error" in request.query:
        raise ProviderRefusedError("no code")
    rules = request.app[RULES].sign_in.provider
    vouched = await provider.redeem(
        pending, code=code, back=_back(request), now=utc_now(), clocks=rules.clocks
    )
    person = await _find(request, vouched.name)
    is_by_two = bool(vouched.ways & rules.two_factors)
    way = WayIn(BY_PROVIDER, vouched.sub, vouched.sid, pending.again, is_by_two)
    here = find_signed_in(request)
    if pending.again and here is not None:
        await _note_proof(request, here, person, way)
        response = await _told(request, str(request[TOKEN]), pending)
    else:
        token, opened = await _open(request, person, way)
        if here is not None:
            await in_unit(request, sessions.end_session)
        stop = views.next_stop(opened, views.local_path(pending.going))
        response = await _told(request, token, pending) if pending.again else _see_other(stop)
        cookies.set_token(request, response, token)
        cookies.forget_ran_out(request, response)
    response.del_cookie(_COOKIE, path=cookie_path(request, "/sign-in"))
    return response


@routes.post("/sign-in/provider/sign-out", public=True)
async def hear_sign_out(request: web.Request) -> web.Response:
    """The provider says that somebody has signed out there (Back-Channel Logout 1.0, 2.5)."""
    provider = _provider(request)
    await budgets.spend(request)  # whoever sends nonsense makes us ask the provider each time
    told = parse_qs((await read_body(request, most=_LARGEST_TOKEN)).decode("ascii", "replace"))
    try:
        token = told.get("logout_token", [""])[0]
        out = await provider.read_sign_out(token, now=utc_now())
        await as_system(request.app, providers.sign_out_from_provider, **asdict(out))
    except (ProviderRefusedError, SignOutKnownError):
        return web.json_response({"error": "invalid_request"}, status=HTTPStatus.BAD_REQUEST)
    await budgets.give_back(request)
    return web.Response()


async def _find(request: web.Request, name: str) -> Practitioner:
    """Who has this sign-in name here; raises UnknownAccountError."""
    # casefold would make other letters of Unicode into ours, and so another name into ours
    found = name.casefold() if name.isascii() else ""
    person = await as_system_read(request.app, practitioners.find_by_login, found)
    if person is None:
        await as_system(request.app, attempts.refuse_name, name=name)
        raise UnknownAccountError
    return person


async def _open(request: web.Request, person: Practitioner, way: WayIn) -> tuple[str, Opened]:
    token = cookies.make_token()
    opened = await write_as(
        request.app[UNITS],
        Actor(practitioner_id=person.id, institution_id=None),
        sessions.open_for,
        affiliation_id=None,
        token_hash=cookies.hash_token(token),
        client=client_of(request),
        rules=request.app[RULES].sign_in.sessions,
        way=way,
    )
    return token, opened


async def _note_proof(
    request: web.Request, here: SignedIn, person: Practitioner, way: WayIn
) -> None:
    if here.actor.practitioner_id != person.id or here.signed_in_by != BY_PROVIDER:
        raise SessionOfAnotherError
    if not await in_unit(request, providers.note_proof, way=way):
        raise SessionOfAnotherError


async def _told(request: web.Request, token: str, pending: Pending) -> web.Response:
    """The page of the small window; it gives the page that waits its token, and closes."""
    title = N_("Confirmed")
    return await render(
        request,
        "sign_in/proved.html",
        title=title,
        page_token=csrf_token(token),
        attempt=pending.attempt,
    )


def _provider(request: web.Request) -> Provider:
    provider = request.app[PROVIDER]
    if provider is None:
        raise NotFoundError
    return provider


def _pending(request: web.Request) -> Pending:
    """What this very browser began, not too long ago."""
    try:
        sealed = bytes.fromhex(request.cookies.get(_COOKIE, ""))
        pending = Pending(**json.loads(request.app[VAULT].open(sealed, purpose=_PURPOSE)))
    except (SealBrokenError, ValueError, TypeError):
        raise ProviderRefusedError("no sign-in under way") from None
    if utc_now().timestamp() - pending.begun_at > _LONGEST.total_seconds():
        raise ProviderRefusedError("too late")
    return pending


def _back(request: web.Request) -> str:
    scheme = "https" if is_secure(request) else "http"
    return f"{scheme}://{request.host}{request.app[PREFIX].address(_BACK)}"


def _see_other(location: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
