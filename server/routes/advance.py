"""Submitting a case whose photographs are still on their way (U11)."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases.advance import service as advance
from server.auth.fields import NothingBody
from server.case_answers import read_controls
from server.doors import Routes
from server.forms import parse_body
from server.keys import RULES
from server.requests import path_id
from server.routes.case_drafts import AnswersBody
from server.transactions import in_unit
from server.views import case_json

routes = Routes("advance")


@routes.post(
    "/api/cases/{case_id}/submit-when-whole",
    action=Action.SUBMIT_CASE,
    owns=ObjectType.CASE,
    body=AnswersBody,
    answer=case_json.CaseAnswer,
)
async def submit(request: web.Request) -> web.Response:
    """Keep the answers; the case goes now, or by itself once its files have arrived."""
    body = await parse_body(request, AnswersBody)
    case = await in_unit(
        request,
        advance.submit_answers_when_whole,
        case_id=path_id(request, "case_id"),
        revision=body.version,
        answers=read_controls(body.answers, body.not_known),
        question=body.question,
        rules=request.app[RULES].cases,
    )
    answer = case_json.case_as_json(case, location=f"/cases/{case.id}")
    return web.json_response(answer)


@routes.post(
    "/api/cases/{case_id}/submit-when-whole/call-off",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=case_json.CaseAnswer,
)
async def call_off(request: web.Request) -> web.Response:
    """The case is not sent by itself after all."""
    await parse_body(request, NothingBody)
    case = await in_unit(request, advance.call_off, case_id=path_id(request, "case_id"))
    return web.json_response(case_json.case_as_json(case))
