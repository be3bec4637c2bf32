"""One import from the first file to the last: found, looked up, handed over, reported."""

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from server.importing.inside import lines_of, verdict_of
from server.importing.line import Line, ServerAwayError
from server.importing.report import Report
from server.importing.walk import (
    Candidate,
    is_archive,
    is_below,
    open_file,
    refusal_of,
    shown_text,
    walk,
)
from server.intake.spool import sha256_of
from server.threads import in_thread

AT_ONCE: Final = 4
_BATCH: Final = 100
_TRIES: Final = 6
_FIRST_PAUSE_S: Final = 0.2
_PROGRESS_EVERY_S: Final = 5.0

Sentence = Callable[[str, Mapping[str, int]], str]
Tell = Callable[[Report], None]


@dataclass(slots=True)
class Import:
    """A folder on its way in; `sentence` and `tell` speak to whoever started it."""

    root: Path
    line: Line
    report: Report
    report_path: Path
    sentence: Sentence
    tell: Tell
    skipped: int = 0
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _told_s: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Take every file once; raises NoSuchInstitutionError, ServerAwayError."""
        await self._trying(self.line.known, ())
        files = walk(self.root)
        while batch := await in_thread(_some, files):
            fresh = [each for each in batch if not self._is_done(each)]
            self.skipped += len(batch) - len(fresh)
            await self._take_batch(fresh)

    def _is_done(self, candidate: Candidate) -> bool:
        return candidate.path == self.report_path or self.report.is_done(candidate)

    async def _take_batch(self, batch: Sequence[Candidate]) -> None:
        archives, hashes = await self._sort(batch)
        held = await self._trying(self.line.known, list(hashes.values())) if hashes else ()
        try:
            async with asyncio.TaskGroup() as group:
                for each, sha256 in hashes.items():
                    if sha256 in held:
                        self._add(each, "known", "image-known")
                    else:
                        group.create_task(self._take(each))
                for each in archives:
                    group.create_task(self._take_archive(each))
        except* ServerAwayError:
            raise ServerAwayError from None

    async def _sort(
        self, batch: Sequence[Candidate]
    ) -> tuple[list[Candidate], dict[Candidate, str]]:
        """The archives among them, and the hashes of what is sent by itself."""
        archives, hashes = [], {}
        for each in batch:
            try:
                look = await in_thread(_look, each.path)
            except OSError:
                self._add(each, "failed", "import-unreadable")
                continue
            if look.is_archive:
                archives.append(each)
            elif look.refusal is not None:
                self._add(each, "refused", look.refusal)
            else:
                hashes[each] = look.sha256
        return archives, hashes

    async def _take(self, candidate: Candidate) -> None:
        async with self._opened(candidate) as descriptor:
            if descriptor is None:
                return
            told = await self._trying(self.line.take, descriptor)
        if told["verdict"] == "directory":
            await self._compare(candidate, told["references"])
        else:
            self._add(candidate, told["verdict"], told["reason"])

    async def _take_archive(self, candidate: Candidate) -> None:
        """Each file of a ZIP has a line of its own, below the archive's name."""
        async with self._opened(candidate) as descriptor:
            if descriptor is None:
                return
            inside = await self._trying(self._judge_all, descriptor)
        said = self.sentence
        for name, verdict, reason, facts in lines_of(inside):
            place = f"{candidate.name}/{shown_text(name)}"
            self.report.add_absent(place, verdict, reason=reason, sentence=said(reason, facts))
        self._add(candidate, *verdict_of(inside))

    async def _judge_all(self, descriptor: int) -> list[dict[str, Any]]:
        """From its beginning each time: what is stored by now is known by then."""
        return [judged async for judged in self.line.take_archive(descriptor)]

    @asynccontextmanager
    async def _opened(self, candidate: Candidate) -> AsyncIterator[int | None]:
        """The file in its turn; None where it cannot be read by now."""
        async with self._turns:
            try:
                descriptor = await in_thread(open_file, candidate.path)
            except OSError:
                self._add(candidate, "failed", "import-unreadable")
                yield None
                return
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    async def _trying(self, step: Callable[[Any], Any], given: Any) -> Any:
        """Ask again while the server is being restarted, or has its hands full."""
        pause_s = _FIRST_PAUSE_S
        for _ in range(_TRIES - 1):
            try:
                return await step(given)
            except ServerAwayError:
                await asyncio.sleep(pause_s)
                pause_s *= 2
        return await step(given)

    async def _compare(self, candidate: Candidate, references: Sequence[Mapping[str, Any]]) -> None:
        """Name what a DICOMDIR lists and nobody has put there; the rest is found by walking."""
        absent = 0
        folder = candidate.path.parent
        above = candidate.name.rpartition("/")[0]
        for each in references:
            name, code = f"{above}/{each['file']}", "directory-unsafe"
            if each["is_safe"]:
                code = "directory-missing"
                if await in_thread(is_below, folder, str(each["file"]).split("/")):
                    continue
            absent += 1
            self.report.add_absent(name, "missing", reason=code, sentence=self.sentence(code, {}))
        facts = {"count": len(references), "missing": absent}
        self._add(
            candidate,
            "directory",
            "directory-incomplete" if absent else "directory-whole",
            facts,
        )

    def _add(
        self,
        candidate: Candidate,
        verdict: str,
        reason: str,
        facts: Mapping[str, int] | None = None,
    ) -> None:
        said = self.sentence(reason, facts or {})
        self.report.add(candidate, verdict, reason=reason, sentence=said)
        if time.monotonic() - self._told_s >= _PROGRESS_EVERY_S:
            self._told_s = time.monotonic()
            self.tell(self.report)


def _some(files: Iterator[Candidate]) -> list[Candidate]:
    return list(itertools.islice(files, _BATCH))


@dataclass(frozen=True, slots=True)
class _Look:
    """What its first bytes say of a file; its hash where it is sent by itself."""

    is_archive: bool
    refusal: str | None
    sha256: str


def _look(path: Path) -> _Look:
    descriptor = open_file(path)
    try:
        if is_archive(descriptor):
            return _Look(is_archive=True, refusal=None, sha256="")
        refusal = refusal_of(descriptor)
        sha256 = "" if refusal is not None else sha256_of(descriptor)
        return _Look(is_archive=False, refusal=refusal, sha256=sha256)
    finally:
        os.close(descriptor)
