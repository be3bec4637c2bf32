"""One piece of an upload on its way to the disk: what arrived is kept, whatever cuts the rest."""

import asyncio
import os
from http import HTTPStatus
from typing import Final

from aiohttp import ClientPayloadError, StreamReader, web

from consult.studies.uploads import service as uploads
from consult.studies.uploads.errors import UploadGoneError
from consult.studies.uploads.model import Upload
from server.images.imagery import IMAGERY
from server.intake import tus
from server.intake.spool import write_at
from server.keys import RULES, SETTINGS
from server.patience import Pace
from server.threads import in_thread
from server.transactions import in_unit

_CUT: Final = (ConnectionError, ClientPayloadError, asyncio.IncompleteReadError, TimeoutError)


async def write_piece(request: web.Request, upload: Upload) -> Upload:
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
        # `read` would raise the line's share of memory
        return await self._pace.wait(content.readany())

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
