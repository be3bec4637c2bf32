"""What objects say, as DICOM JSON without their bulk data (PS3.18 10.4.1.1.2)."""

import zlib
from http import HTTPStatus
from typing import Final

from aiohttp import web

from consult.access.model import Action
from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.studies import retrieval
from consult.studies.retrieval import Described
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.describing import describe_whole
from server.dicomweb.addresses import (
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
from server.dicomweb.finding import find_instance, successor_header
from server.dicomweb.json_answers import json_bytes, require_json
from server.doors import Routes
from server.imagery import IMAGERY
from server.requests import signed_in
from server.threads import in_thread
from server.transactions import in_read

routes = Routes("metadata")
_OPTIONS: Final = {
    "action": Action.SEE_IMAGE,
    "needs": (Action.SEE_NAME,),
    "right": Right.READ_IMAGES,
}
_SERIES: Final = "studies/{study}/series/{series}"
_RELATIVE: Final = b'"BulkDataURI":"bulkdata/'
_LONGEST: Final = 64 << 20


@routes.get(f"{ROOT}/studies/{{study}}/metadata", name="metadata.study_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/studies/{{study}}/metadata", **_OPTIONS)
@speaks_dicomweb
async def study(request: web.Request) -> web.StreamResponse:
    """What every object of a study says."""
    return await _many(request)


@routes.get(f"{ROOT}/{_SERIES}/metadata", name="metadata.series_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{_SERIES}/metadata", **_OPTIONS)
@speaks_dicomweb
async def series(request: web.Request) -> web.StreamResponse:
    """What every object of a series says."""
    return await _many(request)


@routes.get(
    f"{ROOT}/{_SERIES}/instances/{{instance}}/metadata",
    name="metadata.instance_acting",
    **_OPTIONS,
)
@routes.get(f"{OF_INSTITUTION}/{_SERIES}/instances/{{instance}}/metadata", **_OPTIONS)
@speaks_dicomweb
async def instance(request: web.Request) -> web.StreamResponse:
    """What one object says."""
    require_json(request)
    found = await find_instance(request)
    described = await in_read(request, retrieval.describe_all, [found.instance])
    return await _give(request, described, successor_header(request, found))


async def _many(request: web.Request) -> web.StreamResponse:
    require_json(request)
    described = await in_read(
        request,
        _describe,
        code=code_in(request),
        study_uid=uid_in(request, "study"),
        series_uid=find_uid(request, "series"),
    )
    return await _give(request, described, {})


def _describe(work: Work, *, code: str, study_uid: str, series_uid: str | None) -> list[Described]:
    instances = retrieval.list_instances_of(
        work,
        institution_id=institution_of(work, code).id,
        study_uid=study_uid,
        series_uid=series_uid,
    )
    return retrieval.describe_all(work, instances)


async def _give(
    request: web.Request, described: list[Described], headers: dict[str, str]
) -> web.StreamResponse:
    root = root_of(request)
    hashes = " ".join(each.instance.original.sha256 for each in described)
    validator = validator_of(request, f"{hashes} {root}")
    headers |= cache_headers(request)
    if is_held(request, validator):
        response = web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    else:
        told = [await _told(request.app, each, root) for each in described]
        response = json_bytes(b"[" + b",".join(each for each in told if each) + b"]")
        response.headers.update(headers)
        actor = signed_in(request).actor
        request.app[IMAGERY].viewings.note_read(actor, [each.instance for each in described])
    mark(response, validator)
    return response


async def _told(app: web.Application, described: Described, root: str) -> bytes:
    """One object's JSON with whole addresses; empty where its bytes cannot be read."""
    packed = described.metadata
    if packed is None:
        try:
            packed = await describe_whole(app, described.instance)
        except (JailRefusedError, JailCrashedError, JailTimedOutError):
            return b""
    address = instance_address(root, described.instance.uids)
    return await in_thread(_unpacked, packed, f'"BulkDataURI":"{address}/bulkdata/'.encode())


def _unpacked(packed: bytes, whole: bytes) -> bytes:
    plain = zlib.decompressobj().decompress(packed, _LONGEST)
    return plain.replace(_RELATIVE, whole)
