"""From a whole upload to stored images: looked at in the jail, encrypted, filed in one unit.

A failure of one file of an archive loses nothing else; kill -9 at any instant leaves either the
upload to be done again, which is harmless, or its results.
"""

import os
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from consult.cases.images import service_take
from consult.cases.images.errors import CaseNotOpenForImagesError
from consult.cases.images.labels import Labels, get_labels
from consult.cases.images.model import Arrival
from consult.jobs.model import MOST_ATTEMPTS, Job
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor
from consult.studies.errors import InstanceRacedError
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import FileResult, FileVerdict, Upload
from server.errors import is_away
from server.imagery import IMAGERY
from server.imagestore import close_ledger, wrapped_key_of
from server.intake_file import Looker
from server.keys import BLOBS, RULES, UNITS
from server.threads import in_thread
from server.transactions import as_system, write_as
from server.unpacking import Unpacking

log = structlog.get_logger()
_RACES: Final = 5
_SWEPT_AT_ONCE: Final = 100
_LEFT_AFTER_S: Final = 3600.0  # no request and no work on a file takes so long


async def ingest_upload(app: web.Application, job: Job) -> None:
    """The queued job: work on a whole upload, unless somebody does or did."""
    upload_id = str(job.payload["upload_id"])
    await app[IMAGERY].resumed.wait()
    async with app[IMAGERY].intakes:
        upload = await as_system(app, uploads.begin_work, upload_id)
        if upload is None:
            return
        app[IMAGERY].working.add(upload_id)
        try:
            await _Intake(app, upload).run()
        except BaseException as error:
            last = job.attempts >= MOST_ATTEMPTS and not is_away(error)
            await as_system(app, uploads.give_back, upload_id, is_last=last)
            raise
        finally:
            app[IMAGERY].working.discard(upload_id)
    await _forget(app, upload_id)


async def drop_blob(app: web.Application, job: Job) -> None:
    """The queued job: remove bytes that no row names any more."""
    await in_thread(app[BLOBS].delete, str(job.payload["key"]))


async def sweep_uploads(app: web.Application) -> None:
    """Standing job: end what expired, and remove bytes that nobody needs."""
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


async def _forget(app: web.Application, upload_id: str) -> None:
    """Remove the bytes of a finished upload; one with an open question keeps them."""
    await close_ledger(app, upload_id)
    if upload_id not in await as_system(app, uploads.needed_in_spool, [upload_id]):
        await in_thread(app[IMAGERY].spool.remove, upload_id)


@dataclass(slots=True)
class _Intake:
    """One upload being worked on."""

    app: web.Application
    upload: Upload
    arrivals: list[Arrival] = field(default_factory=list)
    results: list[FileResult] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The person who sent it."""
        upload = self.upload
        return Actor(upload.practitioner_id, upload.institution_id, session_id=upload.session_id)

    async def run(self) -> None:
        """Look at every file, then file them all in one unit."""
        descriptor = await in_thread(self._open)
        if descriptor is None:
            self._refuse(self.upload.file_name, "upload-lost")
            return await self._finish()
        try:
            await self._look_at_all(descriptor)
            await self._finish()
        finally:
            os.close(descriptor)
        return None

    def _open(self) -> int | None:
        try:
            return self.app[IMAGERY].spool.open(self.upload.id)
        except FileNotFoundError:
            return None

    async def _look_at_all(self, descriptor: int) -> None:
        try:
            looker = await self._make_looker()
        except CaseNotOpenForImagesError as error:
            self._refuse(self.upload.file_name, error.code)
            return
        except NotFoundError:
            self._refuse(self.upload.file_name, "not-found")
            return
        unpacking = Unpacking(
            self.app, self.actor, self.upload, looker, self.arrivals, self.results
        )
        await unpacking.take_all(descriptor)

    async def _make_looker(self) -> Looker:
        labels: Labels = await write_as(
            self.app[UNITS],
            self.actor,
            get_labels,
            self.upload.case_id,
            names=self.app[RULES].images.names,
        )
        wrapped_key = await wrapped_key_of(self.app, self.upload.institution_id)
        return Looker(self.app, self.upload, labels, wrapped_key)

    async def _finish(self) -> None:
        for attempt in range(_RACES):
            try:
                await self._store(self.arrivals)
            except InstanceRacedError:
                if attempt == _RACES - 1:
                    raise
            except CaseNotOpenForImagesError as error:
                for arrival in self.arrivals:
                    self._refuse(arrival.file_name, error.code)
                self.arrivals.clear()
            else:
                return

    async def _store(self, arrivals: list[Arrival]) -> None:
        await write_as(
            self.app[UNITS],
            self.actor,
            service_take.finish_upload,
            upload=self.upload,
            arrivals=arrivals,
            others=self.results,
            rules=self.app[RULES].images.rules,
        )

    def _refuse(self, name: str, code: str) -> None:
        self.results.append(FileResult(name, FileVerdict.REFUSED, str(code)))
