"""Objects given out by WADO-RS (PS3.18 10.4): a study, a series, an instance, or a piece of one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from consult.kernel.work import Work
from consult.studies import retrieval
from consult.studies.model import Instance
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
from server.dicomweb.errors import NotAcceptableError, speaks_dicomweb
from server.dicomweb.finding import Found, find_instance, successor_header
from server.dicomweb.leaving import LEAVES, record_leaving
from server.dicomweb.multipart import MultipartAnswer, Part, send
from server.dicomweb.negotiation import EXPLICIT_LE, Range, accepted
from server.dicomweb.originals import Form, form_of, opened, transcoded
from server.dicomweb.ranges import range_in, tell_range
from server.doors import Routes
from server.images.imagestore import memory_pieces
from server.transactions import in_glance

routes = Routes("retrieve")
_DICOM: Final = "application/dicom"


@dataclass(frozen=True, slots=True)
class Given:
    """What is given out, and the wrapped key of its custodian."""

    instances: Sequence[Instance]
    wrapped_key: bytes


@routes.get(f"{ROOT}/studies/{{study}}", name="retrieve.study_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/studies/{{study}}", **LEAVES)
@speaks_dicomweb
async def study(request: web.Request) -> web.StreamResponse:
    """Every object of a study."""
    return await _many(request)


@routes.get(f"{ROOT}/{IN_SERIES}", name="retrieve.series_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/{IN_SERIES}", **LEAVES)
@speaks_dicomweb
async def series(request: web.Request) -> web.StreamResponse:
    """Every object of a series."""
    return await _many(request)


@routes.get(f"{ROOT}/{IN_SERIES}/instances/{{instance}}", name="retrieve.instance_acting", **LEAVES)
@routes.get(f"{OF_INSTITUTION}/{IN_SERIES}/instances/{{instance}}", **LEAVES)
@speaks_dicomweb
async def instance(request: web.Request) -> web.StreamResponse:
    """One object, as a part of one or by itself; by itself also a range of its bytes."""
    found = await find_instance(request)
    ranges = accepted(request)
    form = form_of(found.instance, ranges)
    if form is None:
        raise NotAcceptableError
    headers = successor_header(request, found)
    if not _is_single(ranges):
        return await _give_parts(request, Given([found.instance], found.wrapped_key), headers)
    return await _give_one(request, found, form, headers)


async def _many(request: web.Request) -> web.StreamResponse:
    given = await in_glance(
        request,
        _list,
        code=code_in(request),
        study_uid=uid_in(request, "study"),
        series_uid=find_uid(request, "series"),
    )
    return await _give_parts(request, given, {})


def _list(work: Work, *, code: str, study_uid: str, series_uid: str | None) -> Given:
    custodian = institution_of(work, code)
    instances = retrieval.list_instances_of(
        work, institution_id=custodian.id, study_uid=study_uid, series_uid=series_uid
    )
    return Given(instances, custodian.wrapped_key)


def _is_single(ranges: Sequence[Range]) -> bool:
    """Whether the first range that fits asks for the object without a multipart around it."""
    return next((each.media.name == _DICOM for each in ranges if each.inner == _DICOM), False)


async def _give_parts(
    request: web.Request, given: Given, headers: dict[str, str]
) -> web.StreamResponse:
    ranges = accepted(request)
    forms = [
        (each, form) for each in given.instances if (form := form_of(each, ranges)) is not None
    ]
    if not forms or (all(each.media.name == _DICOM for each in ranges) and len(forms) > 1):
        raise NotAcceptableError
    await record_leaving(request, [each for each, _ in forms])
    root = root_of(request)
    known = [_stored_part(each, root) for each, _ in forms]
    answer = MultipartAnswer(
        request,
        inner=_DICOM,
        headers=headers,
        known=known if all(form is Form.STORED for _, form in forms) else None,
    )
    async with answer:
        for (each, form), part in zip(forms, known, strict=True):
            if form is Form.STORED or not await _give_explicit(request, answer, each, root):
                stored = opened(request.app, each, key=given.wrapped_key)
                await answer.part(part.kind, part.location, stored)
    return answer.response


def _stored_part(each: Instance, root: str) -> Part:
    kind = _kind(each.description.transfer_syntax_uid)
    return Part(kind, instance_address(root, each.uids), each.original.size_bytes)


async def _give_explicit(
    request: web.Request, answer: MultipartAnswer, each: Instance, root: str
) -> bool:
    """Give an object in the default syntax; False where no decoder reads it."""
    place = instance_address(root, each.uids)
    async with transcoded(request.app, each) as made:
        if made is None:
            return False
        pieces = memory_pieces(made, start=0, stop=os.fstat(made).st_size)
        await answer.part(_kind(EXPLICIT_LE), place, pieces)
    return True


async def _give_one(
    request: web.Request, given: Found, form: Form, headers: dict[str, str]
) -> web.StreamResponse:
    found = given.instance
    validator = validator_of(request, f"{found.original.sha256} {form}")
    headers |= cache_headers(request)
    if is_held(request, validator):
        response: web.StreamResponse = web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        mark(response, validator)
        return response
    if form is Form.EXPLICIT:
        async with transcoded(request.app, found) as made:
            if made is not None:
                size = os.fstat(made).st_size
                start, stop = range_in(request, size, validator)
                response = _begin(request, size, EXPLICIT_LE, validator, headers)
                await record_leaving(request, [found])
                return await send(request, response, memory_pieces(made, start=start, stop=stop))
    size = found.original.size_bytes
    syntax = found.description.transfer_syntax_uid
    response = _begin(request, size, syntax, validator, headers)
    await record_leaving(request, [found])
    start, stop = range_in(request, size, validator)
    place = start, stop - start
    pieces = opened(request.app, found, key=given.wrapped_key, place=place)
    return await send(request, response, pieces)


def _begin(
    request: web.Request, size: int, syntax: str, validator: str, headers: dict[str, str]
) -> web.StreamResponse:
    """The answer that gives one object, or the range of it that is asked for."""
    start, stop = range_in(request, size, validator)
    headers |= {
        hdrs.CONTENT_TYPE: _kind(syntax),
        hdrs.CONTENT_DISPOSITION: "attachment",
    }
    response = web.StreamResponse(headers=headers)
    mark(response, validator)
    tell_range(response, start, stop, size)
    return response


def _kind(syntax: str) -> str:
    return f"{_DICOM}; transfer-syntax={syntax}"
