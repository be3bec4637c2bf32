"""Frames and bulk data of one object (PS3.18 10.4.1.1.3 and 10.4.1.1.5)."""

import os
import re
from collections.abc import Sequence
from typing import Final

from aiohttp import hdrs, web

from consult.kernel.errors import NotFoundError
from consult.studies.model import Instance
from imaging.places import Place
from server.dicomweb.addresses import OF_INSTITUTION, ROOT, instance_address, root_of
from server.dicomweb.caching import cache_headers, mark, validator_of
from server.dicomweb.errors import MalformedError, NotAcceptableError, TooLongError, speaks_dicomweb
from server.dicomweb.finding import Found, find_instance, successor_header
from server.dicomweb.leaving import LEAVES, record_leaving
from server.dicomweb.multipart import MultipartAnswer, Part, send
from server.dicomweb.negotiation import ANY, EXPLICIT_LE, Range, accepted
from server.dicomweb.originals import opened
from server.dicomweb.taking import Made, taken
from server.doors import Routes
from server.images.imagery import IMAGERY
from server.images.imagestore import memory_pieces
from server.prefix import path_of
from server.requests import signed_in

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
_MOST_FRAMES: Final = 1000
_PIXELS: Final = frozenset({"7FE00008", "7FE00009", "7FE00010"})


@routes.get(f"{ROOT}/{_INSTANCE}/frames/{{frame}}", name="frames.frames_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/{_INSTANCE}/frames/{{frame}}", **LEAVES)
@speaks_dicomweb
async def frames(request: web.Request) -> web.StreamResponse:
    """Frames by their numbers, coded as they are stored or decoded."""
    text = request.match_info["frame"]
    if _LIST.fullmatch(text) is None:
        raise NotFoundError
    numbers = text.split(",")
    if len(set(numbers)) < len(numbers):
        raise MalformedError
    found = await find_instance(request, with_places=True)
    pieces = _stored_places(found, [int(number) for number in numbers])
    if pieces is None:
        return await _frames(request, found, text)
    return await _from_store(request, found, pieces)


@routes.get(f"{ROOT}/{_INSTANCE}/bulkdata/{{tail}}", name="frames.bulk_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/{_INSTANCE}/bulkdata/{{tail}}", **LEAVES)
@speaks_dicomweb
async def bulk(request: web.Request) -> web.StreamResponse:
    """One long value that the metadata name; of coded pixels all their frames."""
    path = request.match_info["tail"].upper()
    found = await find_instance(request)
    description = found.instance.description
    if path in _PIXELS and description.transfer_syntax_uid not in _NATIVE:
        if description.frames > _MOST_FRAMES:
            raise TooLongError
        text = ",".join(str(n + 1) for n in range(description.frames))
        return await _frames(request, found, text)
    wish = _octets(accepted(request))
    async with taken(request.app, found, "bulk", {"path": path}) as (_, body):
        await record_leaving(request, [found.instance])
        made = Made(body, [os.fstat(body).st_size], _OCTETS)
        return await _give(request, found, made, is_single=wish.media.name == _OCTETS)


def _stored_places(found: Found, numbers: Sequence[int]) -> list[Place] | None:
    """Where the frames lie in the stored bytes; None where only the jail can take them out."""
    if found.places is None or found.places.stream:
        return None
    places = [found.places.frame(number) for number in numbers]
    if None in places:
        raise NotFoundError
    return [place for place in places if place is not None]


async def _from_store(
    request: web.Request, found: Found, places: Sequence[Place]
) -> web.StreamResponse:
    """Frames as they lie in the file, read by their places; decoded ones the jail makes."""
    instance = found.instance
    wish, kind = _form_of(instance, accepted(request))
    if _is_decoded(kind) and instance.description.transfer_syntax_uid not in _NATIVE:
        return await _frames(request, found, request.match_info["frame"])
    await record_leaving(request, [instance])
    _note(request, instance, len(places))
    if _is_single(wish, kind) and len(places) == 1:
        return await _single_stored(request, found, places[0], kind)
    where = instance_address(root_of(request), instance.uids)
    known = [Part(kind, where, length) for _, length in places]
    inner, headers = kind.partition(";")[0], successor_header(request, found)
    answer = MultipartAnswer(request, inner=inner, headers=headers, known=known)
    async with answer:
        for place in places:
            body = opened(request.app, instance, key=found.wrapped_key, place=place)
            await answer.part(kind, where, body)
    return answer.response


async def _single_stored(
    request: web.Request, found: Found, place: Place, kind: str
) -> web.StreamResponse:
    response = _begin_single(request, found, kind, place[1])
    body = opened(request.app, found.instance, key=found.wrapped_key, place=place)
    return await send(request, response, body)


async def _frames(request: web.Request, found: Found, text: str) -> web.StreamResponse:
    instance = found.instance
    wish, kind = _form_of(instance, accepted(request))
    params = {"frames": text, "as": "decoded" if _is_decoded(kind) else "stored"}
    async with taken(request.app, found, "frames", params) as (told, body):
        await record_leaving(request, [instance])
        _note(request, instance, len(told["lengths"]))
        made = Made(body, told["lengths"], kind)
        return await _give(request, found, made, is_single=_is_single(wish, kind))


def _note(request: web.Request, instance: Instance, count: int) -> None:
    actor = signed_in(request).actor
    for _ in range(count):
        request.app[IMAGERY].viewings.note(actor, instance, is_thumbnail=False)


def _is_single(wish: Range, kind: str) -> bool:
    return not wish.is_multipart and wish.media.name == kind.partition(";")[0]


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


async def _give(
    request: web.Request, found: Found, made: Made, *, is_single: bool
) -> web.StreamResponse:
    """Write out what lies in memory, once; several pieces are always parts."""
    if is_single and len(made.lengths) == 1:
        return await _single(request, found, made)
    place = instance_address(root_of(request), found.instance.uids)
    headers = successor_header(request, found)
    answer = MultipartAnswer(request, inner=made.kind.partition(";")[0], headers=headers)
    async with answer:
        at = 0
        for length in made.lengths:
            pieces = memory_pieces(made.descriptor, start=at, stop=at + length)
            await answer.part(made.kind, place, pieces)
            at += length
    return answer.response


async def _single(request: web.Request, found: Found, made: Made) -> web.StreamResponse:
    (length,) = made.lengths
    response = _begin_single(request, found, made.kind, length)
    return await send(request, response, memory_pieces(made.descriptor, start=0, stop=length))


def _begin_single(request: web.Request, found: Found, kind: str, length: int) -> web.StreamResponse:
    told = {hdrs.CONTENT_TYPE: kind, hdrs.CONTENT_DISPOSITION: "attachment"}
    headers = told | cache_headers(request) | successor_header(request, found)
    response = web.StreamResponse(headers=headers)
    text = f"{found.instance.original.sha256} {path_of(request)} {kind}"
    mark(response, validator_of(request, text))
    response.content_length = length
    return response
