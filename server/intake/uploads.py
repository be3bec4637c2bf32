"""From a whole upload to stored images: looked at in the jail, encrypted, filed in one unit.

A failure of one file of an archive loses nothing else; kill -9 at any instant leaves either the
upload to be done again, which is harmless, or its results.
"""

import os
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from consult.cases.directions import service as directions
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
from server.images.imagery import IMAGERY
from server.images.imagestore import close_ledger, wrapped_key_of
from server.intake.file import Looker
from server.intake.papers import is_consent, take_consent
from server.intake.shelving import bring_back, shelve
from server.intake.unpacking import Unpacking
from server.keys import BLOBS, RULES, UNITS
from server.threads import in_thread
from server.transactions import as_system, write_as

_RACES: Final = 5


async def ingest_upload(app: web.Application, job: Job) -> None:
    """The queued job: work on a whole upload, unless somebody does or did."""
    upload_id = str(job.payload["upload_id"])
    await app[IMAGERY].resumed.wait()
    async with app[IMAGERY].intakes:
        rules = app[RULES].images.cameras
        begun = await as_system(app, directions.begin_upload, upload_id, rules=rules)
        if begun is None:
            return
        app[IMAGERY].working.add(upload_id)
        try:
            if await is_consent(app, upload_id):
                await take_consent(app, begun.upload)
            else:
                await _Intake(app, begun.upload, is_delivery=begun.is_delivery).run()
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


async def _forget(app: web.Application, upload_id: str) -> None:
    """Remove the bytes of a finished upload; one with an open question keeps them."""
    await close_ledger(app, upload_id)
    if upload_id not in await as_system(app, uploads.needed_in_spool, [upload_id]):
        await in_thread(app[IMAGERY].spool.remove, upload_id)


@dataclass(slots=True)
class _Intake:
    """One upload being worked on; a delivery is one that a machine sent.

    What nobody has said to be a patient's is homeless: it is not looked into for one (U1).
    """

    app: web.Application
    upload: Upload
    is_delivery: bool = False
    is_homeless: bool = False
    arrivals: list[Arrival] = field(default_factory=list)
    results: list[FileResult] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        """The person who sent it."""
        upload = self.upload
        return Actor(upload.practitioner_id, upload.institution_id, session_id=upload.session_id)

    async def run(self) -> None:
        """Look at every file, then file them all in one unit."""
        self.is_homeless = self.upload.known_case_id is None
        descriptor = await self._open_bytes()
        if descriptor is None:
            self._refuse(self.upload.file_name, "upload-lost")
            return await self._finish()
        try:
            if not self.is_homeless:
                await self._look_at_all(descriptor)
                await self._finish()
            if self.is_homeless:
                await shelve(self.app, self.upload, descriptor)
        finally:
            os.close(descriptor)
        return None

    async def _open_bytes(self) -> int | None:
        """The bytes as they came; those of a picture that waited are brought back first."""
        if self.is_delivery:
            await bring_back(self.app, self.upload)
        return await in_thread(self._open)

    def _open(self) -> int | None:
        try:
            return self.app[IMAGERY].spool.open(self.upload.id)
        except FileNotFoundError:
            return None

    async def _look_at_all(self, descriptor: int) -> None:
        try:
            looker = await self._make_looker()
        except (CaseNotOpenForImagesError, NotFoundError) as error:
            self._lose_case([self.upload.file_name], error.code)
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
            if self.is_homeless:
                return
            try:
                await self._store(self.arrivals)
            except InstanceRacedError:
                if attempt == _RACES - 1:
                    raise
            except CaseNotOpenForImagesError as error:
                self._lose_case([arrival.file_name for arrival in self.arrivals], error.code)
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

    def _lose_case(self, names: list[str], code: str) -> None:
        """The case takes nothing any more: a person is told, a camera's picture waits for one."""
        if self.is_delivery:
            self.is_homeless = True
            return
        for name in names:
            self._refuse(name, code)

    def _refuse(self, name: str, code: str) -> None:
        self.results.append(FileResult(name, FileVerdict.REFUSED, str(code)))
