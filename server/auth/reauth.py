"""Asking the signed-in person again who she is, before an act that cannot be undone.

Whoever came in with a password types it; whoever came in through the identity provider is asked
there (server/routes/oidc.py), and what it says is good for one act.
"""

from aiohttp import web

from consult.kernel.errors import RefusedError
from consult.people.sessions import providers
from consult.people.sessions.errors import WrongPasswordError
from consult.people.sessions.model import BY_PROVIDER
from server.auth import proof
from server.keys import RULES
from server.requests import signed_in
from server.transactions import in_unit


async def confirm_person(
    request: web.Request, password: str | None, *, field: str = "password"
) -> None:
    """The password, or the provider's fresh word.

    Raises WrongPasswordError, AccountLockedError or ProofMissingError.
    """
    if password is not None:
        await confirm_password(request, password, field=field)
    elif signed_in(request).signed_in_by == BY_PROVIDER:
        await in_unit(
            request, providers.spend_proof, lasts=request.app[RULES].sign_in.provider.proof
        )
    else:
        raise RefusedError("field-missing", field=field)


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
