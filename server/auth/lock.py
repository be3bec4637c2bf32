"""Whether a session is locked, and what unlocks it where it is (config/sign_in.toml)."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError
from consult.people.practitioners.sign_in_rules import LockRules
from consult.people.sessions.model import BY_PROVIDER, SignedIn, StandingSession
from server.auth import proof
from server.auth.reauth import confirm_password, confirm_person
from server.keys import RULES
from server.transactions import utc_now

# A page tells once a minute that somebody is there; one that is silent for longer has no script.
_GRACE: Final = timedelta(minutes=3)


class SessionLockedError(ForbiddenError):
    """The session is locked: nothing but unlocking or leaving it."""

    def __init__(self) -> None:
        super().__init__("session-locked")


class SessionOfAnotherError(ConflictError):
    """Somebody else has signed in in this browser since the page was drawn."""

    def __init__(self) -> None:
        super().__init__("session-of-another")


def is_locked(app: web.Application, person: SignedIn | StandingSession) -> bool:
    """Whether the page was locked, or has not been heard of for longer than it may."""
    rules = app[RULES].sign_in.lock_at(person.institution_code)
    return person.locked_at is not None or utc_now() - person.seen_at > rules.after + _GRACE


async def prove(
    request: web.Request, person: SignedIn, password: str | None, code: str | None
) -> str:
    """Check what was typed against what is allowed here, and say which it was."""
    if password is None and code is None and person.signed_in_by == BY_PROVIDER:
        await confirm_person(request, None)
        return BY_PROVIDER
    ways = _rules(request, person).ways_for(has_second_factor=person.has_second_factor)
    if password is not None and "password" in ways:
        await confirm_password(request, password)
        return "password"
    if code is not None and "code" in ways:
        attempt = await proof.begin(request, person.login)
        await proof.check_code(request, attempt, code)
        await proof.forgive(request, attempt)
        return "code"
    raise RefusedError("field-missing", field=ways[0])


def _rules(request: web.Request, person: SignedIn) -> LockRules:
    return request.app[RULES].sign_in.lock_at(person.institution_code)
