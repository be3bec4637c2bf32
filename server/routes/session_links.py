"""Links for a booked session, made before its room is there: seen and taken back by its people."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.rooms.links import ahead
from consult.rooms.links.model import LinkFor
from server.auth.cookies import hash_token, make_token
from server.doors import Routes
from server.forms import parse_body
from server.requests import path_id
from server.room_link_bodies import LinkBody, RevokeBody
from server.transactions import in_read, in_unit
from server.views.room_links import (
    LinksAnswer,
    MadeAnswer,
    address_of,
    made_as_json,
    session_links_as_json,
)
from server.views.rooms import KeptAnswer
from server.views.sign_in import as_json

routes = Routes("session_links")
_LINKS = "/api/cases/{case_id}/video-sessions/{session_id}/links"


@routes.get(_LINKS, action=Action.CALL_ON_CASE, owns=ObjectType.CASE, answer=LinksAnswer)
async def index(request: web.Request) -> web.Response:
    """The links for the session as it stands, without what opens them."""
    return web.json_response(await in_read(request, session_links_as_json, **_ids(request)))


@routes.post(
    _LINKS, action=Action.CALL_ON_CASE, owns=ObjectType.CASE, body=LinkBody, answer=MadeAnswer
)
async def make(request: web.Request) -> web.Response:
    """A link for a patient, a relative or a colleague; its address is told this once."""
    body, token = await parse_body(request, LinkBody), make_token()
    made = await in_unit(
        request,
        ahead.make_link,
        **_ids(request),
        for_whom=LinkFor(body.for_whom),
        token_hash=hash_token(token),
    )
    return web.json_response(made_as_json(made, address_of(request, token)))


@routes.post(
    f"{_LINKS}/revoke",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=RevokeBody,
    answer=KeptAnswer,
)
async def revoke(request: web.Request) -> web.Response:
    """Take a link back that nobody has used; a used one is taken back in the call."""
    body = await parse_body(request, RevokeBody)
    await in_unit(request, ahead.revoke_link, **_ids(request), link_id=body.link_id)
    return as_json(KeptAnswer(kept=True))


def _ids(request: web.Request) -> dict[str, str]:
    return {name: path_id(request, name) for name in ("case_id", "session_id")}
