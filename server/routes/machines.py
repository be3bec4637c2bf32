"""Administering the machines that come to the doors of images by a token."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, TypedDict
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from consult.access.model import Action
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from server.auth.cookies import hash_token, make_token
from server.auth.fields import Name
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language, path_id, zone_of
from server.transactions import in_read, in_unit
from server.views import machines as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("machines")
_PAGE = "/admin/machines"


class Asked(TypedDict):
    """In whose words, and after how long a camera's computer counts as mute."""

    tongue: str
    silent_after: timedelta


class MachineBody(Body):
    """A machine, what it may do, and its last day."""

    name: Name
    institution_id: Id
    rights: Annotated[list[Right], Field(min_length=1, max_length=len(Right))]
    until_on: date | None = None


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show(request: web.Request) -> web.Response:
    """The machines within reach, and the form for another."""
    page = await in_read(request, views.make_machines, **_asked(request))
    return await render(request, "admin/machines.html", title=N_("Machines"), page=page)


@routes.get("/api/admin/machines", action=Action.ADMINISTER_CONSORTIUM, answer=views.MachinesPage)
async def list_all(request: web.Request) -> web.Response:
    """The machines within reach."""
    return as_document(await in_read(request, views.make_machines, **_asked(request)))


@routes.post(
    "/api/admin/machines",
    action=Action.ADMINISTER_CONSORTIUM,
    body=MachineBody,
    answer=views.NewToken,
)
async def add(request: web.Request) -> web.Response:
    """Let a machine in; its token is said this once."""
    body = await parse_body(request, MachineBody)
    token = make_token()
    machine = await in_unit(
        request,
        machines.add_machine,
        institution_id=body.institution_id,
        name=body.name,
        rights=set(body.rights),
        token_hash=hash_token(token),
        expires_at=_end_of(body.until_on, zone_of(request)),
    )
    return as_document(views.NewToken(machine.id, token))


@routes.post(
    "/api/admin/machines/{machine_id}/revoke",
    action=Action.ADMINISTER_CONSORTIUM,
    answer=Moved,
)
async def revoke(request: web.Request) -> web.Response:
    """Shut a machine out."""
    await in_unit(request, machines.revoke_machine, machine_id=path_id(request, "machine_id"))
    return moved(_PAGE)


def _asked(request: web.Request) -> Asked:
    return {
        "tongue": language(request),
        "silent_after": request.app[RULES].images.cameras.silent_after,
    }


def _end_of(last: date | None, zone: str) -> datetime | None:
    """The end of its last day, as the administrator's institution reckons."""
    if last is None:
        return None
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone))
