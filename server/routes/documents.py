"""Objects that show no picture, read as plain text; a file inside one leaves as a file alone."""

from typing import Any, Final

from aiohttp import hdrs, web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.dossiers import service as dossiers
from consult.kernel.errors import RefusedError
from consult.studies.model import Instance
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from imaging.video import MP4, TRANSPORT_STREAM
from server.doors import Routes
from server.errors import sentence
from server.i18n import N_
from server.images.downloads import export_reason, send_file
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, read_memory
from server.intake.spool import memory_files
from server.keys import JAIL
from server.pages import render
from server.requests import path_id, signed_in
from server.threads import in_thread
from server.transactions import in_read, in_unit
from server.views import documents as views

routes = Routes("documents")
_PLACE: Final = "/cases/{case_id}/images/{image_id}/document"
_READS: Final = {
    "action": Action.SEE_IMAGE,
    "needs": (Action.SEE_NAME,),  # what is written in a report may name the patient
    "owns": ObjectType.CASE,
}
_UNREADABLE: Final = (JailRefusedError, JailCrashedError, JailTimedOutError)
_ENDINGS: Final = {"application/pdf": "pdf", MP4: "mp4", TRANSPORT_STREAM: "ts"}
_SEALED_OFF: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


class DocumentAnswer(BaseModel):
    """What an object says."""

    title: str
    kind: str
    lines: list[tuple[int, str, str]]
    is_cut: bool
    media_type: str | None
    is_pdf: bool
    size_bytes: int


@routes.get(_PLACE, **_READS)
async def show(request: web.Request) -> web.Response:
    """The object as a page."""
    found = await _find(request)
    told = await _read(request, found.instance)
    return await render(
        request,
        "cases/document.html",
        title=N_("Stored document"),
        page=found,
        document=told,
        may_take=views.may_take(request),
    )


@routes.get(f"/api{_PLACE}", answer=DocumentAnswer, **_READS)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    told = await _read(request, (await _find(request)).instance)
    return web.json_response(told.model_dump())


@routes.get(
    f"/api{_PLACE}/file",
    action=Action.DOWNLOAD_ORIGINAL,
    needs=(Action.SEE_IMAGE, Action.SEE_NAME),
    owns=ObjectType.CASE,
    takes_out=True,
)
async def take(request: web.Request) -> web.StreamResponse:
    """The file inside, with a reason; a browser saves it and opens nothing."""
    instance = (await _find(request)).instance
    reason = export_reason(request)
    with memory_files(1) as outputs:
        async with request.app[IMAGERY].renders, in_memory(request.app, instance.original) as plain:
            try:
                told = await request.app[JAIL].run(
                    "document_file", {}, inputs=[plain], outputs=outputs
                )
            except _UNREADABLE:
                raise RefusedError("document-none") from None
        data = await in_thread(read_memory, outputs[0])
    await in_unit(
        request,
        dossiers.note_download,
        case_id=path_id(request, "case_id"),
        instance=instance,
        reason=reason,
    )
    kind = str(told["media_type"])
    return await send_file(
        request,
        [data],
        name=f"{instance.uids.sop_instance_uid}.{_ENDINGS.get(kind, 'bin')}",
        content_type=kind,
        more={hdrs.CONTENT_SECURITY_POLICY: _SEALED_OFF},
    )


async def _find(request: web.Request) -> views.DocumentPage:
    return await in_read(
        request,
        views.find,
        case_id=path_id(request, "case_id"),
        image_id=path_id(request, "image_id"),
    )


async def _read(request: web.Request, instance: Instance) -> DocumentAnswer:
    """What the jail reads; nothing where it cannot, with the reason as the title."""
    request.app[IMAGERY].viewings.note_read(signed_in(request).actor, [instance])
    told: dict[str, Any] = {"title": "", "lines": [], "is_cut": False}
    async with request.app[IMAGERY].renders, in_memory(request.app, instance.original) as plain:
        try:
            told = await request.app[JAIL].run("document", {}, inputs=[plain])
        except _UNREADABLE:
            told["title"] = sentence(request, "file-malformed", {})
    return DocumentAnswer(
        kind=views.kind_of(request, instance),
        media_type=told.get("media_type"),
        is_pdf=told.get("is_pdf", False),
        size_bytes=told.get("size_bytes", 0),
        title=told["title"],
        lines=told["lines"],
        is_cut=told["is_cut"],
    )
