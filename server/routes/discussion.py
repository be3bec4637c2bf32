"""What both sides of a case write to each other."""

from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, Strict

from consult.access.model import Action, ObjectType
from consult.discussion import rights
from consult.discussion import service as discussions
from consult.discussion.model import MessageKind, Reference, Wanted
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.reports.second.matters import SecondRules
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import cases as case_views
from server.views.discussion import Talk, make_talk
from server.views.discussion_json import (
    DiscussionAnswer,
    DraftAnswer,
    ReadAnswer,
    SentAnswer,
    UnreadAnswer,
    sent_as_json,
    talk_as_json,
    unread_as_json,
)

routes = Routes("discussion")
_MOST_DIGITS: Final = 3
_Pixel = Annotated[int, Strict(), Field(ge=0, le=2**31 - 1)]


class ReferenceBody(Body):
    """A picture that the message speaks of; a form lists those too that it does not mean."""

    image_id: Id
    frame: Version = 1
    point: Annotated[list[_Pixel], Field(min_length=2, max_length=2)] | None = None
    is_meant: bool = True


class DraftBody(Body):
    """What stands in the form, sent or not."""

    key: Id | None = None
    kind: MessageKind | None = None
    text: Text = ""
    thread_id: Id | None = None
    amends_id: Id | None = None
    to: Annotated[list[Id], Field(max_length=100, default_factory=list)]
    references: Annotated[list[ReferenceBody], Field(max_length=500, default_factory=list)]


class MessageBody(DraftBody):
    """A message; the same key again is the same message."""

    key: Id
    kind: MessageKind
    text: Text


class ReadBody(Body):
    """Up to which message."""

    number: Version


@routes.get("/cases/{case_id}/discussion", action=Action.READ_DISCUSSION, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The discussion alone, and what is older than the panel of the case shows."""
    talk = await _read(request)
    return await render(
        request,
        "discussion/show.html",
        title=N_("Discussion"),
        page=talk,
        talk=talk,
        **case_views.words_for(request),
    )


@routes.get(
    "/api/cases/{case_id}/discussion",
    action=Action.READ_DISCUSSION,
    owns=ObjectType.CASE,
    answer=DiscussionAnswer,
)
async def index(request: web.Request) -> web.Response:
    """The same as JSON."""
    talk = await _read(request)
    return web.json_response(talk_as_json(talk))


@routes.post(
    "/api/cases/{case_id}/discussion",
    action=Action.JOIN_DISCUSSION,
    owns=ObjectType.CASE,
    body=MessageBody,
    answer=SentAnswer,
)
async def send(request: web.Request) -> web.Response:
    """Send a message."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, MessageBody)
    wanted = Wanted(
        key=body.key,
        kind=body.kind,
        text=body.text,
        thread_id=body.thread_id,
        amends_id=body.amends_id,
        to=body.to,
        references=[_reference(each) for each in body.references if each.is_meant],
    )
    message = await in_unit(
        request, discussions.send_message, case_id=case_id, wanted=wanted, second=_second(request)
    )
    return web.json_response(sent_as_json(message))


@routes.put(
    "/api/cases/{case_id}/discussion/draft",
    action=Action.JOIN_DISCUSSION,
    owns=ObjectType.CASE,
    body=DraftBody,
    answer=DraftAnswer,
)
async def save_draft(request: web.Request) -> web.Response:
    """Keep what is being written, for its writer alone."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, DraftBody)
    content = body.model_dump(mode="json", exclude={"key"}, exclude_none=True)
    content["references"] = [each for each in content["references"] if each["is_meant"]]
    saved_at = await in_unit(
        request, discussions.save_draft, case_id=case_id, content=content, second=_second(request)
    )
    return web.json_response(DraftAnswer(saved_at=saved_at.isoformat()).model_dump())


@routes.post(
    "/api/cases/{case_id}/discussion/read",
    action=Action.READ_DISCUSSION,
    owns=ObjectType.CASE,
    body=ReadBody,
    answer=ReadAnswer,
)
async def read(request: web.Request) -> web.Response:
    """The reader has them before her up to this one."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, ReadBody)
    number = await in_unit(
        request, discussions.mark_read, case_id=case_id, number=body.number, second=_second(request)
    )
    return web.json_response(ReadAnswer(number=number).model_dump())


@routes.get("/api/discussions/unread", action=Action.READ_DISCUSSION, answer=UnreadAnswer)
async def unread(request: web.Request) -> web.Response:
    """Where messages name the reader that she has not read."""
    found = await in_read(request, discussions.list_unread, second=_second(request))
    return web.json_response(unread_as_json(found))


async def _read(request: web.Request) -> Talk:
    case_id, before = path_id(request, "case_id"), _query_number(request)
    return await in_read(request, _open, case_id, before=before, second=_second(request))


def _open(work: Work, case_id: str, *, before: int | None, second: SecondRules) -> Talk:
    case = rights.get_readable(work, case_id, second=second)
    return make_talk(work, case, before=before, second=second)


def _second(request: web.Request) -> SecondRules:
    return request.app[RULES].second


def _reference(body: ReferenceBody) -> Reference:
    point = None if body.point is None else (body.point[0], body.point[1])
    return Reference(body.image_id, body.frame, point)


def _query_number(request: web.Request) -> int | None:
    """A message's number; raises RefusedError: it is none."""
    text = request.query.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise RefusedError("field-malformed", field="before")
    return int(text)
