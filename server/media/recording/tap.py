"""Where packets are taken for a recording: one of a track's takers, that only gathers them."""

import asyncio
from typing import Final

from server.media.recording.rules import RecordingRules
from server.media.recording.writing import Began, Entry, Told, TrackWriter
from server.media.track import Packet, Track

_NO_LIMIT: Final = 0xFFFFFFFF
_OVERHEAD_BYTES: Final = 200


class Tap:
    """On the loop, between one track and who writes it."""

    limit_bps = _NO_LIMIT

    def __init__(self, track: Track, writer: TrackWriter, rules: RecordingRules) -> None:
        self.track, self.writer = track, writer
        self._rules = rules
        self._loop = asyncio.get_running_loop()
        self._entries: list[Entry] = []
        self._bytes = 0
        self._origin: object = None
        self._clock: tuple[int, int] | None = None
        self._asked_s = -1e9
        self._has_come = False  # anything, since it last asked

    def attach(self) -> None:
        """From now on."""
        self.track.takers.append(self)
        self._ask()

    def detach(self) -> None:
        """No more; what was gathered stays to be taken."""
        if self in self.track.takers:
            self.track.takers.remove(self)

    def pass_on(self, origin: object, packet: Packet) -> None:
        """Keep a packet until it is written; where too many wait it is as if it were lost."""
        self._bytes += len(packet[3]) + _OVERHEAD_BYTES
        if self._bytes > self._rules.most_waiting_bytes:
            return
        if origin is not self._origin:
            self._origin, self._clock = origin, None
            self._entries.append(Began(self.track.codec))
        self._entries.append((packet, self._loop.time()))

    def take(self) -> list[Entry]:
        """What was gathered since."""
        entries, self._entries = self._entries, []
        self._has_come = self._has_come or self._bytes > 0
        self._bytes = 0
        clock = self.track.clock
        if clock is not None and clock != self._clock and self._origin is self.track.origin:
            self._clock = clock
            entries.append(Told(*clock, self.track.clock_heard_s))
        if self._has_come and self.writer.is_waiting:
            self._ask()
        return entries

    def _ask(self) -> None:
        """Ask for a whole picture, not too often, since somebody may not be able to send one."""
        now_s = self._loop.time()
        if now_s - self._asked_s >= self._rules.keyframe_again_s:
            self._asked_s, self._has_come = now_s, False
            self.track.ask_for_keyframe()
