"""Administering consortia: founding, members, lead hospital."""

from collections.abc import Callable

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.people.organisations import consortia
from server.auth.fields import Name
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import consortia as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("consortia")
_PAGE = "/admin/consortia"


class ConsortiumBody(Body):
    """A new consortium with its lead hospital."""

    name: Name
    name_en: Name | None = None
    lead_id: Id


class MemberBody(Body):
    """An institution."""

    institution_id: Id


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show_all(request: web.Request) -> web.Response:
    """The consortia within reach, and the form for another."""
    page = await in_read(request, views.make_consortia, tongue=language(request))
    return await render(request, "admin/consortia.html", title=N_("Consortia"), page=page)


@routes.get(
    "/admin/consortia/{consortium_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
)
async def show(request: web.Request) -> web.Response:
    """One consortium and its members."""
    consortium_id = path_id(request, "consortium_id")
    page = await in_read(
        request, views.make_consortium, tongue=language(request), consortium_id=consortium_id
    )
    return await render(request, "admin/consortium.html", title=N_("Consortium"), page=page)


@routes.get("/api/admin/consortia", action=Action.ADMINISTER_CONSORTIUM, answer=views.ConsortiaPage)
async def list_all(request: web.Request) -> web.Response:
    """The consortia within reach."""
    return as_document(await in_read(request, views.make_consortia, tongue=language(request)))


@routes.get(
    "/api/admin/consortia/{consortium_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
    answer=views.ConsortiumPage,
)
async def read(request: web.Request) -> web.Response:
    """One consortium and its members."""
    consortium_id = path_id(request, "consortium_id")
    page = await in_read(
        request, views.make_consortium, tongue=language(request), consortium_id=consortium_id
    )
    return as_document(page)


@routes.post(
    "/api/admin/consortia",
    action=Action.ADMINISTER_INSTALLATION,
    body=ConsortiumBody,
    answer=Moved,
)
async def add(request: web.Request) -> web.Response:
    """Found a consortium."""
    body = await parse_body(request, ConsortiumBody)
    made = await in_unit(
        request,
        consortia.add_consortium,
        name=body.name,
        name_en=body.name_en or "",
        lead_id=body.lead_id,
    )
    return moved(f"{_PAGE}/{made.id}")


@routes.post(
    "/api/admin/consortia/{consortium_id}/members",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
    body=MemberBody,
    answer=Moved,
)
async def add_member(request: web.Request) -> web.Response:
    """Take an institution into the consortium."""
    return await _do(request, consortia.add_member)


@routes.post(
    "/api/admin/consortia/{consortium_id}/lead",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
    body=MemberBody,
    answer=Moved,
)
async def set_lead(request: web.Request) -> web.Response:
    """Name another lead hospital."""
    return await _do(request, consortia.set_lead)


@routes.post(
    "/api/admin/consortia/{consortium_id}/members/end",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
    body=MemberBody,
    answer=Moved,
)
async def end_member(request: web.Request) -> web.Response:
    """An institution leaves the consortium."""
    return await _do(request, consortia.end_membership)


@routes.post(
    "/api/admin/consortia/{consortium_id}/overseers",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
    body=MemberBody,
    answer=Moved,
)
async def add_overseer(request: web.Request) -> web.Response:
    """Let an authority supervise the consortium."""
    return await _do(request, consortia.add_overseer)


@routes.post(
    "/api/admin/consortia/{consortium_id}/overseers/end",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.CONSORTIUM,
    body=MemberBody,
    answer=Moved,
)
async def end_overseer(request: web.Request) -> web.Response:
    """An authority supervises it no longer."""
    return await _do(request, consortia.end_overseer)


async def _do(request: web.Request, step: Callable[..., None]) -> web.Response:
    body = await parse_body(request, MemberBody)
    consortium_id = path_id(request, "consortium_id")
    await in_unit(request, step, consortium_id=consortium_id, institution_id=body.institution_id)
    return moved(f"{_PAGE}/{consortium_id}")
