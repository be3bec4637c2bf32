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
