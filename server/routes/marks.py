"""What readers draw on the pictures of a case, and what the pixels in a shape are."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field, JsonValue, Strict

from consult.access.model import Action, ObjectType
from consult.annotations import service as annotations
from consult.annotations.model import AREAS
from consult.kernel.errors import RefusedError
from consult.reports import service_marks
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.doors import Routes
from server.forms import Body, parse_body
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory
from server.images.regions import region_wish
from server.keys import JAIL, RULES
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit
from server.views.marks import SheetAnswer, SheetsAnswer, StatisticsAnswer, sheets_as_json

routes = Routes("marks")
LARGEST_SHEET_BYTES: Final = 1 << 20
_SHOWN: Final = ("grey", "green")


class MarksBody(Body):
    """The whole sheet; `revision` is the one that the page has, 0 before the first.

    Its marks are read by the rules of marks, which name everything that is wrong at once.
    """

    revision: Annotated[int, Strict(), Field(ge=0, le=2**31 - 2)]
    marks: JsonValue = None
    key_images: JsonValue = None


class RegionBody(Body):
    """A shape whose pixels are asked for."""

    image_id: JsonValue = None
    frame: JsonValue = None
    tool: JsonValue = None
    points: JsonValue = None


@routes.get(
    "/api/cases/{case_id}/marks",
    action=Action.SEE_IMAGE,
    owns=ObjectType.CASE,
    answer=SheetsAnswer,
)
async def index(request: web.Request) -> web.Response:
    """The sheets of a case that the reader may see, her own first."""
    found = await in_read(
        request,
        service_marks.list_marks,
        case_id=path_id(request, "case_id"),
        second=request.app[RULES].second,
    )
    return web.json_response({"sheets": sheets_as_json(found)})


@routes.put(
    "/api/cases/{case_id}/marks",
    action=Action.WRITE_REPORT,
    needs=(Action.SEE_IMAGE,),
    owns=ObjectType.CASE,
    body=MarksBody,
    answer=SheetAnswer,
)
async def save(request: web.Request) -> web.Response:
    """Keep the reader's whole sheet in place of the revision that the page has."""
    body = await parse_body(request, MarksBody, most=LARGEST_SHEET_BYTES)
    saved = await in_unit(
        request,
        service_marks.save_marks,
        case_id=path_id(request, "case_id"),
        revision=body.revision,
        told=body.model_dump(exclude={"revision"}),
        lesions=request.app[RULES].lesions,
    )
    return web.json_response(sheets_as_json(saved)[0])


@routes.post(
    "/api/cases/{case_id}/marks/statistics",
    action=Action.SEE_IMAGE,
    owns=ObjectType.CASE,
    body=RegionBody,
    answer=StatisticsAnswer,
)
async def statistics(request: web.Request) -> web.Response:
    """The stored pixels in a shape, counted by the server: the value of record."""
    body = await parse_body(request, RegionBody)
    image, mark = await in_read(
        request,
        annotations.read_region,
        case_id=path_id(request, "case_id"),
        told=body.model_dump(),
        lesions=request.app[RULES].lesions,
    )
    if mark.tool not in AREAS:
        raise RefusedError("mark-no-area", field="tool")
    room, original = request.app[IMAGERY], image.instance.original
    room.viewings.note_read(signed_in(request).actor, [image.instance])
    async with room.renders, in_memory(request.app, original) as plain:
        try:
            told = await request.app[JAIL].run("measure", region_wish(mark), inputs=[plain])
        except JailRefusedError:
            raise RefusedError("picture-none", field="image_id") from None
        except (JailCrashedError, JailTimedOutError):
            raise RefusedError("picture-unreadable", field="image_id") from None
    return web.json_response(_answer(told))


def _answer(told: Mapping[str, Any]) -> dict[str, object]:
    """The numbers of the one channel that is read alone, and those of every channel beside it."""
    channels = told["channels"]
    shown = next(each for each in channels if each["channel"] in _SHOWN)
    if not told["pixels"] or shown["mean"] is None:
        raise RefusedError("mark-no-pixels", field="points")
    return StatisticsAnswer(
        **shown,
        pixels=told["pixels"],
        area_pixels=told["pixels"],
        area_mm2=told["area_mm2"],
        unit=told["unit"],
        channels=channels,
    ).model_dump()
