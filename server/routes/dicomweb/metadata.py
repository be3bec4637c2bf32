"""What objects say, as DICOM JSON without their bulk data (PS3.18 10.4.1.1.2)."""

import zlib
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.studies import retrieval
from consult.studies.model import Instance
from consult.studies.retrieval import Described
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.dicomweb.addresses import (
    IN_SERIES,
    OF_INSTITUTION,
    ROOT,
    code_in,
    find_uid,
    instance_address,
    institution_of,
    root_of,
    uid_in,
)
from server.dicomweb.caching import cache_headers, is_held, mark, validator_of
from server.dicomweb.errors import speaks_dicomweb
from server.dicomweb.finding import find_instance, readable, successor_header
from server.dicomweb.json_answers import DICOM_JSON, require_json
from server.dicomweb.multipart import send
from server.doors import Routes
from server.images.imagery import IMAGERY
from server.looks.describing import describe_whole
from server.requests import signed_in
from server.threads import in_thread
from server.transactions import in_glance

log = structlog.get_logger()
routes = Routes("metadata")
_OPTIONS: Final = {
    "action": Action.SEE_IMAGE,
    "needs": (Action.SEE_NAME,),
    "right": Right.READ_IMAGES,
}
_RELATIVE: Final = b'"BulkDataURI":"bulkdata/'
_LONGEST: Final = 64 << 20
_PAGE: Final = 20
_LONGEST_HELD: Final = 1 << 20
_LONGEST_SHORT: Final = 1 << 20
_LONGEST_KEPT: Final = 1 << 18


@routes.get(f"{ROOT}/studies/{{study}}/metadata", name="metadata.study_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/studies/{{study}}/metadata", **_OPTIONS)
@speaks_dicomweb
async def study(request: web.Request) -> web.StreamResponse:
    """What every object of a study says."""
    return await _many(request)


@routes.get(f"{ROOT}/{IN_SERIES}/metadata", name="metadata.series_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{IN_SERIES}/metadata", **_OPTIONS)
@speaks_dicomweb
async def series(request: web.Request) -> web.StreamResponse:
    """What every object of a series says."""
    return await _many(request)


@routes.get(
    f"{ROOT}/{IN_SERIES}/instances/{{instance}}/metadata",
    name="metadata.instance_acting",
    **_OPTIONS,
)
@routes.get(f"{OF_INSTITUTION}/{IN_SERIES}/instances/{{instance}}/metadata", **_OPTIONS)
@speaks_dicomweb
async def instance(request: web.Request) -> web.StreamResponse:
    """What one object says."""
    require_json(request)
    found = await find_instance(request)
    return await _give(request, [found.instance], successor_header(request, found))


async def _many(request: web.Request) -> web.StreamResponse:
    require_json(request)
    instances = await in_glance(
        request,
        _list,
        code=code_in(request),
        study_uid=uid_in(request, "study"),
        series_uid=find_uid(request, "series"),
    )
    return await _give(request, instances, {})


def _list(work: Work, *, code: str, study_uid: str, series_uid: str | None) -> list[Instance]:
    return retrieval.list_instances_of(
        work,
        institution_id=institution_of(work, code).id,
        study_uid=study_uid,
        series_uid=series_uid,
    )


async def _give(
    request: web.Request, instances: list[Instance], headers: dict[str, str]
) -> web.StreamResponse:
    instances = readable(request, instances)
    root = root_of(request)
    hashes = " ".join(each.original.sha256 for each in instances)
    validator = validator_of(request, f"{hashes} {root}")
    headers |= cache_headers(request)
    if is_held(request, validator):
        response: web.StreamResponse = web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        mark(response, validator)
        return response
    request.app[IMAGERY].viewings.note_read(signed_in(request).actor, instances)
    headers |= {hdrs.CONTENT_TYPE: DICOM_JSON, hdrs.ETAG: f'"{validator}"'}
    pieces = _array(request, instances, root)
    held = await _begun(pieces)
    if sum(map(len, held)) <= _LONGEST_HELD:
        return web.Response(body=b"".join(held), headers=headers)
    return await send(request, web.StreamResponse(headers=headers), _chained(held, pieces))


async def _begun(pieces: AsyncIterator[bytes]) -> list[bytes]:
    """What fits into an answer that is written at once, and the first piece beyond it."""
    held, size = [], 0
    async for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > _LONGEST_HELD:
            break
    return held


async def _chained(held: Sequence[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for piece in held:
        yield piece
    async for piece in rest:
        yield piece


async def _array(
    request: web.Request, instances: list[Instance], root: str
) -> AsyncIterator[bytes]:
    """The array, object by object; only one page of what is kept is in memory."""
    lead = b"["
    for start in range(0, len(instances), _PAGE):
        told = [b""]
        async for text in _page(request, instances[start : start + _PAGE], root):
            told.append(text)
            if sum(map(len, told)) > _LONGEST_HELD:
                yield _joined(lead, told)
                lead, told = b",", [b""]
        some = _joined(lead, told)
        if some != lead:
            yield some
            lead = b","
    yield b"]" if lead == b"," else b"[]"


async def _page(
    request: web.Request, instances: Sequence[Instance], root: str
) -> AsyncIterator[bytes]:
    """The JSON of each of these objects, from memory where somebody asked a moment ago.

    Whoever asks was let see them in this request.
    """
    pictures = request.app[IMAGERY].pictures
    kept = {each.id: pictures.find(_key(each, root)) for each in instances}
    missing = [each for each in instances if kept[each.id] is None]
    described = await in_glance(request, _tell_all, missing, root=root) if missing else []
    told = dict(zip((each.id for each in missing), described, strict=True))
    for each in instances:
        text = kept[each.id] or told[each.id]
        if isinstance(text, Described):
            text = await _told(request.app, text, root)
        elif len(text) <= _LONGEST_KEPT:
            pictures.keep(_key(each, root), text)
        yield text


def _key(instance: Instance, root: str) -> tuple[object, ...]:
    """What an object's JSON is kept by: its bytes, and the address that stands in it."""
    return "metadata", instance.original.key, root


def _joined(lead: bytes, told: Sequence[bytes]) -> bytes:
    """What is not empty, behind what stands before it."""
    return lead + b",".join(each for each in told if each)


def _tell_all(work: Work, instances: Sequence[Instance], *, root: str) -> list[bytes | Described]:
    """The JSON of each object where it is kept and short; the others are told one by one."""
    return [_short(each, root) or each for each in retrieval.describe_all(work, instances)]


def _short(described: Described, root: str) -> bytes | None:
    if described.metadata is None:
        return None
    return unpacked(described.metadata, _place(described, root), longest=_LONGEST_SHORT)


async def _told(app: web.Application, described: Described, root: str) -> bytes:
    """One object's JSON with whole addresses; empty where its bytes cannot be read."""
    packed = described.metadata
    if packed is None:
        try:
            packed = await describe_whole(app, described.instance)
        except (JailRefusedError, JailCrashedError, JailTimedOutError):
            return b""
    told = await in_thread(unpacked, packed, _place(described, root))
    if told is None:
        log.warning("metadata too long", size_bytes=len(packed))
    return told or b""


def _place(described: Described, root: str) -> bytes:
    address = instance_address(root, described.instance.uids)
    return f'"BulkDataURI":"{address}/bulkdata/'.encode()


def unpacked(packed: bytes, whole: bytes, *, longest: int = _LONGEST) -> bytes | None:
    """The JSON with its addresses made whole; None where it is longer than that."""
    inflating = zlib.decompressobj()
    plain = inflating.decompress(packed, longest)
    return plain.replace(_RELATIVE, whole) if inflating.eof else None
