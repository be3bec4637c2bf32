"""Links into the room of a case: made once, seen by who may invite, taken back."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.rooms.links import service as links
from consult.rooms.links.model import Link, LinkFor
from server.auth.cookies import hash_token, make_token
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import parse_body
from server.keys import RULES
from server.requests import path_id
from server.room_link_bodies import LinkBody, RevokeBody
from server.rooms.placing import put_out
from server.rooms.standing import talks_of
from server.transactions import in_read, in_unit
from server.views.room_links import (
    LinksAnswer,
    MadeAnswer,
    address_of,
    links_as_json,
    made_as_json,
)
from server.views.rooms import KeptAnswer

routes = Routes("room_links")


@routes.get(
    "/api/cases/{case_id}/room/links",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=LinksAnswer,
)
async def index(request: web.Request) -> web.Response:
    """The links into the open room, without what opens them."""
    case_id = path_id(request, "case_id")
    found = await in_read(request, links_as_json, case_id, talks=talks_of(request.app))
    return web.json_response(found)


@routes.post(
    "/api/cases/{case_id}/room/links",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=LinkBody,
    answer=MadeAnswer,
)
async def make(request: web.Request) -> web.Response:
    """A link for a patient, a relative or a colleague; its address is told this once."""
    body = await parse_body(request, LinkBody)
    token = make_token()
    made = await in_unit(
        request,
        links.make_link,
        case_id=path_id(request, "case_id"),
        for_whom=LinkFor(body.for_whom),
        lasts=request.app[RULES].rooms.links.guest_for,
        token_hash=hash_token(token),
        talks=talks_of(request.app),
    )
    return _told(request, made, token)


@routes.post(
    "/api/cases/{case_id}/room/companion",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=MadeAnswer,
)
async def make_companion(request: web.Request) -> web.Response:
    """A link by which one's own telephone joins as a camera; it replaces an unused one."""
    await parse_body(request, NothingBody)
    token = make_token()
    made = await in_unit(
        request,
        links.make_companion,
        case_id=path_id(request, "case_id"),
        lasts=request.app[RULES].rooms.links.companion_for,
        token_hash=hash_token(token),
        talks=talks_of(request.app),
    )
    return _told(request, made, token)


@routes.post(
    "/api/cases/{case_id}/room/links/revoke",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=RevokeBody,
    answer=KeptAnswer,
)
async def revoke(request: web.Request) -> web.Response:
    """Take a link back; whoever came in by it is put out."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, RevokeBody)
    link = await in_unit(
        request,
        links.revoke_link,
        case_id=case_id,
        link_id=body.link_id,
        talks=talks_of(request.app),
    )
    await put_out(request.app, link.room_id, link.person_id)
    return web.json_response(KeptAnswer(kept=True).model_dump())


def _told(request: web.Request, made: Link, token: str) -> web.Response:
    return web.json_response(made_as_json(made, address_of(request, token)))
