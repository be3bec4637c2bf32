"""What the inviting side does with a report: receipt, and its own decision."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.reports import service_decide
from consult.reports.service_decide import Decided
from consult.reports.versions import Choice, NextStep
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_unit

routes = Routes("reports")


class DecisionBody(Body):
    """The inviting physician's own decision."""

    choice: Choice
    next_step: NextStep
    reason: Text = ""
    note: Text = ""


class ReceiptAnswer(BaseModel):
    """A received report."""

    report_id: str
    case_id: str


class DecisionAnswer(BaseModel):
    """A recorded decision; a referral goes on at the booking page."""

    decision_id: str
    location: str


@routes.post(
    "/api/reports/{report_id}/receive",
    action=Action.RECEIVE_REPORT,
    owns=ObjectType.REPORT,
    answer=ReceiptAnswer,
)
async def receive(request: web.Request) -> web.Response:
    """Confirm receipt of this version."""
    report = await in_unit(
        request, service_decide.receive_report, report_id=path_id(request, "report_id")
    )
    answer = ReceiptAnswer(report_id=report.id, case_id=report.case_id)
    return web.json_response(answer.model_dump())


@routes.post(
    "/api/cases/{case_id}/decision",
    action=Action.DECIDE_CASE,
    owns=ObjectType.CASE,
    body=DecisionBody,
    answer=DecisionAnswer,
)
async def decide(request: web.Request) -> web.Response:
    """Record the inviting physician's decision."""
    body = await parse_body(request, DecisionBody)
    case_id = path_id(request, "case_id")
    decision = await in_unit(
        request,
        service_decide.decide_case,
        case_id=case_id,
        said=Decided(body.choice, body.next_step, body.reason, body.note),
        rules=request.app[RULES].after,
    )
    place = "/booking" if decision.next_step is NextStep.REFER else ""
    answer = DecisionAnswer(decision_id=decision.id, location=f"/cases/{case_id}{place}")
    return web.json_response(answer.model_dump())
