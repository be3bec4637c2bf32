"""Files on their way in, by the tus protocol 1.0.0; PATCH, HEAD and DELETE also as POST (U13)."""

import asyncio
import os
from http import HTTPStatus
from typing import Final

from aiohttp import ClientPayloadError, StreamReader, hdrs, web

from consult.access.model import Action, ObjectType
from consult.cases.images import service as images
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import is_id
from consult.studies.uploads import service as uploads
from consult.studies.uploads.errors import UploadGoneError, WrongOffsetError
from consult.studies.uploads.model import Upload, UploadState
from server import tus
from server.doors import Routes
from server.forms import Body, Reason, parse_body
from server.imagery import IMAGERY
from server.keys import RULES, SETTINGS
from server.patience import Pace
from server.requests import path_id
from server.spool import write_at
from server.threads import in_thread
from server.transactions import in_read, in_unit
from server.views import upload_results as views
from server.views.sign_in import as_json

routes = Routes("uploads")
_CUT: Final = (ConnectionError, ClientPayloadError, asyncio.IncompleteReadError, TimeoutError)


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


@routes.post("/api/uploads", action=Action.PREPARE_CASE)
@tus.speaks_tus
async def create(request: web.Request) -> web.Response:
    """Begin an upload for a case (tus, creation)."""
    told = tus.parse_metadata(request.headers.get("Upload-Metadata", ""))
    case_id = told.get("case_id", "")
    if not is_id(case_id):
        raise NotFoundError
    upload = await in_unit(
        request,
        images.open_upload,
        case_id=case_id,
        size_bytes=tus.number_in(request, "Upload-Length"),
        file_name=tus.plain_name(told.get("filename", "")),
        modified_at=tus.parse_modified(told.get("last_modified")),
        limits=request.app[RULES].images.limits,
    )
    await in_thread(request.app[IMAGERY].spool.create, upload.id)
    headers = {hdrs.LOCATION: f"/api/uploads/{upload.id}"} | tus.offset_headers(upload)
    return web.Response(status=HTTPStatus.CREATED, headers=headers)


@routes.head("/api/uploads/{upload_id}", action=Action.PREPARE_CASE, owns=ObjectType.UPLOAD)
@tus.speaks_tus
async def tell_offset(request: web.Request) -> web.Response:
    """How many bytes are on the disk (tus, HEAD)."""
    return await _tell_offset(request)


@routes.patch("/api/uploads/{upload_id}", action=Action.PREPARE_CASE, owns=ObjectType.UPLOAD)
@tus.speaks_tus
async def receive(request: web.Request) -> web.Response:
    """Take a piece; what arrived before a cut is kept and acknowledged by the next HEAD."""
    return await _receive(request)


@routes.delete("/api/uploads/{upload_id}", action=Action.PREPARE_CASE, owns=ObjectType.UPLOAD)
@tus.speaks_tus
async def end(request: web.Request) -> web.Response:
    """Give an upload up (tus, termination)."""
    return await _end(request)


@routes.post("/api/uploads/{upload_id}", action=Action.PREPARE_CASE, owns=ObjectType.UPLOAD)
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
    upload = await in_read(request, uploads.get_upload, path_id(request, "upload_id"))
    if upload.state is UploadState.REFUSED and not upload.is_whole:
        raise UploadGoneError
    return upload


async def _tell_offset(request: web.Request) -> web.Response:
    upload = await _get_open(request)
    await request.app[IMAGERY].turns.end_older(upload.id)
    upload = await _get_open(request)
    return web.Response(headers=tus.offset_headers(upload))


async def _end(request: web.Request) -> web.Response:
    upload_id = path_id(request, "upload_id")
    await request.app[IMAGERY].turns.end_older(upload_id)
    await in_unit(request, uploads.end_upload, upload_id)
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
            upload = await _write(request, upload)
    headers = tus.offset_headers(upload)
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)


async def _write(request: web.Request, upload: Upload) -> Upload:
    """Put the body behind the stored bytes, and acknowledge what is on the disk."""
    try:
        descriptor = await in_thread(request.app[IMAGERY].spool.open, upload.id)
    except FileNotFoundError:
        raise UploadGoneError from None
    piece = _Piece(request, descriptor, upload)
    try:
        await piece.read()
    finally:
        # also when the line was cut or the server stops: what arrived is not sent again
        upload = await piece.keep()
    return upload


class _Piece:
    """One body on its way to the disk."""

    def __init__(self, request: web.Request, descriptor: int, upload: Upload) -> None:
        self._request, self._descriptor, self._upload = request, descriptor, upload
        self._end = upload.offset_bytes
        self._pace = Pace(
            patience_s=request.app[SETTINGS].patience_s,
            least_bytes_per_s=request.app[RULES].images.limits.least_bytes_per_s,
        )

    async def read(self) -> None:
        """Write the body until it ends, is cut, or is longer than it should be."""
        content = self._request.content
        try:
            while data := await self._next(content):
                room = self._upload.size_bytes - self._end
                await in_thread(write_at, self._descriptor, data[:room], self._end)
                self._end += min(len(data), room)
                if len(data) > room:
                    code = "upload-too-long"
                    raise tus.TusRefusedError(code, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except _CUT:
            return

    async def _next(self, content: StreamReader) -> bytes:
        """What has come; a line that stands still, or only drips, counts as cut."""
        async with self._pace.waiting():
            data = await content.readany()  # `read` would raise the line's share of memory
        self._pace.received_bytes += len(data)
        return data

    async def keep(self) -> Upload:
        """Bring the bytes to the disk, then acknowledge them."""
        try:
            await in_thread(os.fdatasync, self._descriptor)
        finally:
            os.close(self._descriptor)
        if self._end == self._upload.offset_bytes:
            return self._upload
        return await in_unit(
            self._request,
            uploads.advance_upload,
            self._upload.id,
            before=self._upload.offset_bytes,
            after=self._end,
        )
