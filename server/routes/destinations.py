"""Administering where reports are sent by themselves."""

from typing import Annotated, TypedDict

from aiohttp import web
from pydantic import Field, StringConstraints

from consult.access.model import Action
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import (
    LONGEST_AUTHORITY,
    LONGEST_TOKEN,
    LONGEST_URL,
    Destination,
    DestinationForm,
    DispatchScope,
    DispatchWay,
)
from consult.reports.dispatches import service as dispatches
from server.auth.fields import Name, NothingBody, RevisionBody
from server.dispatching import network, stow
from server.doors import Routes
from server.forms import Body, Id, Line, parse_body
from server.i18n import N_
from server.keys import RULES, SETTINGS
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import destinations as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("destinations")
_PAGE = "/admin/destinations"
_ACTION = Action.ADMINISTER_INSTALLATION
_Secret = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TOKEN)]
_Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_URL)]
_Pem = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_AUTHORITY)]


class Asked(TypedDict):
    """In whose words, and whether and as whom we are on the DICOM network."""

    tongue: str
    title: str
    has_network: bool


class PlaceBody(Body):
    """Where objects go, and which; of a token that is left out the stored one stays."""

    name: Name
    scope: DispatchScope
    url: _Address = ""
    token: _Secret = Field("", repr=False)
    authority: _Pem = ""
    host: Line = ""
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] | None = None
    called: Line = ""
    calling: Line = ""
    over_tls: bool = False
    certificate: Line = ""
    is_on: bool = False


class DestinationBody(PlaceBody):
    """Another destination, whose it is, and by which way it is reached."""

    institution_id: Id
    way: DispatchWay


class ChangedBody(PlaceBody, RevisionBody):
    """A destination as it is to be, and the state of it that the page showed."""


class AgainBody(Body):
    """What is to be sent again: one dispatch, or everything that did not arrive."""

    dispatch_id: Id | None = None


@routes.get(_PAGE, action=_ACTION)
async def show_all(request: web.Request) -> web.Response:
    """The list, and the form for another."""
    page = await in_read(request, views.make_destinations, **_asked(request))
    title = N_("Where reports are sent")
    return await render(request, "admin/destinations.html", title=title, page=page)


@routes.get("/api/admin/destinations", action=_ACTION, answer=views.DestinationsPage)
async def list_all(request: web.Request) -> web.Response:
    """The list as JSON."""
    return as_document(await in_read(request, views.make_destinations, **_asked(request)))


@routes.post("/api/admin/destinations", action=_ACTION, body=DestinationBody, answer=Moved)
async def add(request: web.Request) -> web.Response:
    """Send reports there from now on."""
    body = await parse_body(request, DestinationBody)
    form = DestinationForm(**body.model_dump())
    most = request.app[RULES].dispatch.most_destinations
    made = await in_unit(request, destinations.add_destination, form=form, most=most)
    return moved(f"{_PAGE}/{made.id}")


@routes.get(_PAGE + "/{destination_id}", action=_ACTION)
async def show(request: web.Request) -> web.Response:
    """One destination: how its line is, what waits, what was refused."""
    page = await _one(request)
    return await render(request, "admin/destination.html", title=page.name, page=page)


@routes.get(
    "/api/admin/destinations/{destination_id}", action=_ACTION, answer=views.DestinationPage
)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    return as_document(await _one(request))


@routes.post(
    "/api/admin/destinations/{destination_id}", action=_ACTION, body=ChangedBody, answer=Moved
)
async def change(request: web.Request) -> web.Response:
    """Change where or what is sent."""
    body = await parse_body(request, ChangedBody)
    told = body.model_dump(exclude={"revision"})
    destination_id = path_id(request, "destination_id")
    await in_unit(
        request,
        dispatches.change_destination,
        destination_id=destination_id,
        form=DestinationForm(institution_id="", way=DispatchWay.STOW, **told),
        revision=body.revision,
    )
    return moved(f"{_PAGE}/{destination_id}")


@routes.post(
    "/api/admin/destinations/{destination_id}/remove",
    action=_ACTION,
    body=RevisionBody,
    answer=Moved,
)
async def remove(request: web.Request) -> web.Response:
    """Send nothing there any more."""
    body = await parse_body(request, RevisionBody)
    await in_unit(
        request,
        dispatches.remove_destination,
        destination_id=path_id(request, "destination_id"),
        revision=body.revision,
    )
    return moved(_PAGE)


@routes.post(
    "/api/admin/destinations/{destination_id}/try", action=_ACTION, body=NothingBody, answer=Moved
)
async def try_line(request: web.Request) -> web.Response:
    """Try the line; nothing is stored there."""
    await parse_body(request, NothingBody)
    destination_id = path_id(request, "destination_id")
    destination = await in_read(request, destinations.get_destination, destination_id)
    outcome = await _try(request, destination)
    await in_unit(
        request,
        dispatches.note_line_tried,
        destination_id=destination_id,
        outcome=outcome,
        works=outcome == stow.WORKS,
    )
    return moved(f"{_PAGE}/{destination_id}")


@routes.post(
    "/api/admin/destinations/{destination_id}/again", action=_ACTION, body=AgainBody, answer=Moved
)
async def again(request: web.Request) -> web.Response:
    """Try at once what did not arrive."""
    body = await parse_body(request, AgainBody)
    destination_id = path_id(request, "destination_id")
    await in_unit(
        request,
        dispatches.send_again,
        destination_id=destination_id,
        dispatch_id=body.dispatch_id,
    )
    return moved(f"{_PAGE}/{destination_id}")


async def _try(request: web.Request, destination: Destination) -> str:
    rules = request.app[RULES].dispatch
    if destination.way is DispatchWay.STORE:
        return await network.try_line(request.app, destination, rules)
    token = await in_read(request, destinations.token_of, destination.id)
    return await stow.try_line(destination, token, rules)


async def _one(request: web.Request) -> views.DestinationPage:
    destination_id = path_id(request, "destination_id")
    return await in_read(
        request, views.make_destination, destination_id=destination_id, **_asked(request)
    )


def _asked(request: web.Request) -> Asked:
    settings = request.app[SETTINGS]
    return {
        "tongue": language(request),
        "title": settings.dicom_title,
        "has_network": settings.dicom_port is not None,
    }
