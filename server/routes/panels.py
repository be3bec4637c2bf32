"""Administering expert panels."""

from collections.abc import Callable

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases import service_handover
from consult.cases.model import ServiceType
from consult.people.organisations import backups, panels
from server.auth.fields import Name, RevisionBody
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import panels as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("panels")
_PAGE = "/admin/panels"


class PanelBody(Body):
    """A new panel; the institution is the leader's."""

    consortium_id: Id
    institution_id: Id
    name: Name
    name_en: Name | None = None
    leader_id: Id
    member_ids: frozenset[Id] = frozenset()
    services: frozenset[ServiceType]


class PanelPersonBody(RevisionBody):
    """A person, and the state of the panel that the page showed."""

    practitioner_id: Id


class PanelBackupBody(RevisionBody):
    """The panel to which late cases go; none where it is left out."""

    backup_id: Id | None = None


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show_all(request: web.Request) -> web.Response:
    """The panels within reach; with an institution chosen, the form for another."""
    page = await in_read(
        request, views.make_panels, tongue=language(request), at=request.query.get("at")
    )
    return await render(request, "admin/panels.html", title=N_("Expert panels"), page=page)


@routes.get("/admin/panels/{panel_id}", action=Action.ADMINISTER_CONSORTIUM, owns=ObjectType.PANEL)
async def show(request: web.Request) -> web.Response:
    """One panel, its members and leader."""
    page = await in_read(
        request, views.make_panel, tongue=language(request), panel_id=path_id(request, "panel_id")
    )
    return await render(request, "admin/panel.html", title=N_("Expert panel"), page=page)


@routes.get("/api/admin/panels", action=Action.ADMINISTER_CONSORTIUM, answer=views.PanelsPage)
async def list_all(request: web.Request) -> web.Response:
    """The panels within reach; `at=consortium.institution` adds that institution's experts."""
    at = request.query.get("at")
    page = await in_read(request, views.make_panels, tongue=language(request), at=at)
    return as_document(page)


@routes.get(
    "/api/admin/panels/{panel_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PANEL,
    answer=views.PanelPage,
)
async def read(request: web.Request) -> web.Response:
    """One panel, its members and leader."""
    panel_id = path_id(request, "panel_id")
    page = await in_read(request, views.make_panel, tongue=language(request), panel_id=panel_id)
    return as_document(page)


@routes.post("/api/admin/panels", action=Action.ADMINISTER_CONSORTIUM, body=PanelBody, answer=Moved)
async def add(request: web.Request) -> web.Response:
    """Found a panel."""
    body = await parse_body(request, PanelBody)
    made = await in_unit(
        request,
        panels.add_panel,
        new=panels.NewPanel(
            consortium_id=body.consortium_id,
            institution_id=body.institution_id,
            name=body.name,
            name_en=body.name_en or "",
            leader_id=body.leader_id,
            member_ids=frozenset(body.member_ids),
            services=frozenset(body.services),
        ),
    )
    return moved(f"{_PAGE}/{made.id}")


@routes.post(
    "/api/admin/panels/{panel_id}/members",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PANEL,
    body=PanelPersonBody,
    answer=Moved,
)
async def add_member(request: web.Request) -> web.Response:
    """Take an expert into the panel."""
    return await _do(request, panels.add_panel_member)


@routes.post(
    "/api/admin/panels/{panel_id}/members/end",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PANEL,
    body=PanelPersonBody,
    answer=Moved,
)
async def end_member(request: web.Request) -> web.Response:
    """An expert leaves the panel."""
    return await _do(request, panels.end_panel_member)


@routes.post(
    "/api/admin/panels/{panel_id}/leader",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PANEL,
    body=PanelPersonBody,
    answer=Moved,
)
async def set_leader(request: web.Request) -> web.Response:
    """Name another leader."""
    return await _do(request, service_handover.set_panel_leader)


@routes.post(
    "/api/admin/panels/{panel_id}/backup",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PANEL,
    body=PanelBackupBody,
    answer=Moved,
)
async def set_backup(request: web.Request) -> web.Response:
    """Name the panel before which cases go that nobody took within the promised time."""
    body = await parse_body(request, PanelBackupBody)
    panel_id = path_id(request, "panel_id")
    await in_unit(
        request,
        backups.set_backup,
        panel_id=panel_id,
        revision=body.revision,
        backup_id=body.backup_id,
    )
    return moved(f"{_PAGE}/{panel_id}")


@routes.post(
    "/api/admin/panels/{panel_id}/stop",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PANEL,
    body=RevisionBody,
    answer=Moved,
)
async def stop(request: web.Request) -> web.Response:
    """No new case is sent to the panel."""
    body = await parse_body(request, RevisionBody)
    await in_unit(
        request,
        panels.stop_panel,
        panel_id=path_id(request, "panel_id"),
        revision=body.revision,
    )
    return moved(_PAGE)


async def _do(request: web.Request, step: Callable[..., None]) -> web.Response:
    body = await parse_body(request, PanelPersonBody)
    panel_id = path_id(request, "panel_id")
    await in_unit(
        request,
        step,
        panel_id=panel_id,
        revision=body.revision,
        practitioner_id=body.practitioner_id,
    )
    return moved(f"{_PAGE}/{panel_id}")
