"""Asking the signed-in person's password again before an act that cannot be undone."""

from aiohttp import web

from consult.people.sessions.errors import WrongPasswordError
from server.auth import proof
from server.requests import signed_in


async def confirm_password(request: web.Request, password: str, *, field: str = "password") -> None:
    """Raises WrongPasswordError, or AccountLockedError after too many wrong ones."""
    login = signed_in(request).login
    wrong = WrongPasswordError(field)
    attempt = await proof.check_password(request, login, password, wrong=wrong)
    await proof.forgive(request, attempt)


async def confirm_both(request: web.Request, password: str, code: str | None) -> None:
    """The password, and the code of whoever has a second factor; raises as at the sign-in."""
    login = signed_in(request).login
    attempt = await proof.check_password(request, login, password, wrong=WrongPasswordError())
    await proof.check_code(request, attempt, code)
    await proof.forgive(request, attempt)
