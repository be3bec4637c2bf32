"""One part, from its beginning to its end: its taps on the loop, and its writers in a thread."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from server.media.recording.clocks import SenderClock
from server.media.recording.part import Part, TooManyFilesError
from server.media.recording.shown import Said, ShownTap, ShownWriter, State
from server.media.recording.tap import Tap
from server.media.recording.writing import TrackWriter
from server.media.track import Track

DISK_FAULTS: Final = (OSError, TooManyFilesError)
InThread = Callable[..., Awaitable[Any]]


class _Writer(Protocol):
    """What a thread writes one file with."""

    def work(self, entries: Sequence[Any], now_s: float) -> None:
        """Write what was gathered."""

    def halt(self, now_s: float) -> None:
        """Nothing comes for a while."""

    def close(self, now_s: float) -> None:
        """Nothing comes any more."""

    def give_up(self) -> None:
        """Leave the file as it is."""


_Work = Sequence[tuple[_Writer, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class TakenTrack:
    """A track that is sent: by which participant, of which person."""

    participant: str
    person: str
    track: Track


class RecordingSession:
    """Whoever has it does one step at a time."""

    def __init__(
        self, part: Part, recording: str, consented: frozenset[str], in_thread: InThread
    ) -> None:
        self.recording, self.consented = recording, consented
        self.is_paused = False
        self._part, self._in_thread = part, in_thread
        self._shown = ShownTap()
        self._shown_writer = ShownWriter(part)
        self._writers: dict[tuple[str, str], TrackWriter] = {}
        self._clocks: dict[str, SenderClock] = {}
        self._taps: dict[Track, Tap] = {}
        self._left: list[Tap] = []
        self._since_s: float | None = part.not_before_s
        self._spent_s = 0.0

    @property
    def bytes(self) -> int:
        """How much of it is on the disk."""
        return self._part.bytes

    @property
    def pauses(self) -> int:
        """How often it was paused."""
        return len(self._part.manifest.gaps)

    def length_s(self, now_s: float) -> float:
        """How long it was on, without its pauses."""
        return self._spent_s + (0.0 if self._since_s is None else now_s - self._since_s)

    def follow(self, sent: Iterable[TakenTrack]) -> None:
        """Take these tracks, as far as their people have consented, and no others."""
        wanted = {each.track: each for each in sent if each.person in self.consented}
        for track in [each for each in self._taps if each not in wanted]:
            self._let_go(track)
        for track, taken in wanted.items():
            if track not in self._taps:
                tap = self._taps[track] = Tap(track, self._writer_of(taken), self._part.rules)
                tap.attach()

    def show(self, at_s: float, state: State) -> None:
        """From now on what is looked at together is kept, beginning with how it stands."""
        self._shown.is_open = True
        self._shown.begin(at_s, lambda: self._agreed(state()))

    def note_shown(self, at_s: float, person: str, said: Said, state: State) -> None:
        """Keep what somebody said of it, where she has consented."""
        if person in self.consented:
            self._shown.note(at_s, said, lambda: self._agreed(state()))

    def detach(self) -> None:
        """Take nothing more; what came is still written."""
        self._shown.is_open = False
        for track in list(self._taps):
            self._let_go(track)

    async def write(self, now_s: float) -> None:
        """Write what came since; raises OSError, TooManyFilesError."""
        await self._in_thread(self._write, self._gather(), now_s)

    async def pause(self, now_s: float) -> None:
        """Have on the disk what came until now; raises OSError, TooManyFilesError."""
        self.is_paused = True
        self._spent_s, self._since_s = self.length_s(now_s), None
        await self._in_thread(self._halt, self._gather(), now_s)

    async def resume(self, now_s: float) -> None:
        """Nothing that was made before is written; raises OSError."""
        self.is_paused, self._since_s = False, now_s
        self._part.resume(now_s)
        await self._in_thread(self._part.save)

    async def note_consented(self) -> None:
        """Have the list on the disk; raises OSError."""
        self._part.manifest.consented = sorted(self.consented)
        await self._in_thread(self._part.save)

    async def close(self, now_s: float, code: str) -> None:
        """The end; raises OSError where even that cannot be written."""
        await self._in_thread(self._close, self._gather(), now_s, code)

    def _agreed(self, state: Said) -> Said:
        """Without the lines of whoever has not consented."""
        strokes = [each for each in state["strokes"] if each["by"] in self.consented]
        return {**state, "strokes": strokes}

    def _writer_of(self, taken: TakenTrack) -> TrackWriter:
        key = taken.participant, taken.track.source
        if key not in self._writers:
            clock = self._clocks.setdefault(taken.participant, SenderClock())
            self._writers[key] = TrackWriter(*key, self._part, clock)
        return self._writers[key]

    def _let_go(self, track: Track) -> None:
        tap = self._taps.pop(track)
        tap.detach()
        self._left.append(tap)

    def _gather(self) -> _Work:
        left, self._left = self._left, []
        work: list[tuple[_Writer, Sequence[Any]]] = [(self._shown_writer, self._shown.take())]
        return work + [(tap.writer, tap.take()) for tap in (*left, *self._taps.values())]

    def _write(self, work: _Work, now_s: float) -> None:
        busy = set[_Writer]()
        for writer, entries in work:
            writer.work(entries, now_s)
            busy.add(writer)
        for writer in self._writers.values():
            if writer not in busy:
                writer.work((), now_s)
        if self._part.is_changed:
            self._part.save()

    def _all_writers(self) -> list[_Writer]:
        return [self._shown_writer, *self._writers.values()]

    def _halt(self, work: _Work, now_s: float) -> None:
        self._part.pause(now_s)
        self._write(work, now_s)
        for writer in self._all_writers():
            writer.halt(now_s)
        self._part.save()

    def _close(self, work: _Work, now_s: float, code: str) -> None:
        with contextlib.suppress(*DISK_FAULTS):  # what is on the disk is told as it is
            self._write(work, now_s)
        for writer in self._all_writers():
            try:
                writer.close(now_s)
            except DISK_FAULTS:
                writer.give_up()
        self._part.close(now_s, code)
