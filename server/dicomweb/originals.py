"""Which bytes of an object answer a request: as stored, or in Explicit VR Little Endian."""

import enum
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from consult.blobs.store import open_range
from consult.studies.model import Instance
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from imaging.places import Place
from server.dicomweb.negotiation import ANY, EXPLICIT_LE, Range
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, wrapped_key_of
from server.intake.spool import memory_files
from server.keys import BLOBS, JAIL, VAULT
from server.threads import in_thread

_DICOM: Final = frozenset({"application/dicom", "application/*", "*/*"})
_WIDEST_PIXEL: Final = 4  # three colours of a byte, or one number of up to four
_REVERSIBLE: Final = frozenset(
    {
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.2",
        "1.2.840.10008.1.2.1.99",
        "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.70",
        "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.201",
        "1.2.840.10008.1.2.4.202",
        "1.2.840.10008.1.2.5",
    }
)
"""What is given out in the default syntax unless asked otherwise: nothing is lost by it."""


class Form(enum.StrEnum):
    """In which form an object leaves."""

    STORED = "stored"
    EXPLICIT = "explicit"


def form_of(instance: Instance, ranges: Sequence[Range]) -> Form | None:
    """The form that the client takes first (PS3.18 8.7.3.5); None for none.

    Who names no syntax gets the default one, but never a lossy object blown up.
    """
    stored = instance.description.transfer_syntax_uid
    for each in ranges:
        if each.inner not in _DICOM:
            continue
        if each.syntax in {ANY, stored}:
            return Form.STORED
        if each.syntax is None:
            return Form.EXPLICIT if stored in _REVERSIBLE else Form.STORED
        if each.syntax == EXPLICIT_LE:
            return Form.EXPLICIT
    return None


@asynccontextmanager
async def transcoded(app: web.Application, instance: Instance) -> AsyncIterator[int | None]:
    """A file in memory: the object in Explicit VR Little Endian; None where no decoder reads it.

    Its room is what it takes at most: the pixels decoded, and the object beside them.
    """
    size = decoded_bytes(instance) + 2 * instance.original.size_bytes
    async with app[IMAGERY].room.hold(size) as held:
        with memory_files(1) as outputs:
            is_made = await _transcode(app, instance, outputs)
            held.shrink(os.fstat(outputs[0]).st_size)
            yield outputs[0] if is_made else None


def decoded_bytes(instance: Instance) -> int:
    """How long its pixels can be at most, by what is known of them."""
    told = instance.description
    return (told.rows or 0) * (told.columns or 0) * told.frames * _WIDEST_PIXEL


async def _transcode(app: web.Application, instance: Instance, outputs: list[int]) -> bool:
    async with app[IMAGERY].renders, in_memory(app, instance.original) as plain:
        try:
            await app[JAIL].run("transcode", {}, inputs=[plain], outputs=outputs)
        except (JailRefusedError, JailCrashedError, JailTimedOutError):
            return False
    return True


async def opened(
    app: web.Application,
    instance: Instance,
    *,
    key: bytes | None = None,
    place: Place | None = None,
) -> AsyncIterator[bytes | bytearray]:
    """The stored bytes, or a place in them; each piece is checked before it is given out.

    `key` is the wrapped one of the custodian, where it is known already. A thread is asked once a
    piece, and most objects are one.
    """
    start, length = (0, instance.original.size_bytes) if place is None else place
    wrapped_key = key or await wrapped_key_of(app, instance.institution_id)
    pieces = open_range(
        app[BLOBS],
        app[VAULT],
        instance.original,
        institution_key=wrapped_key,
        start=start,
        length=length,
    )
    left = min(length, instance.original.size_bytes - start)
    while left > 0 and (piece := await in_thread(next, pieces, b"")):
        left -= len(piece)
        yield piece
