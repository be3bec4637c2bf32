"""Holding the recordings of a case back from deletion, and letting them go again (OPS-05)."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.rooms.recordings import holds
from consult.rooms.recordings.holds import HoldReason
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, parse_body
from server.requests import path_id
from server.rooms.standing import talks_of
from server.transactions import in_unit
from server.views.rooms import KeptAnswer
from server.views.sign_in import as_json

routes = Routes("recording_holds")


class HoldBody(Body):
    """Why they must not go."""

    reason: HoldReason


@routes.post(
    "/api/cases/{case_id}/recordings/hold",
    action=Action.EXPORT_DOSSIER,
    needs=(Action.READ_DISCUSSION,),
    owns=ObjectType.CASE,
    body=HoldBody,
    answer=KeptAnswer,
)
async def hold(request: web.Request) -> web.Response:
    """Hold them back for one's own institution, whatever their period."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, HoldBody)
    talks = talks_of(request.app)
    await in_unit(request, holds.hold_recordings, case_id=case_id, reason=body.reason, talks=talks)
    return as_json(KeptAnswer(kept=True))


@routes.post(
    "/api/cases/{case_id}/recordings/let-go",
    action=Action.EXPORT_DOSSIER,
    needs=(Action.READ_DISCUSSION,),
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=KeptAnswer,
)
async def let_go(request: web.Request) -> web.Response:
    """Lift the hold of one's own institution: they go when their period is over."""
    await parse_body(request, NothingBody)
    case_id = path_id(request, "case_id")
    await in_unit(request, holds.let_go, case_id=case_id, talks=talks_of(request.app))
    return as_json(KeptAnswer(kept=True))
