"""A case sent back by eye and field, and the list of patients to be called back."""

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.cases.protocol import FieldCode
from consult.cases.returns import service as returns
from consult.cases.returns.model import MOST_ITEMS, ItemKind, ReturnItem, Wanted
from consult.kernel.errors import RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, is_id
from consult.queue import service_return
from server.doors import Routes
from server.forms import Body, Line, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.moments import format_left
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import retakes, return_form, return_json
from server.views.evening import onward_location
from server.views.return_card import last_day
from server.views.return_words import item_text
from server.views.worklist import Step

routes = Routes("returns")


class ImageAsk(Body):
    """One photograph; without a reason nothing is asked of it."""

    field: FieldCode
    eye: Eye | None = None
    reason: Line | None = None


class ReturnBody(Body):
    """What is asked for."""

    images: list[ImageAsk] = Field(default=[], max_length=MOST_ITEMS)
    answers: list[Line] = Field(default=[], max_length=MOST_ITEMS)
    others: list[Line] = Field(default=[], max_length=MOST_ITEMS)
    note: Text = ""


@routes.get("/cases/{case_id}/return", action=Action.RETURN_CASE, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The list to fill in."""
    page = await in_unit(
        request, return_form.gather, path_id(request, "case_id"), request.app[RULES]
    )
    tongue = language(request)
    return await render(
        request,
        "cases/return.html",
        title=N_("Return for more information"),
        page=page,
        left=lambda at: format_left(at, now=page.now, language=tongue),
        choices=return_form.choices_of(request, page.case),
    )


@routes.post(
    "/api/cases/{case_id}/return",
    action=Action.RETURN_CASE,
    owns=ObjectType.CASE,
    body=ReturnBody,
    answer=Step,
)
async def send_back(request: web.Request) -> web.Response:
    """Send the case back for what is on the list; its promise pauses."""
    body = await parse_body(request, ReturnBody)
    case = await in_unit(
        request,
        service_return.return_case,
        case_id=CaseId(path_id(request, "case_id")),
        wanted=_wanted(body),
        rules=request.app[RULES].cases,
    )
    location = await in_read(
        request, onward_location, case=case, rules=request.app[RULES].queue.row
    )
    step = Step(case_id=case.id, status=case.status, location=location)
    return web.json_response(step.model_dump())


@routes.get(
    "/api/cases/{case_id}/returns",
    action=Action.SEE_CASE,
    owns=ObjectType.CASE,
    answer=return_json.ReturnsAnswer,
)
async def list_returns(request: web.Request) -> web.Response:
    """Every return of a case, the newest first."""
    found = await in_read(request, returns.list_returns, path_id(request, "case_id"))
    return web.json_response(return_json.returns_as_json(found))


@routes.get("/retakes", action=Action.PREPARE_CASE)
async def index(request: web.Request) -> web.Response:
    """The patients to be called back."""
    page = await in_read(request, retakes.make_list, after=_after(request))
    return await _render(request, "retakes/list.html", page)


@routes.get("/retakes/print", action=Action.PREPARE_CASE)
async def show_paper(request: web.Request) -> web.Response:
    """The same on paper."""
    page = await in_unit(request, retakes.print_list, after=_after(request))
    return await _render(request, "retakes/paper.html", page)


@routes.get("/api/retakes", action=Action.PREPARE_CASE, answer=retakes.RetakesAnswer)
async def list_retakes(request: web.Request) -> web.Response:
    """The same as JSON."""
    page = await in_read(request, retakes.make_list, after=_after(request))
    return web.json_response(retakes.list_as_json(request, page))


async def _render(request: web.Request, template: str, page: retakes.RetakePage) -> web.Response:
    return await render(
        request,
        template,
        title=N_("Retake list"),
        page=page,
        item_text=lambda case, item: item_text(request, case, item),
        last_day=lambda at: last_day(request, at),
    )


def _wanted(body: ReturnBody) -> Wanted:
    asked = [
        ReturnItem(ItemKind.IMAGE, each.reason, each.eye, each.field)
        for each in body.images
        if each.reason
    ]
    asked += [ReturnItem(ItemKind.ANSWER, key) for key in body.answers]
    asked += [ReturnItem(ItemKind.OTHER, code) for code in body.others]
    return Wanted(tuple(asked), body.note)


def _after(request: web.Request) -> str | None:
    text = request.query.get("after")
    if text is not None and not is_id(text):
        raise RefusedError("field-malformed", field="after")
    return text
