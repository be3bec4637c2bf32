"""Cameras whose computers send by themselves: to which draft, and what they say of themselves."""

from datetime import timedelta
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, Strict

from consult.access.model import Action, ObjectType
from consult.cases.directions import service as directions
from consult.kernel.errors import ForbiddenError
from consult.people.machines import service as machines
from consult.people.machines.model import Heartbeat, Right
from consult.studies.deliveries import service as deliveries
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.keys import RULES
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit, utc_now
from server.views import cameras as views
from server.views.sign_in import as_document

routes = Routes("cameras")
_OWN: Final = {"action": Action.PREPARE_CASE, "owns": ObjectType.CASE}
_LONGEST_S: Final = 10 * 366 * 86_400
_Count = Annotated[int, Strict(), Field(ge=0, le=2**31 - 1)]


class CameraBody(Body):
    """The camera."""

    machine_id: Id


class HeartbeatBody(Body):
    """What a camera's computer says of itself: counts, an age and a code, nobody's name."""

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
    waiting: _Count
    waiting_bytes: Annotated[int, Strict(), Field(ge=0, le=2**62)]
    oldest_s: Annotated[int, Strict(), Field(ge=0, le=_LONGEST_S)] | None = None
    refused: _Count = 0
    error: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    sent: Annotated[tuple[Id, ...], Field(max_length=deliveries.MOST_ASKED)] = ()


class MachineNeededError(ForbiddenError):
    """Only the computer of a camera comes by this door."""

    def __init__(self) -> None:
        super().__init__("machine-needed")


@routes.get("/api/cases/{case_id}/cameras", answer=views.CamerasView, **_OWN)
async def index(request: web.Request) -> web.Response:
    """The cameras of the institution, and whether each sends to this draft."""
    return await _tell(request)


@routes.post("/api/cases/{case_id}/cameras", body=CameraBody, answer=views.CamerasView, **_OWN)
async def direct(request: web.Request) -> web.Response:
    """Have a camera's pictures come to this draft."""
    body = await parse_body(request, CameraBody)
    await in_unit(
        request,
        directions.direct_camera,
        case_id=path_id(request, "case_id"),
        machine_id=body.machine_id,
        rules=request.app[RULES].images.cameras,
    )
    return await _tell(request)


@routes.post(
    "/api/cases/{case_id}/cameras/release", body=CameraBody, answer=views.CamerasView, **_OWN
)
async def release(request: web.Request) -> web.Response:
    """Have a camera's pictures wait for a person again."""
    body = await parse_body(request, CameraBody)
    await in_unit(
        request,
        directions.release_camera,
        case_id=path_id(request, "case_id"),
        machine_id=body.machine_id,
    )
    return await _tell(request)


@routes.post(
    "/api/machine/heartbeat",
    action=Action.PREPARE_CASE,
    right=Right.SEND_PICTURES,
    body=HeartbeatBody,
    answer=views.FatesView,
)
async def hear(request: web.Request) -> web.Response:
    """Hear a camera's computer, and tell it what became of what it sent."""
    body = await parse_body(request, HeartbeatBody)
    machine_id = signed_in(request).actor.machine_id
    if machine_id is None:
        raise MachineNeededError
    now = utc_now()
    told = Heartbeat(
        told_at=now,
        version=body.version,
        waiting=body.waiting,
        waiting_bytes=body.waiting_bytes,
        oldest_at=None if body.oldest_s is None else now - timedelta(seconds=body.oldest_s),
        refused=body.refused,
        error=body.error,
    )
    await in_unit(request, machines.hear, machine_id=machine_id, told=told)
    return as_document(views.of_fates(await in_read(request, deliveries.tell_fates, body.sent)))


async def _tell(request: web.Request) -> web.Response:
    return as_document(await in_read(request, views.of_case, path_id(request, "case_id")))
