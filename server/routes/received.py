"""Images that devices sent without a case, and how a person takes them into one."""

from datetime import datetime
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.cases.directions import service as directions
from consult.cases.images import service_assign
from consult.kernel.errors import ForbiddenError
from consult.kernel.work import Work
from consult.studies import conflicts
from consult.studies.deliveries import service as deliveries
from consult.studies.errors import ConflictSettledError
from consult.studies.model import Part
from consult.studies.waiting import service as waiting
from server.doors import Routes
from server.forms import Body, Id, Reason, parse_body
from server.i18n import N_
from server.images.imagery import IMAGERY
from server.images.imagestore import read_blob
from server.keys import RULES
from server.looks.looking import look_at_all
from server.moments import format_moment
from server.pages import render
from server.requests import language, path_id, query_page, signed_in
from server.transactions import in_read, in_unit
from server.views import received as views
from server.views.sign_in import Moved, as_document, moved

Page = TypeVar("Page", views.ReceivedList, views.ReceivedForCase)
routes = Routes("received")
_OWN = {"action": Action.PREPARE_CASE, "owns": ObjectType.CASE}


class AssignStudyBody(Body):
    """The study that is the banner's patient's."""

    study_id: Id


class TakePicturesBody(Body):
    """The pictures that are the banner's patient's."""

    upload_ids: Annotated[list[Id], Field(min_length=1, max_length=deliveries.MOST_LISTED)]


class DiscardPictureBody(Body):
    """A picture that is no patient's, and why it goes."""

    upload_id: Id
    reason: Reason


class PutAsideBody(Body):
    """A study that was sent in error, and why that is said."""

    study_id: Id
    reason: Reason


class SettleReceivedBody(Body):
    """A file that collides with a stored object, and why the stored one stays."""

    conflict_id: Id
    reason: Reason


@routes.get("/received", action=Action.PREPARE_CASE)
async def show(request: web.Request) -> web.Response:
    """What waits at the acting institution."""
    page = await _list(request)
    return await _render(request, "received/list.html", page)


@routes.get("/api/received", action=Action.PREPARE_CASE, answer=views.ReceivedList)
async def index(request: web.Request) -> web.Response:
    """The same as JSON."""
    return as_document(await _list(request))


@routes.get("/cases/{case_id}/received", **_OWN)
async def choose(request: web.Request) -> web.Response:
    """The same below the banner of a patient."""
    case_id, number = path_id(request, "case_id"), query_page(request)
    found = await in_unit(request, views.make_for_case, case_id, page=number)
    page = _noted(request, found)
    return await _render(request, "received/choose.html", page)


@routes.post("/api/cases/{case_id}/received", body=AssignStudyBody, answer=Moved, **_OWN)
async def assign(request: web.Request) -> web.Response:
    """Take a study into the case of the patient in the banner."""
    body = await parse_body(request, AssignStudyBody)
    case_id = path_id(request, "case_id")
    told = {"case_id": case_id, "study_id": body.study_id}
    await look_at_all(request.app, await in_read(request, service_assign.list_waiting, **told))
    await in_unit(
        request,
        service_assign.assign_study,
        case_id=case_id,
        study_id=body.study_id,
        rules=request.app[RULES].images.rules,
    )
    return moved(f"/cases/{case_id}")


@routes.post("/api/cases/{case_id}/pictures", body=TakePicturesBody, answer=Moved, **_OWN)
async def take_pictures(request: web.Request) -> web.Response:
    """Take pictures of a camera into the case of the patient in the banner."""
    body = await parse_body(request, TakePicturesBody)
    case_id = path_id(request, "case_id")
    await in_unit(request, directions.take_pictures, case_id=case_id, upload_ids=body.upload_ids)
    return moved(f"/cases/{case_id}")


@routes.post(
    "/api/received/pictures/discard",
    action=Action.PREPARE_CASE,
    body=DiscardPictureBody,
    answer=Moved,
)
async def discard(request: web.Request) -> web.Response:
    """Let a picture go that is no patient's."""
    body = await parse_body(request, DiscardPictureBody)
    await in_unit(request, deliveries.discard_picture, body.upload_id, reason=body.reason)
    return moved("/received")


@routes.get("/api/uploads/{upload_id}/picture", action=Action.PREPARE_CASE, owns=ObjectType.UPLOAD)
async def show_picture(request: web.Request) -> web.Response:
    """The small picture of what waits."""
    blobs = await in_read(request, deliveries.blobs_of, path_id(request, "upload_id"))
    if Part.THUMBNAIL not in blobs:
        raise ForbiddenError("picture-none")
    picture = await read_blob(request.app, blobs[Part.THUMBNAIL])
    return web.Response(body=picture, content_type="image/jpeg")


@routes.post(
    "/api/received/conflicts/settle",
    action=Action.PREPARE_CASE,
    body=SettleReceivedBody,
    answer=Moved,
)
async def settle(request: web.Request) -> web.Response:
    """Keep the stored object; both hashes stay written."""
    body = await parse_body(request, SettleReceivedBody)
    await in_unit(request, _settle, conflict_id=body.conflict_id, reason=body.reason)
    return moved("/received")


@routes.post("/api/received/aside", action=Action.PREPARE_CASE, body=PutAsideBody, answer=Moved)
async def put_aside(request: web.Request) -> web.Response:
    """Put a study aside that was sent in error."""
    body = await parse_body(request, PutAsideBody)
    await in_unit(request, waiting.put_aside, study_id=body.study_id, reason=body.reason)
    return moved("/received")


@routes.post("/api/received/back", action=Action.PREPARE_CASE, body=AssignStudyBody, answer=Moved)
async def take_back(request: web.Request) -> web.Response:
    """Let it wait again."""
    body = await parse_body(request, AssignStudyBody)
    await in_unit(request, waiting.take_back, study_id=body.study_id)
    return moved("/received")


async def _list(request: web.Request) -> views.ReceivedList:
    rules, tongue, page = request.app[RULES].storage, language(request), query_page(request)
    return _noted(
        request, await in_read(request, views.make_list, rules=rules, tongue=tongue, page=page)
    )


def _noted(request: web.Request, page: Page) -> Page:
    """The list names patients that nobody has said to be ours: who was shown it is written down."""
    found = len(page.rows) + len(page.pictures)
    request.app[IMAGERY].searches.note(
        signed_in(request).actor, way="page", level="received", found=found
    )
    return page


def _settle(work: Work, *, conflict_id: str, reason: str) -> None:
    if conflict_id not in {each.id for each in conflicts.list_received_conflicts(work)}:
        raise ConflictSettledError
    conflicts.settle_received(work, conflict_id=conflict_id, reason=reason)


async def _render(
    request: web.Request, template: str, page: views.ReceivedList | views.ReceivedForCase
) -> web.Response:
    tongue = language(request)
    return await render(
        request,
        template,
        title=N_("Received images"),
        page=page,
        moment=lambda at: format_moment(
            datetime.fromisoformat(at), zone=page.zone, language=tongue
        ),
    )
