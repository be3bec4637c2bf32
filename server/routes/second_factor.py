"""A person's second factor: an app that shows codes, and codes on paper."""

from aiohttp import web

from consult.people.second_factors import service as second_factors
from consult.people.sessions import factors
from server.auth.fields import OneTimeCode, Password
from server.auth.reauth import confirm_both
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.transactions import in_read, in_unit
from server.views import second_factor as views
from server.views.sign_in import Moved, as_json, moved

routes = Routes("second_factor")
_PAGE = "/account/second-factor"


class ProofBody(Body):
    """The password again, and the present code of whoever has one."""

    password: Password
    code: OneTimeCode | None = None


class CodeBody(Body):
    """The first code of a new app."""

    code: OneTimeCode


@routes.get(_PAGE, before_second_factor=True)
async def show(request: web.Request) -> web.Response:
    """The page."""
    present = await in_read(request, second_factors.get_second_factor)
    rules = request.app[RULES].sign_in.second_factor
    pending = await in_read(request, second_factors.find_pending, rules)
    page = views.of_second_factor(request, present, pending)
    title = N_("Second factor")
    return await render(request, "account/second_factor.html", title=title, page=page)


@routes.post(
    "/api/account/second-factor/begin", body=ProofBody, answer=Moved, before_second_factor=True
)
async def begin(request: web.Request) -> web.Response:
    """Make a secret for an app."""
    await _confirm(request)
    await in_unit(request, second_factors.begin_setup)
    return moved(_PAGE)


@routes.post(
    "/api/account/second-factor/finish",
    body=CodeBody,
    answer=views.RecoveryCodes,
    before_second_factor=True,
)
async def finish(request: web.Request) -> web.Response:
    """Take the app's first code; the answer holds the codes for the paper."""
    body = await parse_body(request, CodeBody)
    rules = request.app[RULES].sign_in.second_factor
    codes = await in_unit(request, factors.finish_second_factor, code=body.code, rules=rules)
    return as_json(views.RecoveryCodes(codes="\n".join(codes)))


@routes.post("/api/account/second-factor/codes", body=ProofBody, answer=views.RecoveryCodes)
async def renew_codes(request: web.Request) -> web.Response:
    """New codes for the paper."""
    await _confirm(request)
    rules = request.app[RULES].sign_in.second_factor
    codes = await in_unit(request, second_factors.renew_codes, rules=rules)
    return as_json(views.RecoveryCodes(codes="\n".join(codes)))


@routes.post("/api/account/second-factor/remove", body=ProofBody, answer=Moved)
async def remove(request: web.Request) -> web.Response:
    """Go without a second factor."""
    await _confirm(request)
    rules = request.app[RULES].sign_in.second_factor
    await in_unit(request, second_factors.remove_second_factor, rules=rules)
    return moved(_PAGE)


async def _confirm(request: web.Request) -> None:
    body = await parse_body(request, ProofBody)
    await confirm_both(request, body.password, body.code)
