"""Frames and bulk data of one object (PS3.18 10.4.1.1.3 and 10.4.1.1.5)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from aiohttp import hdrs, web

from consult.kernel.errors import NotFoundError
from consult.studies.model import Instance
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, Refusal
from server.dicomweb.addresses import OF_INSTITUTION, ROOT, instance_address, root_of
from server.dicomweb.caching import cache_headers, mark, validator_of
from server.dicomweb.errors import NotAcceptableError, speaks_dicomweb
from server.dicomweb.finding import find_instance, successor_header
from server.dicomweb.leaving import LEAVES, record_leaving
from server.dicomweb.multipart import MultipartAnswer, whole
from server.dicomweb.negotiation import ANY, EXPLICIT_LE, Range, accepted
from server.doors import Routes
from server.imagery import IMAGERY
from server.imagestore import in_memory, read_memory
from server.keys import JAIL
from server.prefix import path_of
from server.requests import signed_in
from server.spool import memory_files
from server.threads import in_thread

routes = Routes("frames")
_INSTANCE: Final = "studies/{study}/series/{series}/instances/{instance}"
_OCTETS: Final = "application/octet-stream"
_NATIVE: Final = frozenset({"1.2.840.10008.1.2", EXPLICIT_LE, "1.2.840.10008.1.2.1.99"})
_MEDIA_OF: Final = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}
"""The media type of coded frames (PS3.18 table 8.7.3-5)."""
_LIST: Final = re.compile(r"[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,999}")
_PIXELS: Final = frozenset({"7FE00008", "7FE00009", "7FE00010"})


@routes.get(f"{ROOT}/{_INSTANCE}/frames/{{frame}}", name="frames.frames_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/{_INSTANCE}/frames/{{frame}}", **LEAVES)
@speaks_dicomweb
async def frames(request: web.Request) -> web.StreamResponse:
    """Frames by their numbers, coded as they are stored or decoded."""
    text = request.match_info["frame"]
    if _LIST.fullmatch(text) is None:
        raise NotFoundError
    return await _frames(request, text)


@routes.get(f"{ROOT}/{_INSTANCE}/bulkdata/{{tail}}", name="frames.bulk_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/{_INSTANCE}/bulkdata/{{tail}}", **LEAVES)
@speaks_dicomweb
async def bulk(request: web.Request) -> web.StreamResponse:
    """One long value that the metadata name; the pixels are all their frames."""
    path = request.match_info["tail"].upper()
    if path in _PIXELS:
        return await _frames(request, None)
    wish = _octets(accepted(request))
    found = await find_instance(request)
    _, body = await _taken(request.app, found.instance, "bulk", {"path": path})
    await record_leaving(request, [found.instance])
    headers = successor_header(request, found)
    if wish.media.name == _OCTETS:
        return _single(request, found.instance, body, _OCTETS, headers)
    return await _parts(request, found.instance, [body], _OCTETS, headers)


async def _frames(request: web.Request, text: str | None) -> web.StreamResponse:
    found = await find_instance(request)
    instance = found.instance
    if text is None:
        text = ",".join(str(n + 1) for n in range(min(instance.description.frames, 1000)))
    wish, kind = _form_of(instance, accepted(request))
    params = {"frames": text, "as": "decoded" if _is_decoded(kind) else "stored"}
    told, body = await _taken(request.app, instance, "frames", params)
    await record_leaving(request, [instance])
    for _ in told["lengths"]:
        actor = signed_in(request).actor
        request.app[IMAGERY].viewings.note(actor, instance, is_thumbnail=False)
    headers = successor_header(request, found)
    pieces = list(_cut(body, told["lengths"]))
    if not wish.is_multipart and wish.media.name == kind.partition(";")[0] and len(pieces) == 1:
        return _single(request, instance, pieces[0], kind, headers)
    return await _parts(request, instance, pieces, kind, headers)


def _form_of(instance: Instance, ranges: Sequence[Range]) -> tuple[Range, str]:
    """What the client takes first, and the content type of each frame.

    Raises NotAcceptableError.
    """
    stored = instance.description.transfer_syntax_uid
    media = _MEDIA_OF.get(stored)
    native = f"{_OCTETS}; transfer-syntax={EXPLICIT_LE}"
    for each in ranges:
        is_any = each.syntax in {None, ANY, stored}
        if each.inner in {media, "image/*"} and media is not None and is_any:
            return each, f"{media}; transfer-syntax={stored}"
        if each.inner not in {_OCTETS, "application/*", "*/*"}:
            continue
        if stored not in _NATIVE and each.syntax in {ANY, stored}:
            return each, f"{media or _OCTETS}; transfer-syntax={stored}"
        if each.syntax in {None, ANY, EXPLICIT_LE}:
            return each, native
    raise NotAcceptableError


def _is_decoded(kind: str) -> bool:
    return kind.endswith(f"={EXPLICIT_LE}")


def _octets(ranges: Sequence[Range]) -> Range:
    for each in ranges:
        if each.inner in {_OCTETS, "application/*", "*/*"}:
            return each
    raise NotAcceptableError


async def _taken(
    app: web.Application, instance: Instance, job: str, params: dict[str, str]
) -> tuple[dict[str, Any], bytes]:
    """What the jail takes out of the stored bytes."""
    async with app[IMAGERY].renders, in_memory(app, instance.original) as plain:
        with memory_files(1) as outputs:
            try:
                told = await app[JAIL].run(job, params, inputs=[plain], outputs=outputs)
            except JailRefusedError as error:
                if error.reason == Refusal.NO_SUCH_FRAME:
                    raise NotFoundError from None
                raise NotAcceptableError("picture-none") from None
            except (JailCrashedError, JailTimedOutError):
                raise NotAcceptableError("picture-unreadable") from None
            return told, await in_thread(read_memory, outputs[0])


def _cut(body: bytes, lengths: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for length in lengths:
        yield body[at : at + length]
        at += length


def _single(
    request: web.Request, instance: Instance, body: bytes, kind: str, headers: dict[str, str]
) -> web.Response:
    told = {hdrs.CONTENT_TYPE: kind, hdrs.CONTENT_DISPOSITION: "attachment"}
    response = web.Response(body=body, headers=told | cache_headers(request) | headers)
    mark(response, validator_of(request, f"{instance.original.sha256} {path_of(request)} {kind}"))
    return response


async def _parts(
    request: web.Request,
    instance: Instance,
    pieces: Sequence[bytes],
    kind: str,
    headers: dict[str, str],
) -> web.StreamResponse:
    inner = kind.partition(";")[0]
    place = instance_address(root_of(request), instance.uids)
    answer = MultipartAnswer(request, inner=inner, headers=headers)
    async with answer:
        for piece in pieces:
            await answer.part(kind, place, whole(piece))
    return answer.response
