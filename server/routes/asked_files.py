"""Files that are known under another patient, and are not this one's."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.cases.images import service_asked
from consult.studies.uploads.service import MOST_LISTED
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.images.imagery import IMAGERY
from server.keys import RULES
from server.requests import path_id
from server.threads import in_thread
from server.transactions import in_read, in_unit
from server.views import case_images as views
from server.views.image_views import CaseImagesView
from server.views.sign_in import as_json

routes = Routes("asked_files")


class LeftOutBody(Body):
    """Which of the files that are asked about do not belong to this patient."""

    upload_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_LISTED)]


@routes.post(
    "/api/cases/{case_id}/images/asked/leave-out",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=LeftOutBody,
    answer=CaseImagesView,
)
async def leave_out(request: web.Request) -> web.Response:
    """Leave out what was dropped on the wrong row; the other patient's pictures stay hers."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, LeftOutBody)
    ended = await in_unit(request, service_asked.leave_out, case_id, upload_ids=body.upload_ids)
    for upload_id in ended:
        await in_thread(request.app[IMAGERY].spool.remove, upload_id)
    found = await in_read(request, views.gather, case_id, rules=request.app[RULES])
    return as_json(views.of_set(request, found))
