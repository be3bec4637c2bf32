"""The expert's evening: take some cases at once, put one aside (U20)."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field, Strict

from consult.access.model import Action, ObjectType
from consult.cases.model import ServiceType
from consult.kernel.ids import CaseId
from consult.queue import evening
from consult.queue.model import Turn
from consult.reports import service as reports
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views.ahead import AheadAnswer, list_ahead
from server.views.evening import Taken, aside_location
from server.views.sign_in import as_json
from server.views.worklist import list_address

routes = Routes("evening")


class TakeBody(Body):
    """Which kind, how many, and for which reading of them."""

    service_type: ServiceType
    count: Annotated[int, Strict(), Field(ge=1, le=100)]
    turn: Turn = Turn.FIRST


class DraftState(BaseModel):
    """Which saving of her own draft the server has; 0 where there is none."""

    version: int
    saved_at: str | None


class NextAnswer(BaseModel):
    """Where the reader goes on."""

    location: str


@routes.post("/api/queue/take", action=Action.CLAIM_CASE, body=TakeBody, answer=Taken)
async def take(request: web.Request) -> web.Response:
    """Take the first free cases of a kind and go to the first of them."""
    body = await parse_body(request, TakeBody)
    taken = await in_unit(
        request,
        evening.take_next,
        service_type=body.service_type,
        count=body.count,
        turn=body.turn,
        limits=request.app[RULES].queue,
    )
    location = f"/cases/{taken[0].id}/reading" if taken else list_address(body.service_type)
    return as_json(Taken(taken=len(taken), location=location))


@routes.post(
    "/api/queue/{case_id}/aside",
    action=Action.CLAIM_CASE,
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=NextAnswer,
)
async def put_aside(request: web.Request) -> web.Response:
    """Go on with the next case; this one stays the reader's, at its place."""
    await parse_body(request, NothingBody)
    location = await in_read(
        request,
        aside_location,
        case_id=CaseId(path_id(request, "case_id")),
        rules=request.app[RULES].queue.row,
    )
    return as_json(NextAnswer(location=location))


@routes.get(
    "/api/cases/{case_id}/report/draft",
    action=Action.WRITE_REPORT,
    owns=ObjectType.CASE,
    answer=DraftState,
)
async def tell_draft(request: web.Request) -> web.Response:
    """Whether the reader has written on elsewhere since a page was drawn; nothing of what."""
    draft = await in_read(request, reports.get_draft, path_id(request, "case_id"))
    if draft is None:
        return as_json(DraftState(version=0, saved_at=None))
    return as_json(DraftState(version=draft.revision, saved_at=draft.saved_at.isoformat()))


@routes.get(
    "/api/queue/{case_id}/ahead",
    action=Action.CLAIM_CASE,
    owns=ObjectType.CASE,
    answer=AheadAnswer,
)
async def tell_ahead(request: web.Request) -> web.Response:
    """The pictures of the next cases, to be loaded while this one is read."""
    found = await in_read(
        request,
        list_ahead,
        case_id=CaseId(path_id(request, "case_id")),
        rules=request.app[RULES],
    )
    return as_json(found)
