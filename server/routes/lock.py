"""The locked screen: told by the page, opened again over it, so that a typed form stays (U18)."""

from aiohttp import web

from consult.people.sessions import locks, windows
from consult.people.sessions.errors import SignInRefusedError
from consult.people.sessions.model import BY_PROVIDER, SignedIn
from server.auth import cookies, lock, opening, proof
from server.auth.fields import NothingBody, OneTimeCode, Password
from server.doors import Routes
from server.forms import Body, Id, Line, parse_body
from server.requests import TOKEN, find_signed_in, signed_in
from server.security import csrf_token
from server.transactions import in_unit
from server.views import lock as views
from server.views.sign_in import as_json

routes = Routes("lock")


class UnlockBody(Body):
    """Whose page it is, and the password or the code; neither, where the provider was asked."""

    login: Line
    affiliation_id: Id
    password: Password | None = None
    code: OneTimeCode | None = None


@routes.post("/api/session/here", body=NothingBody, answer=views.Here, before_password_change=True)
async def here(request: web.Request) -> web.Response:
    """Somebody is typing, though nothing has been sent; the session is noted on the way here."""
    await parse_body(request, NothingBody)
    if signed_in(request).window is not None:
        await in_unit(request, windows.touch_window)
    return as_json(views.Here())


@routes.post(
    "/api/session/lock",
    body=NothingBody,
    answer=views.Here,
    before_password_change=True,
    while_locked=True,
)
async def lock_session(request: web.Request) -> web.Response:
    """Nobody is there: refuse everything until the person comes back."""
    await parse_body(request, NothingBody)
    await in_unit(request, locks.lock_session)
    return as_json(views.Here())


@routes.post("/api/session/unlock", public=True, body=UnlockBody, answer=views.Unlocked)
async def unlock(request: web.Request) -> web.Response:
    """Let the person go on; where the session has ended meanwhile, open another for her page."""
    body = await parse_body(request, UnlockBody)
    person = find_signed_in(request)
    if person is None:
        return await _come_back(request, body)
    if person.login != body.login.casefold() or not _acts_as_shown(person, body):
        raise lock.SessionOfAnotherError
    by = await lock.prove(request, person, body.password, body.code)
    await in_unit(request, locks.unlock_session, by=by)
    return as_json(views.Unlocked(csrf_token=csrf_token(str(request[TOKEN]))))


def _acts_as_shown(person: SignedIn, body: UnlockBody) -> bool:
    """Whoever came back through the provider may act for another place than her page."""
    is_elsewhere = person.actor.affiliation_id != body.affiliation_id
    return person.signed_in_by != BY_PROVIDER or not is_elsewhere


async def _come_back(request: web.Request, body: UnlockBody) -> web.Response:
    wrong = SignInRefusedError()
    attempt = await proof.check_password(request, body.login, body.password or "", wrong=wrong)
    await proof.require_password_door(request, attempt)
    await proof.check_code(request, attempt, body.code)
    token, _opened = await opening.open_session(request, attempt, body.affiliation_id)
    response = as_json(views.Unlocked(csrf_token=csrf_token(token)))
    cookies.set_token(request, response, token)
    return response
