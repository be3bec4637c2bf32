"""Checking a password: the one way from what was typed to a person, for every door that asks."""

from aiohttp import web

from consult.kernel.errors import ConsultError
from consult.kernel.work import Actor
from consult.people.practitioners.model import GIVEN_BY_ADMINISTRATOR
from consult.people.second_factors import service as second_factors
from consult.people.second_factors.errors import SecondFactorNeededError, WrongCodeError
from consult.people.sessions import attempts
from consult.people.sessions import service as sessions
from consult.people.sessions.errors import PasswordDoorShutError
from consult.people.sessions.model import Attempt, Caller
from server.auth import budgets
from server.auth.devices import known_browser
from server.auth.peer import client_address
from server.keys import PASSWORDS, RULES, SETTINGS, UNITS
from server.transactions import as_system, read_as


async def begin(request: web.Request, login: str) -> Attempt:
    """Count a try for this name; raises AccountLockedError or PlaceLimitedError.

    Where the name has signed in before, strangers elsewhere have not spent its budget.
    """
    browser = known_browser(request, login)
    if browser is None:
        await budgets.spend(request)
    return await as_system(
        request.app,
        attempts.begin_attempt,
        login=login,
        caller=Caller(address=client_address(request), known_browser=browser),
        rules=request.app[RULES].sign_in.attempts,
    )


async def check_password(
    request: web.Request, login: str, password: str, *, wrong: ConsultError
) -> Attempt:
    """The counted try whose password was right; raises `wrong` where it was not.

    An unknown name takes the same steps and the same time as a known one.
    """
    attempt = await begin(request, login)
    try:
        is_right = await request.app[PASSWORDS].verify(attempt.password_hash, password)
    except TimeoutError:  # nobody looked at it, so it is no wrong try
        await withdraw(request, attempt)
        raise
    if not is_right:
        await refuse(request, attempt)
        raise wrong
    return attempt


async def require_password_door(request: web.Request, attempt: Attempt) -> None:
    """Raises PasswordDoorShutError where only administrators come in by a password."""
    if request.app[SETTINGS].password_sign_in or attempt.practitioner_id is None:
        return
    actor = Actor(practitioner_id=attempt.practitioner_id, institution_id=None)
    places = await read_as(request.app[UNITS], actor, sessions.list_places)
    if not any(place.affiliation.roles & GIVEN_BY_ADMINISTRATOR for place in places):
        await withdraw(request, attempt)
        raise PasswordDoorShutError


async def check_code(request: web.Request, attempt: Attempt, code: str | None) -> None:
    """After the right password: the code, where the account has a second factor.

    Raises SecondFactorNeededError or WrongCodeError. Wrong codes spend the same budget as wrong
    passwords, and asking for the code gives only its own try back, so that nobody can count on.
    """
    if not attempt.has_second_factor or attempt.practitioner_id is None:
        return
    if code is None:
        await withdraw(request, attempt)
        raise SecondFactorNeededError
    is_right = await as_system(
        request.app,
        second_factors.check_code,
        practitioner_id=attempt.practitioner_id,
        code=code,
    )
    if not is_right:
        await refuse(request, attempt, factor="code")
        raise WrongCodeError


async def refuse(request: web.Request, attempt: Attempt, *, factor: str = "password") -> None:
    """Let a wrong try stand, and write it down."""
    await as_system(request.app, attempts.refuse_attempt, attempt=attempt, factor=factor)


async def forgive(request: web.Request, attempt: Attempt) -> None:
    """Everything was right: the name starts anew."""
    await settle(request, attempt)
    await as_system(request.app, attempts.forgive_attempt, attempt=attempt)


async def withdraw(request: web.Request, attempt: Attempt) -> None:
    """Take one try back without a word about the others."""
    await settle(request, attempt)
    await as_system(request.app, attempts.withdraw_attempt, attempt=attempt)


async def settle(request: web.Request, attempt: Attempt) -> None:
    """The address gets the try back."""
    if known_browser(request, attempt.login) is None:
        await budgets.give_back(request)
