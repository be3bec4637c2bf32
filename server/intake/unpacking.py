"""What one upload holds: one picture, the pages of one, an archive of many, or a DICOMDIR."""

import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final

from aiohttp import web

from consult.cases.images import service_take
from consult.cases.images.model import Arrival
from consult.kernel.work import Actor
from consult.studies.uploads.model import FileResult, FileVerdict, Upload
from imaging.errors import (
    JailCrashedError,
    JailRefusedError,
    JailTimedOutError,
    NoPicture,
    Refusal,
)
from server.images.imagery import IMAGERY
from server.intake.file import Looker
from server.intake.spool import sha256_of
from server.keys import JAIL, UNITS
from server.threads import in_thread
from server.transactions import read_as, write_as

_HOLDS_MORE: Final = frozenset({Refusal.IS_ARCHIVE, Refusal.TIFF_PAGES, Refusal.DIRECTORY})
_MOST_NAMED: Final = 50
_ENDED: Final = frozenset({NoPicture.DECODER_CRASHED, NoPicture.DECODER_TIMED_OUT})
_MOST_ENDED: Final = 3  # each may cost a decoder's whole time: an archive is no way to buy hours

References = Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Unpacking:
    """The files of one upload, each looked at; what cannot be taken is named with its reason."""

    app: web.Application
    actor: Actor
    upload: Upload
    looker: Looker
    arrivals: list[Arrival] = field(default_factory=list)
    results: list[FileResult] = field(default_factory=list)
    ended: int = 0  # decoders that did not survive a file, or took too long
    _directories: list[tuple[str, References]] = field(default_factory=list)

    async def take_all(self, descriptor: int) -> None:
        """Look at the upload, and into it where it holds more than one file."""
        name = self.upload.file_name
        holds = await self._look(descriptor, name)
        if holds is None:
            return
        if holds.reason == Refusal.IS_ARCHIVE:
            await self._look_into_archive(descriptor)
            return
        await self._look_inside(holds, descriptor, name)
        for directory, references in self._directories:
            await self._compare_with_case(directory, references)

    async def _look(self, descriptor: int, name: str) -> JailRefusedError | None:
        """Take one file; the jail's word comes back where it holds more than one."""
        try:
            sha256 = await in_thread(sha256_of, descriptor)
            known = await self._find_known(name, sha256)
            if known is not None:
                self.results.append(known)
            else:
                arrival = await self.looker.look(descriptor, name, sha256=sha256)
                self.arrivals.append(arrival)
                self.ended += arrival.received.description.picture_reason in _ENDED
        except JailRefusedError as error:
            if error.reason in _HOLDS_MORE:
                return error
            self.refuse(name, str(error.facts.get("after", error.reason)))
        except JailCrashedError:
            self.refuse(name, NoPicture.DECODER_CRASHED)
        except JailTimedOutError:
            self.refuse(name, NoPicture.DECODER_TIMED_OUT)
        return None

    async def _find_known(self, name: str, sha256: str) -> FileResult | None:
        return await write_as(
            self.app[UNITS],
            self.actor,
            service_take.find_known,
            case_id=self.upload.case_id,
            file_name=name,
            sha256=sha256,
            reason=self.upload.reason,
        )

    async def _look_into_archive(self, descriptor: int) -> None:
        try:
            listed = await self.app[JAIL].run("zip_list", {}, inputs=[descriptor])
        except JailRefusedError as error:
            self.refuse(self.upload.file_name, error.reason)
            return
        except (JailCrashedError, JailTimedOutError):
            self.refuse(self.upload.file_name, Refusal.DAMAGED_ZIP)
            return
        names = [str(entry["name"]) for entry in listed["entries"]]
        for entry, name in zip(listed["entries"], names, strict=True):
            if self.ended < _MOST_ENDED:
                await self._look_at_entry(descriptor, int(entry["index"]), name)
            else:
                self.refuse(name, "zip-stopped")
        present = {_plain(name) for name in names}
        for directory, references in self._directories:
            folder = PurePosixPath(directory).parent
            self._compare(directory, references, partial(_lies_in, folder, present))
        if not (self.arrivals or self.results):
            self.refuse(self.upload.file_name, "zip-empty")

    async def _look_at_entry(self, archive: int, index: int, name: str) -> None:
        try:
            async with self._taken_out("zip_extract", archive, index) as scratch:
                holds = await self._look(scratch, name)
                if holds is None:
                    return
                if holds.reason == Refusal.IS_ARCHIVE:
                    self.refuse(name, Refusal.ZIP_NESTED)
                else:
                    await self._look_inside(holds, scratch, name)
        except JailRefusedError as error:
            self.refuse(name, error.reason)
        except (JailCrashedError, JailTimedOutError):
            self.ended += 1
            self.refuse(name, Refusal.DAMAGED_ZIP)

    async def _look_inside(self, holds: JailRefusedError, descriptor: int, name: str) -> None:
        """Each page as a picture of its own, or what a directory names."""
        try:
            if holds.reason == Refusal.DIRECTORY:
                told = await self.app[JAIL].run("directory", {}, inputs=[descriptor])
                self._directories.append((name, told["references"]))
                return
            for index in range(int(holds.facts["pages"])):
                async with self._taken_out("tiff_page", descriptor, index) as scratch:
                    if await self._look(scratch, f"{name} #{index + 1}") is not None:
                        self.refuse(name, Refusal.DAMAGED_PICTURE)
        except JailRefusedError as error:
            self.refuse(name, error.reason)
        except (JailCrashedError, JailTimedOutError):
            self.refuse(name, "decoder-crashed")

    @asynccontextmanager
    async def _taken_out(self, job: str, descriptor: int, index: int) -> AsyncIterator[int]:
        """One file or page out of several; raises JailError."""
        scratch = await in_thread(self.app[IMAGERY].spool.make_scratch)
        try:
            await self.app[JAIL].run(job, {"index": index}, inputs=[descriptor], outputs=[scratch])
            yield scratch
        finally:
            os.close(scratch)

    async def _compare_with_case(self, name: str, references: References) -> None:
        """A directory that came by itself: its files came before it, each as its own upload."""
        held = await read_as(
            self.app[UNITS], self.actor, service_take.list_held, case_id=self.upload.case_id
        )
        self._compare(
            name, references, lambda each: each["uid"] in held.uids or _last(each) in held.names
        )

    def _compare(
        self, name: str, references: References, is_here: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        """Say what a directory names and nobody sent; a name that leads elsewhere is refused."""
        unsafe = [each for each in references if not each["is_safe"]]
        missing = [each for each in references if each["is_safe"] and not is_here(each)]
        count, absent = len(references), len(unsafe) + len(missing)
        if references and not absent:
            told = FileResult(
                name, FileVerdict.KNOWN, "directory-whole", {"count": count}, has_picture=True
            )
            self.results.append(told)
            return
        facts = {"count": count, "missing": absent}
        self.results.append(FileResult(name, FileVerdict.REFUSED, "directory-incomplete", facts))
        for code, some in (("directory-unsafe", unsafe), ("directory-missing", missing)):
            for each in some[:_MOST_NAMED]:
                self.refuse(str(each["file"]), code)

    def refuse(self, name: str, code: str) -> None:
        """Name a file that is not taken, and why."""
        self.ended += code in _ENDED
        self.results.append(FileResult(name, FileVerdict.REFUSED, str(code)))


def _plain(path: PurePosixPath | str) -> str:
    """A name for comparing: discs are written in capitals, and copied in any case."""
    return str(path).casefold().rstrip(".")


def _lies_in(folder: PurePosixPath, present: Collection[str], reference: Mapping[str, Any]) -> bool:
    """Whether an archive holds what the directory of one of its folders names."""
    return _plain(folder / str(reference["file"])) in present


def _last(reference: Mapping[str, Any]) -> str:
    return _plain(PurePosixPath(str(reference["file"])).name)
