"""Store by DICOMweb as user agent (PS3.18 10.5): one request with its objects, one answer."""

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from consult.kernel.ids import new_id
from consult.reports.destinations.model import Destination
from consult.reports.dispatches.model import DispatchRules, ObjectState, Tried
from imaging.uid import make_uid
from server.dispatching.judging import judge, settle
from server.dispatching.parcels import Parcel
from server.dispatching.web_line import (
    UnreachableError,
    failure_of,
    is_of_the_line,
    read_bounded,
    session_to,
)
from server.threads import in_thread

_PIECE_BYTES: Final = 1 << 18
_FAILED, _STORED = "00081198", "00081199"
_INSTANCE, _REASON, _WARNING = "00081155", "00081197", "00081196"
_ANSWERS: Final = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT})
_PROCESSING: Final = 0x0110
_REMARKED: Final = 0x0001
WORKS: Final = "works"


async def store(
    destination: Destination, token: str, parcels: Sequence[Parcel], rules: DispatchRules
) -> Tried:
    """Send these objects in one request; a redirect is followed nowhere."""
    boundary = new_id()
    parts = list(_parts(parcels, boundary))
    length = sum(len(each) if isinstance(each, bytes) else each.size_bytes for each in parts)
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    headers = {"Content-Type": kind, "Content-Length": str(length)}
    try:
        async with session_to(destination, token, rules) as session:
            sent = session.post(
                f"{destination.url}/studies",
                data=_flow(parts),
                headers=headers,
                allow_redirects=False,
            )
            async with sent as answer:
                raw = await read_bounded(answer, rules.longest_answer_bytes)
                status = answer.status
    except UnreachableError as away:
        return Tried({}, away.code, away.was_reached)
    return judge_answer(parcels, status, raw)


def judge_answer(parcels: Sequence[Parcel], status: int, raw: bytes) -> Tried:
    """What an answer says of each object (PS3.18 10.5.3, annex I.2.2).

    Only what it names has arrived: a page to sign in at is answered with 200 as well.
    """
    pairs = [(each.sent, each.uid) for each in parcels]
    if status not in _ANSWERS:
        return settle(pairs, {}, failure=failure_of(status), was_reached=not is_of_the_line(status))
    told = dict(_told(raw))
    is_complete = all(uid in told for _, uid in pairs)
    return settle(pairs, told, failure="" if is_complete else f"http-unclear:{status}")


async def try_line(destination: Destination, token: str, rules: DispatchRules) -> str:
    """Ask for a study that is nobody's: it finds and stores nothing, and needs the same rights."""
    nobodys = make_uid(UUID(new_id()).int)
    try:
        async with session_to(destination, token, rules) as session:
            asked = session.get(
                f"{destination.url}/studies",
                params={"StudyInstanceUID": nobodys, "limit": "1"},
                allow_redirects=False,
            )
            async with asked as answer:
                status = answer.status
    except UnreachableError as away:
        return away.code
    return WORKS if status in {HTTPStatus.OK, HTTPStatus.NO_CONTENT} else failure_of(status)


def _parts(parcels: Sequence[Parcel], boundary: str) -> Iterator[bytes | Parcel]:
    """The body in pieces (RFC 2046 5.1.1)."""
    for number, parcel in enumerate(parcels):
        yield (b"\r\n" if number else b"") + f"--{boundary}\r\n".encode()
        yield b"Content-Type: application/dicom\r\n\r\n"
        yield parcel
    yield f"\r\n--{boundary}--\r\n".encode()


async def _flow(parts: Sequence[bytes | Parcel]) -> AsyncIterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        for at in range(0, part.size_bytes, _PIECE_BYTES):
            count = min(_PIECE_BYTES, part.size_bytes - at)
            yield await in_thread(os.pread, part.descriptor, count, at)


def _told(raw: bytes) -> Iterator[tuple[str, int]]:
    """Each object that the answer names, with its reason; nothing where it cannot be read."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return
    found = document[0] if isinstance(document, list) and document else document
    if not isinstance(found, dict):
        return
    for item in _items(found, _STORED):
        remark = _number(item, _WARNING, 0)
        yield _uid(item), remark if judge(remark).state is ObjectState.SENT else _REMARKED
    for item in _items(found, _FAILED):
        yield _uid(item), _number(item, _REASON, _PROCESSING)


def _items(found: Mapping[str, Any], tag: str) -> list[Mapping[str, Any]]:
    values = _values(found, tag)
    return [each for each in values if isinstance(each, dict)]


def _values(found: Mapping[str, Any], tag: str) -> list[Any]:
    element = found.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return values if isinstance(values, list) else []


def _uid(item: Mapping[str, Any]) -> str:
    return "".join(str(each) for each in _values(item, _INSTANCE)[:1])


def _number(item: Mapping[str, Any], tag: str, otherwise: int) -> int:
    values = _values(item, tag)
    is_number = bool(values) and isinstance(values[0], int) and 0 <= values[0] <= 0xFFFF  # noqa: PLR2004 - US
    return int(values[0]) if is_number else otherwise
