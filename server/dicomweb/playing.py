"""A video's stream, given out piece by piece as a player asks for it (PS3.18 8.7.4)."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from aiohttp import hdrs, web

from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from imaging.places import Place
from imaging.video import HEAD_BYTES, container_of
from server.dicomweb.caching import mark, validator_of
from server.dicomweb.errors import NotAcceptableError
from server.dicomweb.finding import Found, successor_header
from server.dicomweb.multipart import send
from server.dicomweb.negotiation import accepted
from server.dicomweb.originals import opened
from server.dicomweb.ranges import find_range, tell_range
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, read_blob
from server.keys import JAIL
from server.requests import signed_in

MOST_AT_ONCE: Final = 8 << 20
"""Bytes of one answer to a range: a player that has enough for now holds no longer one open."""
_INERT: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


async def play(request: web.Request, found: Found) -> web.StreamResponse:
    """The range that is asked for, or its beginning where it is longer; `no-store`, as pictures.

    Raises NotAcceptableError: the client takes no video, or the object holds no stream.
    """
    pieces = await _pieces(request.app, found)
    head = (pieces[0][0], min(pieces[0][1], HEAD_BYTES))
    kind = container_of(
        await read_blob(
            request.app, found.instance.original, wrapped_key=found.wrapped_key, place=head
        )
    )
    if not {each.media.name for each in accepted(request)} & {kind, "video/*", "*/*"}:
        raise NotAcceptableError("picture-not-acceptable")
    size = sum(length for _, length in pieces)
    validator = validator_of(request, f"{found.instance.original.sha256} stream")
    asked = find_range(request, size, validator)
    start, stop = asked or (0, size)
    if asked is not None:
        stop = min(stop, start + MOST_AT_ONCE)
    actor = signed_in(request).actor
    request.app[IMAGERY].viewings.note_part(actor, found.instance, is_first=start == 0)
    response = web.StreamResponse(headers=_headers(kind) | successor_header(request, found))
    mark(response, validator)
    tell_range(response, start, stop, size)
    return await send(request, response, _read(request.app, found, pieces, start, stop))


def _headers(kind: str) -> dict[str, str]:
    return {
        hdrs.CONTENT_TYPE: kind,
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.CONTENT_DISPOSITION: "inline",
        hdrs.CONTENT_SECURITY_POLICY: _INERT,
    }


async def _pieces(app: web.Application, found: Found) -> Sequence[Place]:
    """Where the stream lies: as was told when the object came, else as the jail finds it."""
    if found.places is not None and found.places.stream:
        return found.places.stream
    original = found.instance.original
    plain_file = in_memory(app, original, wrapped_key=found.wrapped_key)
    async with app[IMAGERY].renders, plain_file as plain:
        try:
            told = await app[JAIL].run("stream", {}, inputs=[plain])
        except (JailRefusedError, JailCrashedError, JailTimedOutError):
            raise NotAcceptableError("picture-unreadable") from None
    pieces = [(int(at), int(length)) for at, length in told["stream"]]
    if not pieces:
        raise NotAcceptableError("picture-none")
    return pieces


async def _read(
    app: web.Application, found: Found, pieces: Sequence[Place], start: int, stop: int
) -> AsyncIterator[bytes | bytearray]:
    """The bytes of the stream from `start` until `stop`, wherever its pieces lie."""
    before = 0
    for at, length in pieces:
        first, last = max(start - before, 0), min(stop - before, length)
        before += length
        if first < last:
            place = at + first, last - first
            async for piece in opened(app, found.instance, key=found.wrapped_key, place=place):
                yield piece
