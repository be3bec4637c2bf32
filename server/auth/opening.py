"""Opening a session for somebody who has proved who she is."""

from aiohttp import web

from consult.kernel.work import Actor
from consult.people.sessions import service as sessions
from consult.people.sessions.errors import SignInRefusedError
from consult.people.sessions.model import Attempt, Opened
from server.auth import cookies, proof
from server.auth.peer import client_of
from server.keys import RULES, UNITS
from server.transactions import write_as


async def open_session(
    request: web.Request, attempt: Attempt, affiliation_id: str | None
) -> tuple[str, Opened]:
    """The token for the cookie, and what was opened."""
    token = cookies.make_token()
    actor = Actor(practitioner_id=attempt.practitioner_id, institution_id=None)
    try:
        opened = await write_as(
            request.app[UNITS],
            actor,
            sessions.open_session,
            attempt=attempt,
            affiliation_id=affiliation_id,
            token_hash=cookies.hash_token(token),
            client=client_of(request),
            rules=request.app[RULES].sign_in.sessions,
        )
    except SignInRefusedError:
        await proof.refuse(request, attempt)
        raise
    await proof.settle(request, attempt)
    return token, opened
