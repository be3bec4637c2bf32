"""From a whole upload to stored images: looked at in the jail, encrypted, filed in one unit.

A failure of one file of an archive loses nothing else; kill -9 at any instant leaves either the
upload to be done again, which is harmless, or its results.
"""

import os
from dataclasses import dataclass, field
from typing import Final

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
from imaging.errors import (
    JailCrashedError,
    JailRefusedError,
    JailTimedOutError,
    NoPicture,
    Refusal,
)
from server.errors import is_away
from server.imagery import IMAGERY
from server.imagestore import close_ledger, wrapped_key_of
from server.intake_file import Looker
from server.keys import JAIL, RULES, UNITS
from server.spool import sha256_of
from server.threads import in_thread
from server.transactions import as_system, write_as

_RACES: Final = 5
_ENDED: Final = frozenset({NoPicture.DECODER_CRASHED, NoPicture.DECODER_TIMED_OUT})
_MOST_ENDED: Final = 3  # each may cost a decoder's whole time: an archive is no way to buy hours


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
    ended: int = 0  # decoders that did not survive a file, or took too long

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
        if not await self._look(looker, descriptor, self.upload.file_name):
            await self._look_into_archive(looker, descriptor)

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

    async def _look(self, looker: Looker, descriptor: int, name: str) -> bool:
        """Take one file; False when it is an archive."""
        try:
            known = await self._find_known(descriptor, name)
            if known is not None:
                self.results.append(known)
            else:
                arrival = await looker.look(descriptor, name)
                self.arrivals.append(arrival)
                self.ended += arrival.received.description.picture_reason in _ENDED
        except JailRefusedError as error:
            if error.reason == Refusal.IS_ARCHIVE:
                return False
            self._refuse(name, str(error.facts.get("after", error.reason)))
        except JailCrashedError:
            self._refuse(name, NoPicture.DECODER_CRASHED)
        except JailTimedOutError:
            self._refuse(name, NoPicture.DECODER_TIMED_OUT)
        return True

    async def _find_known(self, descriptor: int, name: str) -> FileResult | None:
        sha256 = await in_thread(sha256_of, descriptor)
        return await write_as(
            self.app[UNITS],
            self.actor,
            service_take.find_known,
            case_id=self.upload.case_id,
            file_name=name,
            sha256=sha256,
            reason=self.upload.reason,
        )

    async def _look_into_archive(self, looker: Looker, descriptor: int) -> None:
        try:
            listed = await self.app[JAIL].run("zip_list", {}, inputs=[descriptor])
        except JailRefusedError as error:
            self._refuse(self.upload.file_name, error.reason)
            return
        except (JailCrashedError, JailTimedOutError):
            self._refuse(self.upload.file_name, Refusal.DAMAGED_ZIP)
            return
        for entry in listed["entries"]:
            name = str(entry["name"])
            if self.ended < _MOST_ENDED:
                await self._look_at_entry(looker, descriptor, int(entry["index"]), name)
            else:
                self._refuse(name, "zip-stopped")
        if not (self.arrivals or self.results):
            self._refuse(self.upload.file_name, "zip-empty")

    async def _look_at_entry(self, looker: Looker, archive: int, index: int, name: str) -> None:
        scratch = await in_thread(self.app[IMAGERY].spool.make_scratch)
        try:
            await self.app[JAIL].run(
                "zip_extract", {"index": index}, inputs=[archive], outputs=[scratch]
            )
            if not await self._look(looker, scratch, name):
                self._refuse(name, Refusal.ZIP_NESTED)
        except JailRefusedError as error:
            self._refuse(name, error.reason)
        except (JailCrashedError, JailTimedOutError):
            self.ended += 1
            self._refuse(name, Refusal.DAMAGED_ZIP)
        finally:
            os.close(scratch)

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
        self.ended += code in _ENDED
        self.results.append(FileResult(name, FileVerdict.REFUSED, str(code)))
