"""The queued job that asks a second decoder about a stored picture, away from who waits for it."""

import structlog
from aiohttp import web

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.jobs.model import Job
from consult.studies import decoding
from consult.studies import service as studies
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory
from server.keys import JAIL
from server.transactions import as_system, as_system_read

log = structlog.get_logger()
_UNREADABLE = (
    BlobDamagedError,
    BlobMissingError,
    JailRefusedError,
    JailCrashedError,
    JailTimedOutError,
)


async def compare_decoders(app: web.Application, job: Job) -> None:
    """Keep what two decoders say of a stored object; one that is gone needs no answer."""
    instance_id = str(job.payload["instance_id"])
    found = await as_system_read(app, studies.list_instances, [instance_id])
    if instance_id not in found:
        return
    instance = found[instance_id]
    try:
        async with app[IMAGERY].renders, in_memory(app, instance.original) as plain:
            told = await app[JAIL].run("compare", {}, inputs=[plain])
    except _UNREADABLE as error:
        log.warning("not compared", object_id=instance.id, error=type(error).__name__)
        return
    await as_system(app, decoding.note_decoding, instance.id, said=told["agreement"])
