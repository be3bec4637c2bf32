"""Marks leave the house as a drawing (SVG) or as data, frame by frame, with a reason."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action, ObjectType
from consult.annotations.frames import MarkedFrame, frame_json
from consult.annotations.model import Lesions
from consult.annotations.svg import MEDIA_TYPE, svg_of
from consult.kernel.errors import RefusedError
from consult.reports import marks_out
from server.doors import Routes
from server.i18n import N_
from server.images.downloads import export_reason, send_file
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views import marks_out as views

routes = Routes("marks_out")
_SEALED_OFF: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"
_NEEDS: Final = views.NEEDED[1:]
_FORMS: Final[Mapping[str, tuple[str, Callable[[MarkedFrame, Lesions], bytes]]]] = MappingProxyType(
    {
        "svg": (MEDIA_TYPE, svg_of),
        "json": ("application/json", lambda marked, _lesions: frame_json(marked)),
    }
)


@routes.get(
    "/cases/{case_id}/marks", action=Action.EXPORT_MARKS, needs=_NEEDS, owns=ObjectType.CASE
)
async def show(request: web.Request) -> web.Response:
    """Whose marks there are, by picture; of the reader's own each saving that is kept."""
    page = await in_unit(
        request,
        views.find,
        case_id=path_id(request, "case_id"),
        revision=request.query.get("revision", ""),
        second=request.app[RULES].second,
    )
    return await render(request, "cases/marks.html", title=N_("Marks on the pictures"), page=page)


@routes.get(
    "/api/cases/{case_id}/marks/export",
    action=Action.EXPORT_MARKS,
    needs=_NEEDS,
    owns=ObjectType.CASE,
    takes_out=True,
)
async def take(request: web.Request) -> web.StreamResponse:
    """The marks of one frame; a browser saves the file and runs nothing of it."""
    case_id = path_id(request, "case_id")
    case, source, marked = await in_read(
        request,
        marks_out.find_frame,
        case_id=case_id,
        asked=request.query,
        second=request.app[RULES].second,
    )
    form, reason = request.query.get("form", "svg"), export_reason(request)
    if form not in _FORMS:
        raise RefusedError("field-not-a-choice", field="form")
    media_type, make = _FORMS[form]
    data = make(marked, request.app[RULES].lesions)
    codes = {"form": form, "sha256": sha256(data).hexdigest(), "reason": reason.value}
    await in_unit(
        request,
        marks_out.note_export,
        case_id=case_id,
        source=source,
        marked=marked,
        codes=codes,
    )
    return await send_file(
        request,
        [data],
        name=f"{case.number}-{marked.image_id[-6:]}-{marked.frame}.{form}",
        content_type=media_type,
        more={hdrs.CONTENT_SECURITY_POLICY: _SEALED_OFF},
    )
