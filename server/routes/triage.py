"""Triage of what waits: given to an expert by name, or another urgency (Q-06)."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases.model import Priority
from consult.kernel.ids import CaseId
from consult.queue import triage
from server.doors import Routes
from server.forms import Body, Id, Reason, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_unit
from server.views.sign_in import as_json
from server.views.worklist import Step

routes = Routes("triage")


class AllotBody(Body):
    """To whom of the panel."""

    expert_id: Id


class WaitingUrgencyBody(Body):
    """How urgent the case is, and why."""

    priority: Priority
    reason: Reason


@routes.post(
    "/api/queue/{case_id}/allot",
    action=Action.FORWARD_CASE,
    owns=ObjectType.CASE,
    body=AllotBody,
    answer=Step,
)
async def allot(request: web.Request) -> web.Response:
    """Give a case that waits to an expert of the panel."""
    body = await parse_body(request, AllotBody)
    case = await in_unit(
        request,
        triage.allot_case,
        case_id=CaseId(path_id(request, "case_id")),
        expert_id=body.expert_id,
        limits=request.app[RULES].queue,
    )
    return as_json(Step(case_id=case.id, status=case.status, location="/worklist"))


@routes.post(
    "/api/queue/{case_id}/urgency",
    action=Action.FORWARD_CASE,
    owns=ObjectType.CASE,
    body=WaitingUrgencyBody,
    answer=Step,
)
async def set_urgency(request: web.Request) -> web.Response:
    """Give a case that waits another urgency; its promise follows."""
    body = await parse_body(request, WaitingUrgencyBody)
    case = await in_unit(
        request,
        triage.set_urgency,
        case_id=CaseId(path_id(request, "case_id")),
        priority=body.priority,
        reason=body.reason,
        rules=request.app[RULES].cases,
    )
    return as_json(Step(case_id=case.id, status=case.status, location=f"/cases/{case.id}"))
