"""How a route is declared: path, what the caller must be allowed to do, what it takes and gives.

Every route passes `Routes`, so the matrix test and /openapi.json know all of them, and none can
forget its guard.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import wraps
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.kernel.errors import ForbiddenError
from consult.people.machines.model import Right
from consult.people.sessions.model import BY_PROVIDER, SignedIn
from server.auth.lock import SessionLockedError, is_locked
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.prefix import asked_of
from server.requests import SIGNED_IN, find_signed_in, signed_in
from server.security import CrossSiteError

_LOCKED = HTTPStatus.UNAUTHORIZED
_ELSEWHERE = frozenset({"cross-site", "same-site"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SignInNeededError(ForbiddenError):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__("sign-in-needed")


class SecondFactorSetupNeededError(ForbiddenError):
    """The person's role needs a second factor, and she has none yet."""

    def __init__(self) -> None:
        super().__init__("second-factor-setup-needed")


class PasswordChangeNeededError(ForbiddenError):
    """The person must choose a password of her own first."""

    def __init__(self) -> None:
        super().__init__("password-change-needed")


@dataclass(frozen=True, slots=True)
class Door:
    """One route. `action` None means any signed-in person; `public` means anybody.

    `needs` are actions that the person must be allowed as well. `right` is what a machine's token
    must hold; without one no machine passes. `takes_out` says that a file leaves
    the house by it: never from another site's page, and not by an opening in an emergency, which
    is for reading (ID-11). `owns` names the object whose id stands in the path, so that the
    matrix test can try own, granted and foreign ones.
    """

    method: str
    path: str
    name: str
    handler: Handler
    action: Action | None = None
    needs: tuple[Action, ...] = ()
    takes_out: bool = False
    right: Right | None = None
    public: bool = False
    owns: ObjectType | None = None
    body: type[BaseModel] | None = None
    answer: type | None = None
    before_password_change: bool = False
    before_second_factor: bool = False
    while_locked: bool = False

    @property
    def is_api(self) -> bool:
        """Whether machines use it: JSON in, JSON out."""
        return self.path.startswith("/api/")

    @property
    def is_page(self) -> bool:
        """Whether a person's browser opens it, so that a stranger is sent to the sign-in page."""
        return self.method == "GET" and not self.path.startswith(("/api/", "/dicomweb/"))


class Routes:
    """The routes of one word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.doors: list[Door] = []

    def get(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """A page or a JSON answer that changes nothing."""
        return self._add("GET", path, options)

    def post(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """A step."""
        return self._add("POST", path, options)

    def put(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """The whole of something, in place of what was there."""
        return self._add("PUT", path, options)

    def head(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """Headers only."""
        return self._add("HEAD", path, options)

    def options(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """What a door can do."""
        return self._add("OPTIONS", path, options)

    def patch(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """A piece of an upload."""
        return self._add("PATCH", path, options)

    def delete(self, path: str, **options: object) -> Callable[[Handler], Handler]:
        """A removal."""
        return self._add("DELETE", path, options)

    def _add(
        self, method: str, path: str, options: dict[str, object]
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            name = options.pop("name", None) or f"{self.word}.{handler.__name__}"
            self.doors.append(Door(method, path, str(name), handler, **options))  # type: ignore[arg-type] # checked by Door
            return handler

        return register


def guarded(door: Door) -> Handler:
    """The handler behind its guard: signed in, own password, second factor, role allowed."""

    @wraps(door.handler)
    async def handle(request: web.Request) -> web.StreamResponse:
        if not door.public:
            refusal = await _refuse_locked(request, door) or _refuse_stranger(request, door)
            if refusal is not None:
                return refusal
            if door.takes_out:
                _guard_export(request)
            _require_actions(request, door)
        return await door.handler(request)

    return handle


async def _refuse_locked(request: web.Request, door: Door) -> web.Response | None:
    person = find_signed_in(request)
    if person is None or person.is_machine or door.while_locked:
        return None
    if not is_locked(request.app, person):
        return None
    if not door.is_page:
        raise SessionLockedError
    return await render(request, "lock/show.html", title=N_("Locked"), status=_LOCKED)


def _refuse_stranger(request: web.Request, door: Door) -> web.Response | None:
    person = find_signed_in(request)
    if person is None:
        if not door.is_page:
            raise SignInNeededError
        return _see_other("/sign-in?next=" + quote(asked_of(request), safe="/"))
    if person.must_change_password and not door.before_password_change:
        if not door.is_page:
            raise PasswordChangeNeededError
        return _see_other("/account")
    if _lacks_second_factor(request, person, door):
        if not door.is_page:
            raise SecondFactorSetupNeededError
        return _see_other("/account/second-factor")
    return None


def _lacks_second_factor(request: web.Request, person: SignedIn, door: Door) -> bool:
    if person.is_machine or person.signed_in_by == BY_PROVIDER:  # the provider asks for it
        return False
    if person.has_second_factor or door.before_second_factor or door.before_password_change:
        return False
    return request.app[RULES].sign_in.second_factor.is_due(person.actor.roles)


def _require_actions(request: web.Request, door: Door) -> None:
    person = find_signed_in(request)
    if person is not None and person.is_machine:
        if door.right is None or door.right not in person.rights:
            raise ForbiddenError("token-not-allowed")
        return
    if door.action is None or person is None:
        return
    for action in (door.action, *door.needs):
        if not request.app[RULES].roles.permits(person.actor, action):
            raise ForbiddenError("role-not-allowed", action=action.value)


def _guard_export(request: web.Request) -> None:
    """A GET carries no token, and each file that is taken is an entry in the person's name."""
    if request.headers.get("Sec-Fetch-Site") in _ELSEWHERE:
        raise CrossSiteError
    person = signed_in(request)
    request[SIGNED_IN] = replace(person, actor=replace(person.actor, is_reading=False))


def _see_other(location: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
