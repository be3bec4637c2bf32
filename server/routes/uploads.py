"""Files on their way in, by the tus protocol 1.0.0; PATCH, HEAD and DELETE also as POST (U13)."""

import contextlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action, ObjectType
from consult.cases.images import service as images
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import is_id
from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.studies.deliveries import service as deliveries
from consult.studies.uploads import service as uploads
from consult.studies.uploads.errors import UploadGoneError, WrongOffsetError
from consult.studies.uploads.model import NewUpload, Upload, UploadState
from server.doors import Routes
from server.forms import Body, Reason, parse_body
from server.images.imagery import IMAGERY
from server.intake import tus
from server.intake.pieces import write_piece
from server.keys import RULES
from server.requests import path_id, signed_in
from server.threads import in_thread
from server.transactions import in_read, in_unit, utc_now
from server.views import upload_results as views
from server.views.sign_in import as_json

routes = Routes("uploads")
_PIECES: Final = {
    "action": Action.PREPARE_CASE,
    "right": Right.SEND_PICTURES,
    "owns": ObjectType.UPLOAD,
}


class AnswerBody(Body):
    """Why a file that lies under another patient belongs here all the same."""

    reason: Reason


@routes.options("/api/uploads", action=Action.PREPARE_CASE)
async def discover(request: web.Request) -> web.Response:
    """What this server can do (tus, OPTIONS)."""
    return web.Response(
        status=HTTPStatus.NO_CONTENT,
        headers={
            "Tus-Resumable": tus.VERSION,
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(request.app[RULES].images.limits.largest_file_bytes),
        },
    )


@routes.post("/api/uploads", action=Action.PREPARE_CASE, right=Right.SEND_PICTURES)
@tus.speaks_tus
async def create(request: web.Request) -> web.Response:
    """Begin an upload for a case, or of a camera's computer for nobody yet (tus, creation)."""
    told = tus.parse_metadata(request.headers.get("Upload-Metadata", ""))
    opening = _open_delivery if signed_in(request).is_machine else _open_for_case
    upload = await opening(request, told)
    if upload.state is UploadState.RECEIVING and not upload.offset_bytes:
        with contextlib.suppress(FileExistsError):  # the sender asks again for what it has begun
            await in_thread(request.app[IMAGERY].spool.create, upload.id)
    headers = {hdrs.LOCATION: f"/api/uploads/{upload.id}"} | tus.offset_headers(upload)
    return web.Response(status=HTTPStatus.CREATED, headers=headers)


async def _open_for_case(request: web.Request, told: Mapping[str, str]) -> Upload:
    case_id, key = told.get("case_id", ""), told.get("key", "")
    if not is_id(case_id):
        raise NotFoundError
    return await in_unit(
        request,
        images.open_upload,
        NewUpload(
            file_name=tus.plain_name(told.get("filename", "")),
            size_bytes=tus.number_in(request, "Upload-Length"),
            modified_at=tus.parse_modified(told.get("last_modified")),
            key=key if is_id(key) else None,
        ),
        case_id=case_id,
        limits=request.app[RULES].images.limits,
    )


async def _open_delivery(request: web.Request, told: Mapping[str, str]) -> Upload:
    return await in_unit(
        request,
        deliveries.open_delivery,
        tus.parse_delivery(told, size_bytes=tus.number_in(request, "Upload-Length"), now=utc_now()),
        limits=request.app[RULES].images.limits,
    )


@routes.head("/api/uploads/{upload_id}", **_PIECES)
@tus.speaks_tus
async def tell_offset(request: web.Request) -> web.Response:
    """How many bytes are on the disk (tus, HEAD)."""
    return await _tell_offset(request)


@routes.patch("/api/uploads/{upload_id}", **_PIECES)
@tus.speaks_tus
async def receive(request: web.Request) -> web.Response:
    """Take a piece; what arrived before a cut is kept and acknowledged by the next HEAD."""
    return await _receive(request)


@routes.delete("/api/uploads/{upload_id}", action=Action.PREPARE_CASE, owns=ObjectType.UPLOAD)
@tus.speaks_tus
async def end(request: web.Request) -> web.Response:
    """Give an upload up (tus, termination)."""
    return await _end(request)


@routes.post("/api/uploads/{upload_id}", **_PIECES)
@tus.speaks_tus
async def act_by_override(request: web.Request) -> web.Response:
    """PATCH, HEAD and DELETE where only GET and POST come through (tus, method override)."""
    method = request.headers.get(tus.OVERRIDE, "").upper()
    if method == hdrs.METH_PATCH:
        return await _receive(request)
    if method == hdrs.METH_HEAD:
        return await _tell_offset(request)
    if method == hdrs.METH_DELETE:
        return await _end(request)
    raise tus.TusRefusedError("method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED)


@routes.get(
    "/api/uploads/{upload_id}/result",
    action=Action.PREPARE_CASE,
    owns=ObjectType.UPLOAD,
    answer=views.UploadResult,
)
async def show_result(request: web.Request) -> web.Response:
    """What became of the file, or of each file of an archive."""
    upload = await in_read(request, uploads.get_upload, path_id(request, "upload_id"))
    return as_json(views.of_upload(request, upload))


@routes.post(
    "/api/uploads/{upload_id}/answer",
    action=Action.PREPARE_CASE,
    owns=ObjectType.UPLOAD,
    body=AnswerBody,
    answer=views.UploadResult,
)
async def answer(request: web.Request) -> web.Response:
    """Say why the same picture belongs to this patient too."""
    upload_id = path_id(request, "upload_id")
    body = await parse_body(request, AnswerBody)
    upload = await in_unit(request, uploads.answer_upload, upload_id, reason=body.reason)
    return as_json(views.of_upload(request, upload))


async def _get_open(request: web.Request) -> Upload:
    """The upload of the path, as long as it exists for the protocol."""
    upload = await in_read(request, _get_sent, path_id(request, "upload_id"))
    if upload.state is UploadState.REFUSED and not upload.is_whole:
        raise UploadGoneError
    return upload


def _get_sent(work: Work, upload_id: str) -> Upload:
    """An upload of the person's institution, or one that the machine itself sends."""
    upload = uploads.get_upload(work, upload_id)
    deliveries.require_sender(work, upload_id)
    return upload


def _end_own(work: Work, upload_id: str) -> None:
    """What a camera's computer sent is let go on /received, with a reason."""
    deliveries.require_sender(work, upload_id)
    if deliveries.find_delivery(work, upload_id) is not None:
        raise UploadGoneError
    uploads.end_upload(work, upload_id)


async def _tell_offset(request: web.Request) -> web.Response:
    upload = await _get_open(request)
    await request.app[IMAGERY].turns.end_older(upload.id)
    upload = await _get_open(request)
    return web.Response(headers=tus.offset_headers(upload))


async def _end(request: web.Request) -> web.Response:
    upload_id = path_id(request, "upload_id")
    await request.app[IMAGERY].turns.end_older(upload_id)
    await in_unit(request, _end_own, upload_id)
    await in_thread(request.app[IMAGERY].spool.remove, upload_id)
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def _receive(request: web.Request) -> web.Response:
    tus.require_piece(request)
    offset = tus.number_in(request, "Upload-Offset")
    upload = await _get_open(request)
    async with request.app[IMAGERY].turns.take(upload.id, request.transport):
        upload = await _get_open(request)
        if offset != upload.offset_bytes:
            raise WrongOffsetError(upload.offset_bytes)
        room = upload.size_bytes - offset
        if request.content_length is not None and request.content_length > room:
            raise tus.TusRefusedError("upload-too-long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if upload.state is UploadState.RECEIVING and room:
            upload = await write_piece(request, upload)
    headers = tus.offset_headers(upload)
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)
