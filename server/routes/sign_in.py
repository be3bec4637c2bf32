"""The way in and out: sign-in page, choice of the acting institution, sign-out, language."""

from http import HTTPStatus
from typing import Literal

from aiohttp import web

from consult.kernel.work import SYSTEM
from consult.people.practitioners import service as practitioners
from consult.people.sessions import service as sessions
from consult.people.sessions.errors import SignInRefusedError
from consult.people.sessions.model import Opened
from server.auth import cookies, devices, opening, proof
from server.auth.fields import NothingBody, OneTimeCode, Password
from server.auth.peer import client_of
from server.doors import Routes
from server.forms import Body, Id, Line, parse_body
from server.i18n import N_
from server.keys import RULES, UNITS
from server.navigation import home_of
from server.pages import render
from server.requests import find_signed_in, signed_in
from server.transactions import in_read, in_unit, read_as
from server.views import sign_in as views

routes = Routes("sign_in")


class SignInBody(Body):
    """Who wants in, as whom, and where she was going."""

    login: Line
    password: Password
    code: OneTimeCode | None = None
    affiliation_id: Id | None = None
    next: Line | None = None


class ChoiceBody(Body):
    """The institution to act for, and where the person was going."""

    affiliation_id: Id
    next: Line | None = None


class LanguageBody(Body):
    """A language of ours."""

    language: Literal["zh-Hans", "en"]


@routes.get("/", public=True)
async def start(request: web.Request) -> web.Response:
    """To where this caller's day begins."""
    person = find_signed_in(request)
    if person is not None:
        return _see_other(home_of(person.actor, request.app[RULES].roles))
    return _see_other("/sign-in" if await _is_set_up(request) else "/setup")


@routes.get("/sign-in", public=True, name="sign_in.page")
async def show_sign_in(request: web.Request) -> web.Response:
    """The form, for whoever is not signed in."""
    going = views.local_path(request.query.get("next"))
    if find_signed_in(request) is not None:
        return _see_other(going or "/")
    if not await _is_set_up(request):
        return _see_other("/setup")
    return await render(
        request, "sign_in/show.html", title=N_("Sign in"), page=views.of_doors(request, going)
    )


@routes.post(
    "/api/sign-in", public=True, body=SignInBody, answer=views.Moved, name="sign_in.sign_in"
)
async def sign_in(request: web.Request) -> web.Response:
    """Check name and password, and open a session."""
    body = await parse_body(request, SignInBody)
    attempt = await proof.check_password(
        request, body.login, body.password, wrong=SignInRefusedError()
    )
    await proof.require_password_door(request, attempt)
    await proof.check_code(request, attempt, body.code)
    token, opened = await opening.open_session(request, attempt, body.affiliation_id)
    if find_signed_in(request) is not None:
        await in_unit(request, sessions.end_session)
    response = _welcome(request, token, opened, views.local_path(body.next))
    devices.remember(request, response, attempt.login)
    return response


@routes.get("/sign-in/institution", name="sign_in.institution_page")
async def show_places(request: web.Request) -> web.Response:
    """The institutions for which this person may act today."""
    places = await in_read(request, sessions.list_places)
    going = views.local_path(request.query.get("next"))
    page = views.of_places(request, places, signed_in(request).actor.affiliation_id, going)
    return await render(
        request, "sign_in/institution.html", title=N_("Choose the institution"), page=page
    )


@routes.post(
    "/api/session/affiliation",
    body=ChoiceBody,
    answer=views.Moved,
    name="sign_in.choose",
    before_password_change=True,
)
async def choose(request: web.Request) -> web.Response:
    """Act for another institution from now on, under a new token."""
    body = await parse_body(request, ChoiceBody)
    token = cookies.make_token()
    opened = await in_unit(
        request,
        sessions.switch_affiliation,
        affiliation_id=body.affiliation_id,
        token_hash=cookies.hash_token(token),
        client=client_of(request),
        rules=request.app[RULES].sign_in.sessions,
    )
    return _welcome(request, token, opened, views.local_path(body.next))


@routes.post(
    "/api/sign-out",
    body=NothingBody,
    answer=views.Moved,
    name="sign_in.sign_out",
    before_password_change=True,
    while_locked=True,
)
async def sign_out(request: web.Request) -> web.Response:
    """End this session."""
    await parse_body(request, NothingBody)
    await in_unit(request, sessions.end_session)
    response = views.moved("/sign-in")
    cookies.clear_token(request, response)
    return response


@routes.post("/api/language", public=True, body=LanguageBody, answer=views.Chosen)
async def language(request: web.Request) -> web.Response:
    """Choose the language: for this browser, and for the person if she is signed in."""
    body = await parse_body(request, LanguageBody)
    if find_signed_in(request) is not None:
        await in_unit(request, practitioners.choose_language, language=body.language)
    response = views.as_json(views.Chosen(language=body.language))
    cookies.set_language(request, response, body.language)
    return response


def _welcome(request: web.Request, token: str, opened: Opened, going: str | None) -> web.Response:
    response = views.moved(views.next_stop(opened, going))
    cookies.set_token(request, response, token)
    return response


async def _is_set_up(request: web.Request) -> bool:
    return await read_as(request.app[UNITS], SYSTEM, practitioners.is_set_up)


def _see_other(location: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
