"""What the versions of a case's report left in its studies as DICOM objects."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from server.doors import Routes
from server.requests import path_id
from server.transactions import in_read
from server.views import report_objects as views

routes = Routes("reports")


@routes.get(
    "/api/cases/{case_id}/report/objects",
    action=Action.SEE_REPORT,
    needs=(Action.SEE_NAME, Action.SEE_IMAGE),
    owns=ObjectType.CASE,
    answer=views.ObjectsAnswer,
)
async def index(request: web.Request) -> web.Response:
    """The objects with their addresses by DICOMweb."""
    found = await in_read(request, views.find, case_id=path_id(request, "case_id"))
    answer = views.ObjectsAnswer(objects=found.answers(request))
    return web.json_response(answer.model_dump())
