"""What stored pictures tell of themselves for the objects of a report: headers, pixels, colours."""

import contextlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from consult.annotations.model import AREAS, Mark
from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.reports.objects.model import Pictured, Place
from consult.reports.objects.plans import Planned, Sources
from consult.reports.objects.words import Say
from consult.studies import retrieval
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from imaging.report_objects.display import LUT_DATA, tables_of
from imaging.report_objects.model import Presented
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, read_memory
from server.images.regions import region_wish
from server.intake.spool import memory_files
from server.keys import JAIL, RULES
from server.looks.describing import describe_whole
from server.threads import in_thread
from server.transactions import as_system_read

_LARGEST_HEADER: Final = 1 << 25
_PROFILE: Final = "00282000"
_REFUSED: Final = (JailRefusedError, JailCrashedError, JailTimedOutError)
UNREADABLE: Final = (BlobDamagedError, BlobMissingError, *_REFUSED)
"""What is wrong with stored bytes that tell nothing."""


async def read_sources(app: web.Application, place: Place, *, say: Say) -> Sources:
    """Headers of the marked pictures and of one that stands for the study; counted pixels."""
    needed = {each.image_id: each for each in (place.pictures[0], *place.marked)}
    headers = await _headers(app, list(needed.values()))
    for picture in place.marked:
        told = headers[picture.image_id]
        headers[picture.image_id] = await _with_tables(app, picture, told)
    counted: dict[str, Mapping[str, Any]] = {}
    for picture in place.marked:
        areas = [mark for mark in place.marks if _is_area_on(mark, picture)]
        if areas:
            counted |= await _count(app, picture, areas)
    return Sources(headers, counted, app[RULES].lesions, say)


async def read_profile(app: web.Application, planned: Planned) -> bytes:
    """The colour profile of the pictures of a presentation state; nothing where they have none."""
    if not isinstance(planned.plan, Presented) or planned.plan.canvas.is_grey:
        return b""
    picture = planned.pictures[0]
    element = (await _headers(app, [picture]))[picture.image_id].get(_PROFILE, {})
    if "InlineBinary" in element:
        return b64decode(element["InlineBinary"])
    return await _long_value(app, picture, _PROFILE) if "BulkDataURI" in element else b""


async def _with_tables(
    app: web.Application, picture: Pictured, told: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The header with the entries of its look-up tables in it, where they stand elsewhere."""
    found = dict(told)
    for tag, table in tables_of(told):
        (item,) = table["Value"]
        if "BulkDataURI" in item.get(LUT_DATA, {}):
            entries = await _long_value(app, picture, f"{tag}.0.{LUT_DATA}")
            told_here = {"vr": "OW", "InlineBinary": b64encode(entries).decode()}
            found[tag] = {"vr": "SQ", "Value": [item | {LUT_DATA: told_here}]}
    return found


async def _long_value(app: web.Application, picture: Pictured, path: str) -> bytes:
    with memory_files(1) as outputs:
        async with in_memory(app, picture.instance.original) as plain:
            await app[JAIL].run("bulk", {"path": path}, inputs=[plain], outputs=outputs)
        return await in_thread(read_memory, outputs[0])


async def _headers(
    app: web.Application, pictures: Sequence[Pictured]
) -> dict[str, Mapping[str, Any]]:
    """By picture, in the DICOM JSON model: as it is kept, else as the jail reads it now."""
    instances = [each.instance for each in pictures]
    kept = await as_system_read(app, retrieval.describe_all, instances)
    found: dict[str, Mapping[str, Any]] = {}
    for picture, described in zip(pictures, kept, strict=True):
        packed = described.metadata or await describe_whole(app, picture.instance)
        found[picture.image_id] = await in_thread(_unpacked, packed)
    return found


def _unpacked(packed: bytes) -> Mapping[str, Any]:
    inflating = zlib.decompressobj()
    plain = inflating.decompress(packed, _LARGEST_HEADER)
    told = json.loads(plain) if inflating.eof else {}
    return told if isinstance(told, dict) else {}


def _is_area_on(mark: Mark, picture: Pictured) -> bool:
    return mark.image_id == picture.image_id and mark.tool in AREAS


async def _count(
    app: web.Application, picture: Pictured, areas: Sequence[Mark]
) -> dict[str, Mapping[str, Any]]:
    """The stored pixels in each shape, by its mark; of what cannot be read there is no number."""
    found: dict[str, Mapping[str, Any]] = {}
    async with app[IMAGERY].renders, in_memory(app, picture.instance.original) as plain:
        for mark in areas:
            with contextlib.suppress(*_REFUSED):
                wish = region_wish(mark)
                found[mark.id] = await app[JAIL].run("measure", wish, inputs=[plain])
    return found
