"""What a thread does with the packets of one track: into order, into frames, into its file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from server.media.recording.clocks import SenderClock, TrackClock
from server.media.recording.frames import Depacketiser, Frame, Pictures, Unwrapped
from server.media.recording.h264 import H264
from server.media.recording.opus import Sound
from server.media.recording.part import Part
from server.media.recording.reordering import Reordering
from server.media.recording.rules import RecordingRules
from server.media.recording.track_file import TrackFile
from server.media.recording.vp8 import Vp8
from server.media.track import Packet

_SOUND_RATE, _PICTURE_RATE = 48_000, 90_000


@dataclass(frozen=True, slots=True)
class Began:
    """Numbers begin anew, in this codec."""

    codec: str


@dataclass(frozen=True, slots=True)
class Told:
    """The sender's report: at `ntp` of its clock it was `stamp`; heard by us then."""

    ntp: int
    stamp: int
    heard_s: float


Came = tuple[Packet, float]
"""A packet, and when it came."""
Entry = Began | Told | Came


class _Run:
    """What goes on by one count."""

    def __init__(self, codec: str, sender: SenderClock, rules: RecordingRules) -> None:
        self.codec = codec
        self.frames: Depacketiser = _depacketiser(codec)
        self.clock = TrackClock(sender, _SOUND_RATE if codec == "opus" else _PICTURE_RATE)
        self.stamps = Unwrapped()
        self.report: Told | None = None
        self.began: TrackFile | None = None
        self.packets = Reordering(patience_s=rules.patience_s, most=rules.most_held)


class TrackWriter:
    """One source of one participant, for one part."""

    def __init__(self, participant: str, source: str, part: Part, sender: SenderClock) -> None:
        self._participant, self._source = participant, source
        self._part, self._sender = part, sender
        self._run: _Run | None = None
        self._file: TrackFile | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nothing can be written until a whole picture comes."""
        return self._run is not None and self._run.frames.is_waiting

    def work(self, entries: Sequence[Entry], now_s: float) -> None:
        """Write what can be written; raises OSError where the disk takes no more."""
        for entry in entries:
            if isinstance(entry, Began):
                self._begin(entry.codec, now_s)
            elif isinstance(entry, Told):
                self._sender.heed(entry.ntp, entry.heard_s)
                if self._run is not None:
                    self._run.report = entry
            elif self._run is not None:
                self._run.packets.add(*entry)
        if self._run is not None:
            self._write(self._run, self._run.packets.take(now_s), now_s)
        if self._file is not None:
            self._file.flush_old(now_s)

    def halt(self, now_s: float) -> None:
        """Nothing comes for a while: have on the disk what came; raises OSError."""
        if self._run is not None:
            self._write(self._run, self._run.packets.drain(), now_s)
        self._run = None
        if self._file is not None:
            self._file.flush()

    def close(self, now_s: float) -> None:
        """Nothing comes any more; raises OSError."""
        self.halt(now_s)
        if self._file is not None:
            self._file.close()

    def give_up(self) -> None:
        """Leave the file as it is."""
        if self._file is not None:
            self._file.give_up()

    def _begin(self, codec: str, now_s: float) -> None:
        if self._run is not None:
            self._write(self._run, self._run.packets.drain(), now_s)
        family = codec.partition("/")[0]
        self._run = _Run(family, self._sender, self._part.rules) if family in _FAMILIES else None

    def _write(self, run: _Run, packets: Iterable[Came | None], now_s: float) -> None:
        before = run.packets.lost
        for came in packets:
            if came is None:
                run.frames.lose()
                continue
            (_, marker, stamp, payload), came_s = came
            frame = run.frames.add(marker, run.stamps.follow(stamp), payload)
            if run.report is not None:
                self._heed(run, run.report)
            if frame is not None:
                self._write_frame(run, frame, run.clock.at_s(frame.stamp, came_s), now_s)
        if self._file is not None:
            self._file.facts.lost += run.packets.lost - before

    def _heed(self, run: _Run, report: Told) -> None:
        """The first reports of the run that began the file move the whole file."""
        run.report = None
        run.clock.report(report.ntp, run.stamps.near(report.stamp))
        if run.began is None or run.began is not self._file:
            return
        moved_s = run.clock.settle()
        if moved_s:
            run.began.move(moved_s)
            run.began.facts.first_at = self._part.instant(run.began.first_s)
            self._part.is_changed = True

    def _write_frame(self, run: _Run, frame: Frame, at_s: float, now_s: float) -> None:
        if at_s < self._part.not_before_s:
            run.frames.lose()  # made before anybody was told, or while it was paused
            return
        if self._file is None or self._file.facts.codec != run.codec:
            if self._file is not None:
                self._file.close()
            self._file = self._part.add_file(self._participant, self._source, run.codec)
            self._file.begin(frame, at_s)
            run.began = self._file
            self._file.facts.first_at = self._part.instant(at_s)
        if self._file.add(frame, at_s, now_s):
            self._part.is_changed = True


def _depacketiser(family: str) -> Depacketiser:
    return _FAMILIES[family]()


def _make_vp8() -> Depacketiser:
    return Pictures(Vp8())


def _make_h264() -> Depacketiser:
    return Pictures(H264())


_FAMILIES: Final = {"opus": Sound, "vp8": _make_vp8, "h264": _make_h264}
