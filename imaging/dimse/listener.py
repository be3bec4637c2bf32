"""The port: whoever connects is served, within bounds that one peer cannot use up for all."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from imaging.dimse.associate import Associate
from imaging.dimse.association import Association, Bounds, Report
from imaging.dimse.commitment import deliver
from imaging.dimse.errors import (
    PeerError,
    PeerGoneError,
    RefusedAssociationError,
    Rejection,
)
from imaging.dimse.house import Guest, House, HouseAwayError
from imaging.dimse.line import READ_BYTES, Line
from imaging.dimse.serving import serve

_BACKLOG: Final = 256
_MOST_CALLBACKS: Final = 64
_CALL_BACK_AFTER_S: Final = (0.2, 5.0, 30.0, 120.0, 600.0)
"""Between the tries to bring a report to a peer that did not wait for it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many are served at once: in all, of one title, and how many may connect and be silent."""

    most_associations: int
    most_of_one_title: int
    most_silent: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an association ended, for the log: no word of a patient."""

    address: str
    title: str
    code: str


class Listener:
    """Serves every connection in a task of its own."""

    def __init__(
        self,
        house: House,
        *,
        bounds: Bounds,
        limits: Limits,
        note: Callable[[Outcome], None],
        secure: ssl.SSLContext | None = None,
    ) -> None:
        self._house = house
        self._bounds = bounds
        self._limits = limits
        self._note = note
        self._tls_out = secure
        self._callbacks = 0
        self._silent: dict[Line, None] = {}
        self._shaking: dict[Line, asyncio.Task[None]] = {}
        self._titles: dict[Line, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(
        self, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.Server:
        """Open the port."""
        return await asyncio.start_server(
            partial(self._serve, tls), host, port, limit=READ_BYTES, backlog=_BACKLOG
        )

    async def close(self) -> None:
        """End every association."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self,
        tls: ssl.SSLContext | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        patience = self._bounds.patience
        line = Line((reader, writer), patience=patience, longest_data=self._bounds.longest_data)
        association = Association(
            line,
            self._house,
            self._bounds,
            gate=partial(self._enter, line),
            secure=self._tls_out,
        )
        self._wait(line)
        try:
            if tls is None or await self._secure(line, writer, tls):
                await self._attend(association)
        finally:
            self._silent.pop(line, None)
            self._titles.pop(line, None)
            line.drop()
            await association.forget()

    async def _secure(self, line: Line, writer: asyncio.StreamWriter, tls: ssl.SSLContext) -> bool:
        """Whether TLS was agreed on within ARTIM; until then it waits among the silent.

        Nothing may be awaited before: the peer's first bytes would be read as if they were plain.
        """
        task = asyncio.current_task()
        if task is not None:
            self._shaking[line] = task
        try:
            artim_s = self._bounds.patience.artim_s
            await writer.start_tls(tls, ssl_handshake_timeout=artim_s)
        except (OSError, asyncio.CancelledError):
            return False
        finally:
            self._shaking.pop(line, None)
        return True

    async def _attend(self, association: Association) -> None:
        failure: PeerError | PeerGoneError | RefusedAssociationError | None = None
        try:
            await serve(association)
        except (PeerError, PeerGoneError, RefusedAssociationError) as error:
            failure = error
        title = "" if association.guest is None else association.guest.title
        code = "released" if failure is None else failure.code
        self._note(Outcome(association.line.address, title, code))
        self._titles.pop(association.line, None)
        self._wait(association.line)
        await association.end(failure)
        if association.unheard:
            self._call_back(association)

    def _call_back(self, association: Association) -> None:
        """Have what a peer did not wait for brought to it, a few times, beside everything else."""
        guest, reports = association.guest, tuple(association.unheard.values())
        if guest is None or self._callbacks >= _MOST_CALLBACKS:
            return
        self._callbacks += 1
        task = asyncio.get_running_loop().create_task(self._deliver(association, guest, reports))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(
        self, association: Association, guest: Guest, reports: Sequence[Report]
    ) -> None:
        try:
            for report in reports:
                was_heard = await self._deliver_one(association, guest, report)
                code = "report-heard" if was_heard else "report-unheard"
                self._note(Outcome(guest.address, guest.title, code))
        finally:
            self._callbacks -= 1

    async def _deliver_one(self, association: Association, guest: Guest, report: Report) -> bool:
        for wait_s in _CALL_BACK_AFTER_S:
            await asyncio.sleep(wait_s)
            with contextlib.suppress(HouseAwayError, PeerGoneError, PeerError):
                way = (association.called, association.outward)
                if await deliver(self._house, guest, report, way=way):
                    return True
        return False

    def _enter(self, line: Line, asked: Associate) -> None:
        """Count who was admitted; raises RefusedAssociationError where there are too many."""
        self._silent.pop(line, None)
        of_title = sum(title == asked.calling for title in self._titles.values())
        is_full = len(self._titles) >= self._limits.most_associations
        if is_full or of_title >= self._limits.most_of_one_title:
            raise RefusedAssociationError(Rejection.LIMIT_EXCEEDED)
        self._titles[line] = asked.calling

    def _wait(self, line: Line) -> None:
        """Of those who say nothing the one that has waited longest goes when there are too many."""
        self._silent[line] = None
        while len(self._silent) > self._limits.most_silent:
            oldest = next(iter(self._silent))
            del self._silent[oldest]
            task = self._shaking.get(oldest)
            if task is None:
                oldest.drop()
            else:
                task.cancel()
