"""Administering institutions."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases import service_handover
from consult.people.organisations import consortia
from consult.people.organisations.model import DEFAULT_ZONE, Tier
from consult.people.organisations.service import NewInstitution
from server.auth.fields import Code, Name, Phone, RevisionBody, Zone
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import institutions as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("institutions")
_PAGE = "/admin/institutions"


class InstitutionBody(Body):
    """A new institution, and the consortium that it joins."""

    code: Code
    name: Name
    name_en: Name | None = None
    tier: Tier
    zone: Zone = DEFAULT_ZONE
    phone: Phone | None = None
    consortium_id: Id | None = None


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show(request: web.Request) -> web.Response:
    """The institutions within reach, and the form for another."""
    page = await in_read(request, views.make_institutions, tongue=language(request))
    return await render(request, "admin/institutions.html", title=N_("Institutions"), page=page)


@routes.get(
    "/api/admin/institutions", action=Action.ADMINISTER_CONSORTIUM, answer=views.InstitutionsPage
)
async def list_all(request: web.Request) -> web.Response:
    """The institutions within reach."""
    page = await in_read(request, views.make_institutions, tongue=language(request))
    return as_document(page)


@routes.post(
    "/api/admin/institutions",
    action=Action.ADMINISTER_CONSORTIUM,
    body=InstitutionBody,
    answer=Moved,
)
async def add(request: web.Request) -> web.Response:
    """Add an institution."""
    body = await parse_body(request, InstitutionBody)
    await in_unit(
        request,
        consortia.add_new_member,
        new=NewInstitution(
            code=body.code,
            name=body.name,
            name_en=body.name_en or "",
            tier=body.tier,
            zone=body.zone,
            phone=body.phone or "",
        ),
        consortium_id=body.consortium_id,
    )
    return moved(_PAGE)


@routes.post(
    "/api/admin/institutions/{institution_id}/stop",
    action=Action.ADMINISTER_INSTALLATION,
    owns=ObjectType.INSTITUTION,
    body=RevisionBody,
    answer=Moved,
)
async def stop(request: web.Request) -> web.Response:
    """Nobody acts for this institution from now on; first its cases are brought to their end."""
    body = await parse_body(request, RevisionBody)
    await in_unit(
        request,
        service_handover.stop_institution,
        institution_id=path_id(request, "institution_id"),
        revision=body.revision,
    )
    return moved(_PAGE)
