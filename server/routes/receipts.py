"""Receiving unremarkable screening answers together."""

from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action
from consult.kernel.errors import RefusedError
from consult.reports import receipts
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.transactions import in_read, in_unit
from server.views import receipts as views

routes = Routes("receipts")
_MOST = 200


class TogetherBody(Body):
    """Which versions are received, that their results were read, and whether each is accepted."""

    report_ids: Annotated[list[Id], Field(min_length=1, max_length=_MOST)]
    has_read: bool
    accepts: bool = False


@routes.get("/receipts", action=Action.RECEIVE_REPORT)
async def index(request: web.Request) -> web.Response:
    """The answers that wait: those that may be received together, and those that may not."""
    rules = request.app[RULES].tellings.plain
    page = await in_read(request, views.make_page, rules=rules)
    return await render(
        request,
        "receipts/list.html",
        title=N_("Receive unremarkable answers"),
        page=page,
        said=partial(views.say_line, request),
    )


@routes.post(
    "/api/receipts",
    action=Action.RECEIVE_REPORT,
    body=TogetherBody,
    answer=views.ReceivedAnswer,
)
async def receive(request: web.Request) -> web.Response:
    """Receive unremarkable answers by one act: all of them or none."""
    body = await parse_body(request, TogetherBody)
    if not body.has_read:
        raise RefusedError("receipt-unread", field="has_read")
    count = await in_unit(
        request,
        receipts.receive_together,
        report_ids=body.report_ids,
        accepts=body.accepts,
        rules=request.app[RULES].after,
    )
    answer = views.ReceivedAnswer(count=count, location="/receipts")
    return web.json_response(answer.model_dump())
