"""Writing in a call: a guest's words and those of the house to her, on record with the room."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from consult.access.model import Action, ObjectType
from consult.rooms.words import service as words
from consult.rooms.words.model import LONGEST_WORD
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.keys import RULES
from server.requests import path_id
from server.rooms.guests import session_of
from server.rooms.standing import talks_of
from server.transactions import as_system, as_system_read, in_read, in_unit
from server.views.room_words import WordsAnswer, guest_words_as_json, words_as_json
from server.views.rooms import KeptAnswer
from server.views.sign_in import as_json

routes = Routes("room_words")


class WordBody(Body):
    """What somebody writes."""

    text: Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_WORD)]


@routes.get(
    "/api/cases/{case_id}/room/words",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=WordsAnswer,
)
async def index(request: web.Request) -> web.Response:
    """What was written in the calls of a case."""
    found = await in_read(
        request,
        words_as_json,
        path_id(request, "case_id"),
        talks=talks_of(request.app),
        terms=request.app[RULES].terms,
    )
    return web.json_response(found)


@routes.post(
    "/api/cases/{case_id}/room/words",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=WordBody,
    answer=KeptAnswer,
)
async def say(request: web.Request) -> web.Response:
    """Write to everybody in the call."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, WordBody)
    talks = talks_of(request.app)
    await in_unit(request, words.say, case_id=case_id, text=body.text, talks=talks)
    return as_json(KeptAnswer(kept=True))


@routes.get("/api/join/room/words", public=True, answer=WordsAnswer)
async def index_of_guest(request: web.Request) -> web.Response:
    """What was written in this call, once she is let in."""
    found = await as_system_read(
        request.app,
        guest_words_as_json,
        session_hash=session_of(request),
        terms=request.app[RULES].terms,
    )
    return web.json_response(found)


@routes.post("/api/join/room/words", public=True, body=WordBody, answer=KeptAnswer)
async def say_as_guest(request: web.Request) -> web.Response:
    """Write to everybody in the call."""
    body = await parse_body(request, WordBody)
    await as_system(
        request.app, words.say_as_guest, session_hash=session_of(request), text=body.text
    )
    return as_json(KeptAnswer(kept=True))
