"""Administering who of the DICOM network may come in."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action
from consult.studies.peers import service as peers
from consult.studies.peers.model import Charset, PeerForm
from server.doors import Routes
from server.forms import Body, Id, Line, parse_body
from server.i18n import N_
from server.keys import SETTINGS
from server.pages import render
from server.requests import language
from server.transactions import in_read, in_unit
from server.views import devices as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("devices")
_PAGE = "/admin/devices"


class DeviceBody(Body):
    """A machine, whose it is, and what it may do."""

    institution_id: Id
    title: Line
    network: Line = ""
    host: Line = ""
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] | None = None
    may_store: bool = False
    may_query: bool = False
    charset: Charset = Charset.UTF_8
    over_tls: bool = False
    certificate: Line = ""


class RemoveDeviceBody(Body):
    """The machine that is let in no more."""

    peer_id: Id


@routes.get(_PAGE, action=Action.ADMINISTER_INSTALLATION)
async def show(request: web.Request) -> web.Response:
    """The list, and the form for another."""
    page = await _page(request)
    return await render(request, "admin/devices.html", title=N_("DICOM devices"), page=page)


@routes.get("/api/admin/devices", action=Action.ADMINISTER_INSTALLATION, answer=views.DevicesPage)
async def list_all(request: web.Request) -> web.Response:
    """The list as JSON."""
    return as_document(await _page(request))


@routes.post(
    "/api/admin/devices", action=Action.ADMINISTER_INSTALLATION, body=DeviceBody, answer=Moved
)
async def add(request: web.Request) -> web.Response:
    """Let a machine in."""
    body = await parse_body(request, DeviceBody)
    form = PeerForm(
        institution_id=body.institution_id,
        title=body.title,
        network=body.network,
        host=body.host,
        port=body.port,
        may_store=body.may_store,
        may_query=body.may_query,
        charset=body.charset,
        over_tls=body.over_tls,
        certificate=body.certificate,
    )
    await in_unit(request, peers.add_peer, form=form)
    return moved(_PAGE)


@routes.post(
    "/api/admin/devices/remove",
    action=Action.ADMINISTER_INSTALLATION,
    body=RemoveDeviceBody,
    answer=Moved,
)
async def remove(request: web.Request) -> web.Response:
    """Let it in no more."""
    body = await parse_body(request, RemoveDeviceBody)
    await in_unit(request, peers.remove_peer, body.peer_id)
    return moved(_PAGE)


async def _page(request: web.Request) -> views.DevicesPage:
    settings = request.app[SETTINGS]
    return await in_read(
        request,
        views.make_devices,
        tongue=language(request),
        title=settings.dicom_title,
        port=settings.dicom_port,
        asks_certificates=settings.dicom_ca is not None,
    )
