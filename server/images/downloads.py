"""Files that leave the house: piece by piece, read in a thread, kept by no cache."""

from collections.abc import Iterable, Iterator, Mapping

from aiohttp import hdrs, web

from consult.blobs.store import BlobRef, open_range
from consult.dossiers.model import ExportReason
from consult.kernel.errors import RefusedError
from server.images.imagestore import wrapped_key_of
from server.keys import BLOBS, VAULT
from server.threads import in_thread


async def send_file(
    request: web.Request,
    pieces: Iterable[bytes],
    *,
    name: str,
    content_type: str,
    more: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Send pieces as a file; a damaged image ends the connection and never looks whole."""
    response = web.StreamResponse(
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_TYPE: content_type,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            **(more or {}),
        }
    )
    await response.prepare(request)
    rest = iter(pieces)
    while (piece := await in_thread(next, rest, None)) is not None:
        if piece:
            await response.write(piece)
    await response.write_eof()
    return response


def export_reason(request: web.Request) -> ExportReason:
    """Why something leaves, from the address; raises RefusedError."""
    text = request.query.get("reason", "")
    if not text:
        raise RefusedError("field-missing", field="reason")
    if text not in set(ExportReason):
        raise RefusedError("field-not-a-choice", field="reason")
    return ExportReason(text)


async def wrapped_keys(app: web.Application, blobs: Iterable[BlobRef]) -> Mapping[str, bytes]:
    """The wrapped key of each institution under whose key one of these blobs lies."""
    institutions = {blob.institution_id for blob in blobs}
    return {each: await wrapped_key_of(app, each) for each in sorted(institutions)}


def plain_pieces(app: web.Application, blob: BlobRef, keys: Mapping[str, bytes]) -> Iterator[bytes]:
    """The plain bytes of a blob, each piece checked before it is given out."""
    key = keys[blob.institution_id]
    return map(bytes, open_range(app[BLOBS], app[VAULT], blob, institution_key=key))
