"""Frames and values that only the jail can take out of an object: as a file in memory."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from consult.kernel.errors import ConsultError, NotFoundError
from consult.studies.model import Instance
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, Refusal
from server.dicomweb.errors import NotAcceptableError, TooLongError
from server.dicomweb.finding import Found
from server.dicomweb.originals import decoded_bytes
from server.dicomweb.room import LARGEST_BYTES
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory
from server.intake.spool import memory_files
from server.keys import JAIL

_DEFLATED: Final = "1.2.840.10008.1.2.1.99"


@dataclass(frozen=True, slots=True)
class Made:
    """Pieces that lie one behind the other in a file in memory, and their content type."""

    descriptor: int
    lengths: Sequence[int]
    kind: str


@asynccontextmanager
async def taken(
    app: web.Application, found: Found, job: str, params: dict[str, str]
) -> AsyncIterator[tuple[dict[str, Any], int]]:
    """What the jail takes out of the stored bytes, as a file in memory that has its room."""
    original = found.instance.original
    async with app[IMAGERY].room.hold(_at_most(found.instance)) as held:
        with memory_files(1) as outputs:
            stored = in_memory(app, original, wrapped_key=found.wrapped_key)
            async with app[IMAGERY].renders, stored as plain:
                try:
                    told = await app[JAIL].run(job, params, inputs=[plain], outputs=outputs)
                except JailRefusedError as error:
                    raise _refusal_of(error.reason) from None
                except (JailCrashedError, JailTimedOutError):
                    raise NotAcceptableError("picture-unreadable") from None
            held.shrink(os.fstat(outputs[0]).st_size)
            yield told, outputs[0]


def _at_most(instance: Instance) -> int:
    """The object and what is taken out of it; a deflated one tells nothing of its size."""
    size = instance.original.size_bytes
    if instance.description.transfer_syntax_uid == _DEFLATED:
        return size + LARGEST_BYTES
    return size + min(max(decoded_bytes(instance), size), LARGEST_BYTES)


def _refusal_of(reason: str) -> ConsultError:
    if reason == Refusal.NO_SUCH_FRAME:
        return NotFoundError()
    return TooLongError() if reason == Refusal.TOO_LARGE else NotAcceptableError("picture-none")
