"""The speaker list of a call: hands are raised, the host gives the word, everybody sees the order.

Guests have doors of their own, behind the cookie of their link.
"""

from typing import Annotated

from aiohttp import web
from pydantic import Strict

from consult.access.model import Action, ObjectType
from consult.rooms.turns import service as turns
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.keys import RULES
from server.requests import path_id
from server.rooms.guests import session_of
from server.rooms.standing import talks_of
from server.transactions import as_system, as_system_read, in_read, in_unit
from server.views.room_turns import TurnsAnswer, guest_turns_as_json, turns_as_json
from server.views.rooms import KeptAnswer
from server.views.sign_in import as_json

routes = Routes("room_turns")
_Flag = Annotated[bool, Strict()]


class HandBody(Body):
    """Whether one's hand is raised; False gives the word back as well."""

    raised: _Flag


class GivenBody(Body):
    """Whose turn it is, or no more."""

    person_id: Id
    given: _Flag


@routes.get(
    "/api/cases/{case_id}/room/turns",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=TurnsAnswer,
)
async def index(request: web.Request) -> web.Response:
    """Who has the word, and who is next."""
    found = await in_read(
        request,
        turns_as_json,
        case_id=path_id(request, "case_id"),
        talks=talks_of(request.app),
        terms=request.app[RULES].terms,
    )
    return web.json_response(found)


@routes.post(
    "/api/cases/{case_id}/room/hand",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=HandBody,
    answer=KeptAnswer,
)
async def show_hand(request: web.Request) -> web.Response:
    """Raise one's hand, or lower it; whoever has the word gives it back."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, HandBody)
    talks = talks_of(request.app)
    await in_unit(request, turns.show_hand, case_id=case_id, raised=body.raised, talks=talks)
    return as_json(KeptAnswer(kept=True))


@routes.post(
    "/api/cases/{case_id}/room/turns",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=GivenBody,
    answer=KeptAnswer,
)
async def give(request: web.Request) -> web.Response:
    """The host gives the word to somebody who raised a hand, or takes it back."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, GivenBody)
    step = turns.give_word if body.given else turns.take_word
    talks = talks_of(request.app)
    await in_unit(request, step, case_id=case_id, person_id=body.person_id, talks=talks)
    return as_json(KeptAnswer(kept=True))


@routes.get("/api/join/room/turns", public=True, answer=TurnsAnswer)
async def index_of_guest(request: web.Request) -> web.Response:
    """Who has the word, and who is next, once she is let in."""
    found = await as_system_read(
        request.app,
        guest_turns_as_json,
        session_hash=session_of(request),
        terms=request.app[RULES].terms,
    )
    return web.json_response(found)


@routes.post("/api/join/room/hand", public=True, body=HandBody, answer=KeptAnswer)
async def show_hand_as_guest(request: web.Request) -> web.Response:
    """Raise one's hand, or lower it."""
    body = await parse_body(request, HandBody)
    session_hash = session_of(request)
    await as_system(
        request.app, turns.show_hand_as_guest, session_hash=session_hash, raised=body.raised
    )
    return as_json(KeptAnswer(kept=True))
