"""Behind the answer: the jail looks at what was filed by its head, and the house keeps what it saw.

An object that proves to be damaged inside stays, is listed and says why it shows no picture.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from aiohttp import web

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.studies import receipt
from consult.studies import service as studies
from consult.studies.model import Instance
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, NoPicture
from server.images.imagery import IMAGERY
from server.images.imagestore import plain_file
from server.looks.seen import keep_seen, seen_in, unseen
from server.looks.together import grouped, look_at_together
from server.receiving.place import Place, find_place, settling
from server.receiving.taking import look_into
from server.transactions import as_system, as_system_read

log = structlog.get_logger()
_AT_ONCE: Final = 64
_SIDE_BY_SIDE: Final = 2


async def look_at_new(app: web.Application) -> None:
    """Standing job: while the doors are quiet, or something has waited for long."""
    while app[IMAGERY].calm.is_time_to_look():
        found = await as_system_read(app, receipt.list_not_looked_at, limit=_AT_ONCE)
        if not found:
            app[IMAGERY].calm.note_done()
            return
        await look_at_all(app, found.values())


async def look_at_all(app: web.Application, instances: Iterable[Instance]) -> None:
    """Look at those of these at which nobody has looked yet."""
    turns = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def look(some: Sequence[Instance]) -> None:
        async with turns:
            if len(some) == 1 or not await look_at_together(app, some):
                for each in some:
                    await look_at(app, each)

    async with asyncio.TaskGroup() as tasks:
        for some in grouped(each for each in instances if each.awaits_look):
            tasks.create_task(look(some))


async def looked_at(app: web.Application, instance: Instance) -> Instance:
    """The same with its picture, for whoever asks before the doors were quiet."""
    if not instance.awaits_look:
        return instance
    await look_at(app, instance)
    found = await as_system_read(app, studies.list_instances, [instance.id])
    return found.get(instance.id, instance)


async def look_at(app: web.Application, instance: Instance) -> None:
    """Look at one, and keep what was seen."""
    async with settling(app, await find_place(app, instance.institution_id)) as place:
        await _look(app, place, instance)


async def _look(app: web.Application, place: Place, instance: Instance) -> None:
    try:
        async with plain_file(app, instance.original) as descriptor:
            seen = seen_in(instance, await look_into(app, place, descriptor, instance.original))
    except (JailRefusedError, BlobDamagedError, BlobMissingError) as error:
        seen = unseen(instance, NoPicture.UNDECODABLE)
        log.warning("picture not shown", object_id=instance.id, code=type(error).__name__)
    except JailCrashedError:
        seen = unseen(instance, NoPicture.DECODER_CRASHED)
    except JailTimedOutError:
        seen = unseen(instance, NoPicture.DECODER_TIMED_OUT)
    await as_system(app, keep_seen, [seen])
    place.name(seen.keys)
