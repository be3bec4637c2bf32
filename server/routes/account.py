"""A person's own account: password, language, acting institution, open sessions."""

from aiohttp import web

from consult.kernel.errors import RefusedError
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.passwords import check_password
from consult.people.sessions import service as sessions
from server.auth.fields import NothingBody, Password
from server.auth.reauth import confirm_password
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import PASSWORDS, RULES
from server.pages import render
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit
from server.views import account as views
from server.views import sign_in as sign_in_views

routes = Routes("account")


class PasswordBody(Body):
    """The present password, and the new one twice."""

    password: Password
    new_password: Password
    new_password_again: Password


@routes.get("/account", before_password_change=True)
async def show(request: web.Request) -> web.Response:
    """The page."""
    page = await _account(request)
    return await render(request, "account/show.html", title=N_("My account"), page=page)


@routes.get("/api/account", before_password_change=True, answer=views.AccountView)
async def read(request: web.Request) -> web.Response:
    """Where the person may act, and where she is signed in."""
    return sign_in_views.as_document(await _account(request))


@routes.post(
    "/api/account/password",
    body=PasswordBody,
    answer=sign_in_views.Moved,
    before_password_change=True,
)
async def change_password(request: web.Request) -> web.Response:
    """Choose a new password; all other sessions of the person end."""
    body = await parse_body(request, PasswordBody)
    if body.new_password != body.new_password_again:
        raise RefusedError("passwords-differ", field="new_password_again")
    if body.new_password == body.password:
        raise RefusedError("password-unchanged", field="new_password")
    person = await in_read(request, practitioners.get_practitioner, signed_in(request).actor.person)
    password = check_password(
        body.new_password,
        login=person.login,
        rules=request.app[RULES].sign_in,
        field="new_password",
    )
    await confirm_password(request, body.password)
    password_hash = await request.app[PASSWORDS].hash(password)
    await in_unit(request, sessions.change_password, password_hash=password_hash)
    if not signed_in(request).must_change_password:
        return sign_in_views.moved("/account")
    places = await in_read(request, sessions.list_places)
    return sign_in_views.moved(sign_in_views.institution_path(None) if len(places) > 1 else "/")


@routes.post(
    "/api/account/sessions/{session_id}/revoke", body=NothingBody, answer=sign_in_views.Moved
)
async def revoke(request: web.Request) -> web.Response:
    """End one of the person's own sessions, wherever it is."""
    await parse_body(request, NothingBody)
    session_id = path_id(request, "session_id")
    await in_unit(request, sessions.revoke_session, session_id=session_id)
    is_own = session_id == signed_in(request).actor.session_id
    return sign_in_views.moved("/sign-in" if is_own else "/account")


@routes.post("/api/account/sessions/revoke-others", body=NothingBody, answer=sign_in_views.Moved)
async def revoke_others(request: web.Request) -> web.Response:
    """End all the person's sessions but this one."""
    await parse_body(request, NothingBody)
    await in_unit(request, sessions.revoke_others)
    return sign_in_views.moved("/account")


async def _account(request: web.Request) -> views.AccountView:
    places = await in_read(request, sessions.list_places)
    open_sessions = await in_read(
        request, sessions.list_sessions, rules=request.app[RULES].sign_in.sessions
    )
    return views.of_account(request, places, open_sessions)
