"""Signing windows (签名时段): opened by one proof, ended by the person or by themselves (U19)."""

from aiohttp import web

from consult.access.model import Action
from consult.kernel.errors import ForbiddenError, RefusedError
from consult.people.sessions import providers, windows
from consult.people.sessions.model import BY_PROVIDER
from server.auth import proof
from server.auth.fields import NothingBody, OneTimeCode, Password
from server.auth.peer import client_address
from server.auth.reauth import confirm_both, confirm_person
from server.doors import Routes
from server.forms import Body, parse_body
from server.keys import RULES
from server.requests import signed_in
from server.transactions import in_read, in_unit
from server.views.sign_in import as_json
from server.views.signing_windows import WindowAnswer, WindowEnded, of_window

routes = Routes("signing_windows")


class WindowBody(Body):
    """The password and the code; of a provider's guest what it has just said, maybe the code."""

    password: Password | None = None
    code: OneTimeCode | None = None


class FactorNeededError(ForbiddenError):
    """A window is opened with a second factor, and the person has none."""

    def __init__(self) -> None:
        super().__init__("signing-window-needs-factor")


@routes.post("/api/signing-window", action=Action.SIGN_REPORT, body=WindowBody, answer=WindowAnswer)
async def begin(request: web.Request) -> web.Response:
    """Open a window in this browser."""
    body = await parse_body(request, WindowBody)
    await _confirm(request, body)
    rules, address = request.app[RULES].signing.window, client_address(request)
    window = await in_unit(request, windows.open_window, rules=rules, address=address)
    return as_json(of_window(request, window))


@routes.post(
    "/api/signing-window/end", action=Action.SIGN_REPORT, body=NothingBody, answer=WindowEnded
)
async def end(request: web.Request) -> web.Response:
    """End it before its time."""
    await parse_body(request, NothingBody)
    await in_unit(request, windows.end_window, why="person")
    return as_json(WindowEnded())


async def _confirm(request: web.Request, body: WindowBody) -> None:
    """The password and the code, or the provider's word: of two factors, else with our code."""
    person, rules = signed_in(request), request.app[RULES].signing.window
    if body.password is None and person.signed_in_by == BY_PROVIDER:
        await _confirm_guest(request, body, needs_two=rules.needs_second_factor)
        return
    if rules.needs_second_factor and not person.has_second_factor:
        raise FactorNeededError
    if body.password is None:
        raise RefusedError("field-missing", field="password")
    await confirm_both(request, body.password, body.code)


async def _confirm_guest(request: web.Request, body: WindowBody, *, needs_two: bool) -> None:
    lasts, person = request.app[RULES].sign_in.provider.proof, signed_in(request)
    is_by_two = await in_read(request, providers.is_proved_by_two, lasts=lasts)
    if needs_two and not is_by_two:
        if not person.has_second_factor:
            raise FactorNeededError
        attempt = await proof.begin(request, person.login)
        await proof.check_code(request, attempt, body.code)
        await proof.forgive(request, attempt)
    await confirm_person(request, None)
