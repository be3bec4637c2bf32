"""What a stored object says of itself, taken from it in the jail: for searches and metadata."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from aiohttp import web

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.jobs.model import Job
from consult.studies import service as studies
from consult.studies.index import service as index
from consult.studies.index.model import LONGEST_METADATA, Indexed
from consult.studies.model import Instance
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, read_memory
from server.intake.spool import memory_files
from server.keys import JAIL
from server.threads import in_thread
from server.transactions import as_system, as_system_read

log = structlog.get_logger()
_AT_ONCE: Final = 100
_UNREADABLE: Final = (
    BlobDamagedError,
    BlobMissingError,
    JailRefusedError,
    JailCrashedError,
    JailTimedOutError,
)


async def describe_instance(app: web.Application, job: Job) -> None:
    """The queued job: keep what a stored object says."""
    await _describe_all(app, [str(job.payload["instance_id"])])


async def describe_missing(app: web.Application) -> None:
    """Standing job: describe what was stored before there was an index, then never look again."""
    while not app[IMAGERY].described.is_set():
        ids = await as_system_read(app, index.list_missing, limit=_AT_ONCE)
        await _describe_all(app, ids)
        if len(ids) < _AT_ONCE:
            app[IMAGERY].described.set()


async def _describe_all(app: web.Application, ids: Sequence[str]) -> None:
    """One after the other; one that cannot be read stays unlisted."""
    found = await as_system_read(app, studies.list_instances, ids)
    for instance in found.values():
        key = instance.original.key
        try:
            indexed = await describe(app, instance)
        except _UNREADABLE as error:
            log.warning("not described", object_id=instance.id, error=type(error).__name__)
            await as_system(app, index.note_unreadable, instance.id, made_from=key)
        else:
            await as_system(app, index.keep_index, instance.id, indexed, made_from=key)


async def find_indexed(told: Mapping[str, Any], written: int) -> Indexed | None:
    """What the jail said and wrote of an object; None where it did not.

    Then a queued job asks it again, with all of the stored bytes in memory.
    """
    return await in_thread(read_indexed, told, written)


def read_indexed(told: Mapping[str, Any], written: int) -> Indexed | None:
    """The same for who is in a thread already."""
    if "index" not in told:
        return None
    is_kept = os.fstat(written).st_size <= LONGEST_METADATA
    return Indexed(told["index"], read_memory(written) if is_kept else None, told["places"])


async def describe(app: web.Application, instance: Instance) -> Indexed:
    """Look at the stored bytes.

    Raises JailError: they cannot be read. Raises BlobDamagedError, BlobMissingError.
    """
    return indexed_of(*await _look(app, instance))


def indexed_of(told: Mapping[str, Any], packed: bytes) -> Indexed:
    """What the jail said of an object, as the index keeps it."""
    kept = packed if len(packed) <= LONGEST_METADATA else None
    return Indexed(told["index"], kept, told["places"])


async def describe_whole(app: web.Application, instance: Instance) -> bytes:
    """All that the stored bytes say, packed, however long; raises as `describe` does."""
    return (await _look(app, instance))[1]


async def _look(app: web.Application, instance: Instance) -> tuple[dict[str, Any], bytes]:
    async with in_memory(app, instance.original) as plain:
        with memory_files(1) as outputs:
            told = await app[JAIL].run("metadata", {}, inputs=[plain], outputs=outputs)
            return told, await in_thread(read_memory, outputs[0])
