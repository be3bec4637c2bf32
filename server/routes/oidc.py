"""The way in through the hospital's own identity provider."""

import hmac
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import web

from consult.kernel.errors import NotFoundError
from consult.kernel.keys import SealBrokenError
from consult.kernel.work import Actor
from consult.people.practitioners import service as practitioners
from consult.people.sessions import attempts
from consult.people.sessions import service as sessions
from consult.people.sessions.errors import UnknownAccountError
from consult.people.sessions.model import BY_PROVIDER
from server.auth import cookies
from server.auth.oidc import Pending, Provider, ProviderRefusedError, make_pending
from server.auth.peer import client_of, is_secure
from server.doors import Routes
from server.keys import PROVIDER, RULES, UNITS, VAULT
from server.prefix import PREFIX, cookie_path
from server.requests import find_signed_in
from server.transactions import as_system, as_system_read, in_unit, utc_now, write_as
from server.views import sign_in as views

routes = Routes("oidc")
_BACK: Final = "/sign-in/provider/back"
_COOKIE: Final = "lianzhen_provider"
_PURPOSE: Final = "provider sign-in"
_LONGEST: Final = timedelta(minutes=10)


@routes.get("/sign-in/provider", public=True)
async def leave(request: web.Request) -> web.Response:
    """To the provider, with what its answer must fit sealed in this browser."""
    provider = _provider(request)
    pending = make_pending(views.local_path(request.query.get("next")) or "", now=utc_now())
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
    name = await provider.redeem(pending, code=code, back=_back(request), now=utc_now())
    # casefold would make other letters of Unicode into ours, and so another name into ours
    found = name.casefold() if name.isascii() else ""
    person = await as_system_read(request.app, practitioners.find_by_login, found)
    if person is None:
        await as_system(request.app, attempts.refuse_name, name=name)
        raise UnknownAccountError
    token = cookies.make_token()
    opened = await write_as(
        request.app[UNITS],
        Actor(practitioner_id=person.id, institution_id=None),
        sessions.open_for,
        affiliation_id=None,
        token_hash=cookies.hash_token(token),
        client=client_of(request),
        rules=request.app[RULES].sign_in.sessions,
        by=BY_PROVIDER,
    )
    if find_signed_in(request) is not None:
        await in_unit(request, sessions.end_session)
    response = _see_other(views.next_stop(opened, views.local_path(pending.going)))
    response.del_cookie(_COOKIE, path=cookie_path(request, "/sign-in"))
    cookies.set_token(request, response, token)
    return response


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
