"""Urgent alerts: what stands before the reader, a confirmation, and a call about one."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.reports.alerts import service as alerts
from consult.reports.alerts.model import Alert, AlertContact, Called, Heard
from server.doors import Routes
from server.forms import Body, Line, Text, parse_body
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views.alerts import AlertAnswer, OpenAlertsAnswer, lines_as_json, list_lines

routes = Routes("alerts")


class ConfirmBody(Body):
    """Who was told of the finding; `version` is the alert's revision."""

    version: Version
    contact: AlertContact
    note: Text = ""


class CallBody(Body):
    """Who was called, what came of it, and with whom it was spoken."""

    version: Version
    whom: Called
    result: Heard
    spoken_to: Line = ""
    note: Text = ""


@routes.get("/api/alerts", action=Action.SEE_ALERT, answer=OpenAlertsAnswer)
async def index(request: web.Request) -> web.Response:
    """The urgent alerts of the acting institution, and those that went on to the reader."""
    return web.json_response(lines_as_json(request, await in_read(request, list_lines)))


@routes.post(
    "/api/cases/{case_id}/alert/confirm",
    action=Action.ANSWER_ALERT,
    owns=ObjectType.CASE,
    body=ConfirmBody,
    answer=AlertAnswer,
)
async def confirm(request: web.Request) -> web.Response:
    """Confirm that the finding was received, and who was told of it."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, ConfirmBody)
    alert = await in_unit(
        request,
        alerts.confirm_alert,
        case_id=case_id,
        revision=body.version,
        contact=body.contact,
        note=body.note,
    )
    return _answer(alert)


@routes.post(
    "/api/cases/{case_id}/alert/calls",
    action=Action.ANSWER_ALERT,
    owns=ObjectType.CASE,
    body=CallBody,
    answer=AlertAnswer,
)
async def log_call(request: web.Request) -> web.Response:
    """Write down a call; one that reached the inviting side, by name, confirms the alert."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, CallBody)
    said = alerts.Said(body.whom, body.result, spoken_to=body.spoken_to, note=body.note)
    alert = await in_unit(
        request, alerts.log_call, case_id=case_id, revision=body.version, said=said
    )
    return _answer(alert)


def _answer(alert: Alert) -> web.Response:
    return web.json_response(AlertAnswer(alert_id=alert.id, state=alert.state).model_dump())
