"""A photograph that is kept against the advice of the automatic check."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases.images.model import KeepReason
from consult.cases.images.service_keep import keep_image
from server.doors import Routes
from server.forms import Body, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views import case_images as views
from server.views.image_views import CaseImagesView
from server.views.sign_in import as_json

routes = Routes("kept_images")


class KeepBody(Body):
    """Why the photograph stays; nothing takes it back."""

    reason: KeepReason | None = None


@routes.post(
    "/api/cases/{case_id}/images/{image_id}/keep",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=KeepBody,
    answer=CaseImagesView,
)
async def keep(request: web.Request) -> web.Response:
    """Say why it stays, or take that back."""
    body = await parse_body(request, KeepBody)
    case_id, image_id = path_id(request, "case_id"), path_id(request, "image_id")
    await in_unit(request, keep_image, case_id, image_id=image_id, reason=body.reason)
    found = await in_read(request, views.gather, case_id, rules=request.app[RULES])
    return as_json(views.of_set(request, found))
