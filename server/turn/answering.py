"""The relay told to a browser that may use it: of a call, of a guest, of the test of a line."""

import asyncio

import structlog
from aiohttp import web
from pydantic import BaseModel

from server.keys import METRICS, SETTINGS
from server.turn.handing import TurnSecretUnreadableError, load_relay
from server.views.sign_in import as_json

log = structlog.get_logger()


class RelayAnswer(BaseModel):
    """The relay: nothing where none is set, and `trouble` where its secret cannot be read.

    The name is good for `life_s` from now, until `expires_s` since 1970 by the server's clock.
    """

    urls: tuple[str, ...] = ()
    username: str = ""
    credential: str = ""
    expires_s: int = 0
    life_s: int = 0
    trouble: bool = False


async def answer_relay(app: web.Application, person_id: str) -> web.Response:
    """A name for the relay, good for a while; counted, and never written down."""
    try:
        found = await asyncio.to_thread(load_relay, app[SETTINGS], person_id)
    except TurnSecretUnreadableError:
        log.error("turn secret unreadable")  # noqa: TRY400 - the file is named by the settings
        return as_json(RelayAnswer(trouble=True))
    if found is None:
        return as_json(RelayAnswer())
    app[METRICS].relay_names.inc()
    return as_json(
        RelayAnswer(
            urls=found.urls,
            username=found.credential.username,
            credential=found.credential.password,
            expires_s=found.credential.expires_s,
            life_s=app[SETTINGS].turn_life_s,
        )
    )
