"""What uploads leave behind: bytes that nobody needs, and whole files that nobody finished."""

from typing import Final

import structlog
from aiohttp import web

from consult.studies.deliveries import service as deliveries
from consult.studies.uploads import service as uploads
from server.images.imagery import IMAGERY
from server.images.imagestore import close_ledger
from server.keys import BLOBS
from server.threads import in_thread
from server.transactions import as_system

log = structlog.get_logger()
_SWEPT_AT_ONCE: Final = 100
_LEFT_AFTER_S: Final = 3600.0  # no request and no work on a file takes so long


async def sweep_uploads(app: web.Application) -> None:
    """Standing job: end what expired, and remove bytes that nobody needs."""
    await as_system(app, deliveries.return_unanswered)
    await as_system(app, uploads.expire_uploads)
    for ledger in await in_thread(app[IMAGERY].spool.list_ledgers, idle_s=_LEFT_AFTER_S):
        if ledger not in app[IMAGERY].working:
            await close_ledger(app, ledger)
    present = await in_thread(app[IMAGERY].spool.list_ids)
    for start in range(0, len(present), _SWEPT_AT_ONCE):
        some = present[start : start + _SWEPT_AT_ONCE]
        needed = await as_system(app, uploads.needed_in_spool, some)
        for upload_id in some:
            if upload_id not in needed:
                await in_thread(app[IMAGERY].spool.remove, upload_id)


async def resume_uploads(app: web.Application) -> None:
    """At start: clear what a dead process left, and queue what was whole and not finished.

    Only the first of several web processes may: what the others have begun is not left over.
    """
    if app[IMAGERY].resumed.is_set():
        return
    if await in_thread(app[IMAGERY].spool.is_mine_alone):
        await _resume(app)
    await in_thread(app[IMAGERY].spool.share)
    app[IMAGERY].resumed.set()


async def _resume(app: web.Application) -> None:
    await in_thread(app[BLOBS].sweep)
    for ledger in await in_thread(app[IMAGERY].spool.list_ledgers):
        await close_ledger(app, ledger)
    count = await as_system(app, uploads.resume_unfinished)
    if count:
        log.info("uploads resumed", count=count)
