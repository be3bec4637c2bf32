"""Patients to be told (待告知患者): the list, one patient, calls, and what came of it."""

from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.referrals import service_tell
from consult.reports.alerts.model import Called, Heard
from consult.reports.tellings import service as tellings
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.model import RiskSaid, TellingState, TellingView, TellingWay
from consult.reports.tellings.service_end import Outcome
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import telling_words
from server.views import tellings as views
from server.views.sign_in import as_json

routes = Routes("tellings")
_MOST = 200


class TogetherBody(Body):
    """Which patients were told an unremarkable answer, and how."""

    case_ids: Annotated[list[Id], Field(min_length=1, max_length=_MOST)]
    way: TellingWay


class OutcomeBody(Body):
    """What came of telling a patient; `version` is the task's revision."""

    version: Version
    state: TellingState
    way: TellingWay | None = None
    reason: Text = ""
    risk: RiskSaid | None = None


class CallBody(Body):
    """A call to patient or family, and what came of it."""

    version: Version
    whom: Called
    result: Heard
    note: Text = ""


class TakeBody(Body):
    """The task as it stood on the page."""

    version: Version


@routes.get("/tellings", action=Action.TELL_PATIENT)
async def index(request: web.Request) -> web.Response:
    """One tab of the list."""
    rules = request.app[RULES].tellings
    page = await in_read(request, views.make_list, view=_view(request), rules=rules)
    return await render(request, "tellings/list.html", title=N_("Patients to be told"), page=page)


@routes.get("/api/tellings", action=Action.TELL_PATIENT, answer=views.TellingsAnswer)
async def list_tellings(request: web.Request) -> web.Response:
    """The same as JSON."""
    rules = request.app[RULES].tellings
    return as_json(await in_read(request, views.list_as_json, view=_view(request), rules=rules))


@routes.get("/api/tellings/count", action=Action.TELL_PATIENT, answer=views.OpenCountAnswer)
async def count(request: web.Request) -> web.Response:
    """How many patients of the acting institution are to be told."""
    return as_json(views.OpenCountAnswer(count=await in_read(request, tellings.count_open)))


@routes.post(
    "/api/tellings", action=Action.TELL_PATIENT, body=TogetherBody, answer=views.ToldAnswer
)
async def tell_together(request: web.Request) -> web.Response:
    """Say of many patients that they were told an unremarkable answer: all of them or none."""
    body = await parse_body(request, TogetherBody)
    told = await in_unit(
        request,
        telling_ends.tell_together,
        case_ids=body.case_ids,
        way=body.way,
        rules=request.app[RULES].tellings,
    )
    return as_json(views.ToldAnswer(count=told, location="/tellings"))


@routes.get("/tellings/{case_id}", action=Action.TELL_PATIENT, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """One patient: what is to be told, whom to call, what was tried."""
    page = await in_unit(
        request,
        views.make_page,
        case_id=path_id(request, "case_id"),
        rules=request.app[RULES].tellings,
    )
    return await render(
        request,
        "tellings/show.html",
        title=N_("Tell the patient"),
        page=page,
        said=partial(telling_words.say_report, request),
    )


@routes.post(
    "/api/cases/{case_id}/telling/outcome",
    action=Action.TELL_PATIENT,
    owns=ObjectType.CASE,
    body=OutcomeBody,
    answer=views.TellingAnswer,
)
async def outcome(request: web.Request) -> web.Response:
    """Say what came of it; a referral that will not take place ends by it."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, OutcomeBody)
    rules = request.app[RULES]
    said = Outcome(body.state, body.way, body.reason, body.risk)
    telling = await in_unit(
        request,
        service_tell.record_outcome,
        case_id=case_id,
        revision=body.version,
        said=said,
        rules=rules.tellings,
        booking=rules.booking.referrals,
    )
    return as_json(views.line_as_json(telling, location="/tellings"))


@routes.post(
    "/api/cases/{case_id}/telling/calls",
    action=Action.TELL_PATIENT,
    owns=ObjectType.CASE,
    body=CallBody,
    answer=views.TellingAnswer,
)
async def log_call(request: web.Request) -> web.Response:
    """Write down a call; that the patient was told is said by itself."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, CallBody)
    telling = await in_unit(
        request,
        tellings.log_call,
        case_id=case_id,
        revision=body.version,
        said=tellings.CallSaid(body.whom, body.result, body.note),
    )
    return as_json(views.line_as_json(telling, location=f"/tellings/{case_id}"))


@routes.post(
    "/api/cases/{case_id}/telling/take",
    action=Action.TELL_PATIENT,
    owns=ObjectType.CASE,
    body=TakeBody,
    answer=views.TellingAnswer,
)
async def take(request: web.Request) -> web.Response:
    """Have the task oneself from now on."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, TakeBody)
    telling = await in_unit(request, tellings.take_over, case_id=case_id, revision=body.version)
    return as_json(views.line_as_json(telling, location=f"/tellings/{case_id}"))


def _view(request: web.Request) -> TellingView:
    view = request.query.get("view", TellingView.OPEN)
    if view not in set(TellingView):
        raise RefusedError("field-not-a-choice", field="view")
    return TellingView(view)
