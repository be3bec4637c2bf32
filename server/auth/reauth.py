"""Asking the signed-in person's password again before an act that cannot be undone."""

from aiohttp import web

from consult.people.practitioners import service as practitioners
from consult.people.sessions import attempts
from consult.people.sessions.errors import WrongPasswordError
from server.auth.peer import client_address
from server.keys import PASSWORDS, RULES
from server.requests import signed_in
from server.transactions import as_system, in_read


async def confirm_password(request: web.Request, password: str, *, field: str = "password") -> None:
    """Raises WrongPasswordError, or AccountLockedError after too many wrong ones."""
    actor = signed_in(request).actor
    person = await in_read(request, practitioners.get_practitioner, actor.person)
    attempt = await as_system(
        request.app,
        attempts.begin_attempt,
        login=person.login,
        address=client_address(request),
        rules=request.app[RULES].sign_in,
    )
    if not await request.app[PASSWORDS].verify(attempt.password_hash, password):
        await as_system(request.app, attempts.refuse_attempt, attempt=attempt)
        raise WrongPasswordError(field)
    await as_system(request.app, attempts.forgive_attempt, attempt=attempt)
