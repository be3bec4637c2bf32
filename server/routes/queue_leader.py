"""What the panel's leader or a coordinator settles: sent on, sent to another panel, rejected."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.kernel.ids import CaseId
from consult.queue import service_leader
from server.doors import Routes
from server.forms import Body, Id, Reason, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views import forward, return_json
from server.views.worklist import Step

routes = Routes("queue")


class RejectBody(Body):
    """Why a case is turned down."""

    reason: Reason


class ForwardBody(Body):
    """Before which panel, and why."""

    to_panel_id: Id
    reason: Reason


class PanelAnswer(BaseModel):
    """One panel to which a case may go."""

    id: str
    name: str
    institution_id: str


class PanelsAnswer(BaseModel):
    """The panels to which a case may go today."""

    panels: list[PanelAnswer]


@routes.post(
    "/api/queue/{case_id}/send-on", action=Action.FORWARD_CASE, owns=ObjectType.CASE, answer=Step
)
async def send_on(request: web.Request) -> web.Response:
    """Put a declined case before the panel again."""
    case = await in_unit(request, service_leader.send_on, case_id=_case_id(request))
    return web.json_response(_step(case.id, case.status, "/worklist"))


@routes.post(
    "/api/queue/{case_id}/reject",
    action=Action.FORWARD_CASE,
    owns=ObjectType.CASE,
    body=RejectBody,
    answer=Step,
)
async def reject(request: web.Request) -> web.Response:
    """Turn a declined case down for good."""
    body = await parse_body(request, RejectBody)
    case = await in_unit(
        request, service_leader.reject_case, case_id=_case_id(request), reason=body.reason
    )
    return web.json_response(_step(case.id, case.status, "/worklist?tab=declined"))


@routes.get("/cases/{case_id}/forward", action=Action.FORWARD_CASE, owns=ObjectType.CASE)
async def show_forward(request: web.Request) -> web.Response:
    """The other panels, and the way so far."""
    page = await in_unit(request, forward.gather, _case_id(request), request.app[RULES])
    title = N_("Triage")
    return await render(
        request, "queue/forward.html", title=title, page=page, way=page.way.said_to(request)
    )


@routes.get(
    "/api/queue/{case_id}/panels",
    action=Action.FORWARD_CASE,
    owns=ObjectType.CASE,
    answer=PanelsAnswer,
)
async def list_panels(request: web.Request) -> web.Response:
    """The panels to which the case may go today."""
    found = await in_read(request, service_leader.list_targets, case_id=_case_id(request))
    panels = [
        PanelAnswer(id=each.panel.id, name=each.panel.name, institution_id=each.invited.id)
        for each in found
    ]
    return web.json_response(PanelsAnswer(panels=panels).model_dump())


@routes.post(
    "/api/queue/{case_id}/forward",
    action=Action.FORWARD_CASE,
    owns=ObjectType.CASE,
    body=ForwardBody,
    answer=Step,
)
async def forward_case(request: web.Request) -> web.Response:
    """Send the case to another panel; what was promised stands."""
    body = await parse_body(request, ForwardBody)
    case = await in_unit(
        request,
        service_leader.forward_case,
        case_id=_case_id(request),
        to_panel_id=body.to_panel_id,
        reason=body.reason,
    )
    return web.json_response(_step(case.id, case.status, "/worklist"))


@routes.get(
    "/api/cases/{case_id}/trail",
    action=Action.SEE_CASE,
    owns=ObjectType.CASE,
    answer=return_json.TrailAnswer,
)
async def list_trail(request: web.Request) -> web.Response:
    """Who declined the case, and to which panels it was sent."""
    lines = await in_read(request, service_leader.list_trail, path_id(request, "case_id"))
    return web.json_response(return_json.trail_as_json(lines))


def _case_id(request: web.Request) -> CaseId:
    return CaseId(path_id(request, "case_id"))


def _step(case_id: str, status: str, location: str) -> dict[str, object]:
    return Step(case_id=case_id, status=status, location=location).model_dump()
