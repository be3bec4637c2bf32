"""A room's recording: who is written, whether it goes on, and why it ended.

Only who has consented is written, and everyone is told before the first packet is taken (T21).
The disk is waited for by threads alone: a recording that fails ends by itself, the room goes on.
"""

import asyncio
import errno
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from server.media.errors import RoomRefusal
from server.media.recording.manifest import Manifest, format_instant
from server.media.recording.outbox import Outbox
from server.media.recording.part import begin_part
from server.media.recording.rules import RecordingRules
from server.media.recording.session import DISK_FAULTS, RecordingSession, TakenTrack
from server.media.recording.shown import Said
from server.media.together.table import Table

log = structlog.get_logger()
OFF, ON, PAUSED = "off", "on", "paused"
_LOOK_EVERY_S: Final = 1.0
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Recordable(Protocol):
    """A room, as far as it is recorded."""

    id: str
    table: Table

    def list_sent(self) -> Iterable[TakenTrack]:
        """Every track that is sent, and by whom."""

    def tell_all(self, message: Mapping[str, Any]) -> None:
        """Say something to everyone."""


@dataclass(frozen=True, slots=True)
class RecordingPlace:
    """What the recordings of a process share."""

    outbox: Outbox
    threads: ThreadPoolExecutor
    rules: RecordingRules


@dataclass(frozen=True, slots=True)
class RecordingWish:
    """What web would have recorded: by its own name for it, and with whose consent."""

    recording: str
    key: bytes
    consented: frozenset[str]


class Recorder:
    """Off, on or paused; one part at a time."""

    def __init__(self, room: Recordable, place: RecordingPlace) -> None:
        self.state, self.code = OFF, ""
        self._room, self._place = room, place
        room.table.heard = self.note_shown
        self._session: RecordingSession | None = None
        self._lock = asyncio.Lock()
        self._refused: set[str] = set()
        self._bytes, self._spent_s = 0, 0.0  # of the parts that this room has ended
        self._task: asyncio.Task[None] | None = None

    def told(self) -> Mapping[str, Any]:
        """What everyone in the room is told, when they come and whenever it changes."""
        people = [] if self._session is None else sorted(self._session.consented)
        return {"state": self.state, "code": self.code, "people": people}

    async def start(self, wish: RecordingWish) -> None:
        """Begin a part, or take another list of those who consent. Raises RoomRefusal."""
        async with self._lock:
            if self._refused - wish.consented:
                raise RoomRefusal("recording-refused")
            self._refused.clear()
            if self._session is None:
                await self._begin(wish)
            elif self._session.recording != wish.recording:
                raise RoomRefusal("recording-runs")
            else:
                await self._agree(self._session, wish.consented)

    async def pause(self) -> None:
        """Write nothing, from this moment. Raises RoomRefusal."""
        session, now_s = self._require(), _steady_s()
        session.detach()  # before anything is waited for
        self._say(PAUSED)
        async with self._lock:
            if session is self._session and not session.is_paused:
                await self._try(session, session.pause(now_s))

    async def resume(self) -> None:
        """Go on after a pause. Raises RoomRefusal."""
        async with self._lock:
            session = self._require()
            if session.pauses >= self._place.rules.most_pauses:
                raise RoomRefusal("too-many-pauses")
            if session.is_paused:
                self._say(ON)
                await self._try(session, session.resume(_steady_s()))
                self.follow()
                session.show(_steady_s(), self._room.table.showing.state)

    async def refuse(self, person: str) -> None:
        """Somebody does not want it: it ends, and does not begin until that person consents."""
        self._refused.add(person)
        await self.stop("refused")

    async def stop(self, code: str) -> None:
        """End the part, where there is one; `code` says why."""
        if self._session is not None:
            self._session.detach()
        async with self._lock:
            if self._session is not None:
                await self._end(self._session, code)

    def follow(self) -> None:
        """Take what is sent now by those who consented, and nothing else."""
        if self._session is not None and self.state == ON:
            self._session.follow(self._room.list_sent())

    def note_shown(self, person: str, said: Said) -> None:
        """Somebody has changed what is looked at together."""
        if self._session is not None and self.state == ON:
            state = self._room.table.showing.state
            self._session.note_shown(_steady_s(), person, said, state)

    async def _begin(self, wish: RecordingWish) -> None:
        place = self._place
        rules, now_s, unix_s = place.rules, _steady_s(), time.time()
        manifest = Manifest(
            source="",
            sequence=0,
            recording=wish.recording,
            room=self._room.id,
            began_at=format_instant(unix_s),
            consented=sorted(wish.consented),
        )
        try:
            await self._in_thread(place.outbox.open)
            code = self._bound_of(0, 0.0) or await self._fault_of_disk()
            if code:
                raise RoomRefusal(code)
            part = await self._in_thread(
                begin_part, place.outbox, manifest, wish.key, rules, (now_s, unix_s)
            )
        except OSError as failed:
            raise RoomRefusal(_code_of(failed)) from None
        session = RecordingSession(part, wish.recording, wish.consented, self._in_thread)
        self._session = session
        self._say(ON)
        self.follow()
        session.show(now_s, self._room.table.showing.state)
        self._task = asyncio.get_running_loop().create_task(self._keep(session), name="recording")

    async def _agree(self, session: RecordingSession, consented: Collection[str]) -> None:
        session.consented = frozenset(consented)
        self._say(self.state)
        self.follow()
        await self._try(session, session.note_consented())

    async def _keep(self, session: RecordingSession) -> None:
        """Until it ends."""
        looked_s = _steady_s()
        while session is self._session:
            await asyncio.sleep(self._place.rules.write_every_s)
            async with self._lock:
                if session is not self._session:
                    return
                now_s = _steady_s()
                await self._try(session, session.write(now_s))
                code = self._bound_of(session.bytes, session.length_s(now_s))
                if not code and now_s - looked_s >= _LOOK_EVERY_S:
                    looked_s, code = now_s, await self._fault_of_disk()
                if code and session is self._session:
                    await self._end(session, code)

    def _bound_of(self, part_bytes: int, part_s: float) -> str:
        """Which bound of the room has been reached, or nothing."""
        rules = self._place.rules
        if self._bytes + part_bytes > rules.most_bytes:
            return "recording-too-large"
        if self._spent_s + part_s > rules.most_s:
            return "recording-too-long"
        return ""

    async def _fault_of_disk(self) -> str:
        """Why the disk takes no more, or nothing."""
        try:
            free_bytes = await self._in_thread(self._place.outbox.free_bytes)
        except OSError as failed:
            return _code_of(failed)
        return "disk-full" if free_bytes < self._place.rules.least_free_bytes else ""

    async def _try(self, session: RecordingSession, step: Any) -> None:
        """Do a step of writing; where the disk takes no more, that is the end."""
        try:
            await step
        except DISK_FAULTS as failed:
            await self._end(session, _code_of(failed))
        except Exception as failed:  # noqa: BLE001 - a stranger's bytes; whatever it is, the room goes on
            log.error("recording failed", error=type(failed).__name__)  # noqa: TRY400
            await self._end(session, "recording-failed")

    async def _end(self, session: RecordingSession, code: str) -> None:
        self._session = None
        session.detach()
        now_s = _steady_s()
        self._say(OFF, code)
        try:
            await session.close(now_s, code)
        except OSError as failed:  # the next start settles it
            log.error("recording not closed", error=type(failed).__name__)  # noqa: TRY400
        self._bytes += session.bytes
        self._spent_s += session.length_s(now_s)

    def _require(self) -> RecordingSession:
        if self._session is None:
            raise RoomRefusal("not-recording")
        return self._session

    def _say(self, state: str, code: str = "") -> None:
        self.state, self.code = state, code
        self._room.tell_all({"told": "recording", **self.told()})

    async def _in_thread(self, act: Any, *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._place.threads, act, *given)


def _code_of(failed: BaseException) -> str:
    if isinstance(failed, OSError):
        return "disk-full" if failed.errno in _FULL else "disk-failed"
    return "too-many-files"


def _steady_s() -> float:
    """The clock of the loop: it never jumps."""
    return asyncio.get_running_loop().time()
