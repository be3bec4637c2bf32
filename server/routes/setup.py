"""Setting up an empty installation: its first administrator and first institution."""

from aiohttp import web

from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import SYSTEM, Actor
from consult.people.organisations.model import Tier
from consult.people.organisations.service import NewInstitution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.passwords import check_password
from consult.people.sessions import service as sessions
from server.auth import cookies
from server.auth.fields import Code, Login, Name, Password
from server.auth.peer import client_of
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import PASSWORDS, RULES, UNITS
from server.pages import render
from server.transactions import as_system, read_as, write_as
from server.views import sign_in as views

routes = Routes("setup")


class SetUpBody(Body):
    """The first institution and the first administrator."""

    institution_name: Name
    institution_name_en: Name | None = None
    code: Code
    tier: Tier
    name: Name
    login: Login
    password: Password
    password_again: Password


@routes.get("/setup", public=True)
async def show(request: web.Request) -> web.Response:
    """The form, as long as nobody administers the installation."""
    await _require_empty(request)
    return await render(request, "setup/show.html", title=N_("Set up"))


@routes.post("/api/setup", public=True, body=SetUpBody, answer=views.Moved)
async def set_up(request: web.Request) -> web.Response:
    """Found the installation and sign its administrator in."""
    await _require_empty(request)
    body = await parse_body(request, SetUpBody)
    if body.password != body.password_again:
        raise RefusedError("passwords-differ", field="password_again")
    rules = request.app[RULES].sign_in
    password = check_password(body.password, login=body.login, rules=rules, field="password")
    password_hash = await request.app[PASSWORDS].hash(password)
    person = await as_system(
        request.app,
        practitioners.set_up,
        login=body.login,
        name=body.name,
        institution=NewInstitution(
            code=body.code,
            name=body.institution_name,
            name_en=body.institution_name_en or "",
            tier=body.tier,
        ),
        password_hash=password_hash,
    )
    token = cookies.make_token()
    await write_as(
        request.app[UNITS],
        Actor(practitioner_id=person.id, institution_id=None),
        sessions.open_for,
        affiliation_id=None,
        token_hash=cookies.hash_token(token),
        client=client_of(request),
        rules=request.app[RULES].sign_in.sessions,
    )
    response = views.moved("/admin")
    cookies.set_token(request, response, token)
    return response


async def _require_empty(request: web.Request) -> None:
    if await read_as(request.app[UNITS], SYSTEM, practitioners.is_set_up):
        raise NotFoundError
