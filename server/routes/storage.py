"""Administering what is stored: read it back now, and bound what an institution keeps."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action
from consult.storage import service as storage
from consult.storage.model import PassName
from consult.studies.quotas import service as quotas
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language
from server.transactions import in_read, in_unit
from server.views import storage as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("storage")
_PAGE = "/admin/storage"
_ACTION = {"action": Action.ADMINISTER_INSTALLATION}


class QuotaBody(Body):
    """How much an institution may keep; nothing is no bound."""

    institution_id: Id
    most_gb: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | None = None
    most_instances: Annotated[int, Field(strict=True, ge=1, le=10_000_000_000)] | None = None


@routes.get(_PAGE, **_ACTION)
async def show(request: web.Request) -> web.Response:
    """How it stands."""
    page = await _page(request)
    return await render(request, "admin/storage.html", title=N_("Storage"), page=page)


@routes.get("/api/admin/storage", answer=views.StoragePage, **_ACTION)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    return as_document(await _page(request))


@routes.post("/api/admin/storage/scrub", answer=Moved, **_ACTION)
async def scrub(request: web.Request) -> web.Response:
    """Have everything read back now."""
    await in_unit(request, storage.ask_pass, name=PassName.SCRUB)
    return moved(_PAGE)


@routes.post("/api/admin/storage/quota", body=QuotaBody, answer=Moved, **_ACTION)
async def bound(request: web.Request) -> web.Response:
    """Bound what an institution keeps, or take the bound away."""
    body = await parse_body(request, QuotaBody)
    await in_unit(
        request,
        quotas.set_bounds,
        institution_id=body.institution_id,
        most_bytes=None if body.most_gb is None else body.most_gb * views.GB,
        most_instances=body.most_instances,
    )
    return moved(_PAGE)


async def _page(request: web.Request) -> views.StoragePage:
    return await in_read(
        request, views.make_storage, tongue=language(request), rules=request.app[RULES].storage
    )
