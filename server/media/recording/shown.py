"""What was looked at together, as a track of its own: pictures, hands and lines, as they came.

Each block is what the room told everybody (`together/showing.py`), as metadata of WebVTT in JSON;
the state of the whole comes first, after each pause, and wherever something was left out.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from server.media.recording.frames import Frame
from server.media.recording.part import Part, TooManyFilesError
from server.media.recording.track_file import TrackFile

SHOWN: Final = "shown"
"""The source by which the manifest knows this track; no participant sends it."""
CODEC: Final = "webvtt"
CUE_HEAD: Final = b"\n\n"
"""An empty name and no settings stand before what a block says (WebVTT in WebM)."""
_POINTS_EVERY_S: Final = 0.05
_MOST_WAITING: Final = 20_000
Said = Mapping[str, Any]
State = Callable[[], Said]
_Noted = tuple[float, str, bytes]
"""When, whose hand alone it is (else nobody's), and the words."""


class ShownTap:
    """On the loop: gathers what is told while it is recorded."""

    def __init__(self) -> None:
        self.is_open = False
        self._has_begun = self._is_behind = False
        self._waiting: list[_Noted] = []

    def note(self, at_s: float, said: Said, state: State) -> None:
        """Keep what was told; `state` is the whole, for where something is missing before it."""
        if not self.is_open:
            return
        if not self._has_begun or self._is_behind:
            self.begin(at_s, state)
        elif len(self._waiting) >= _MOST_WAITING:
            self._waiting.clear()
            self._is_behind = True
        else:
            hand = str(said["by"]) if said["told"] == "point" else ""
            self._waiting.append((at_s, hand, _as_bytes(said)))

    def begin(self, at_s: float, state: State) -> None:
        """The whole as it stands, from which on everything is kept; nothing where nobody shows."""
        self._is_behind, told = False, state()
        if self._has_begun or told["presenter"]:
            self._has_begun = True
            self._waiting.append((at_s, "", _as_bytes({"told": "showing", "showing": told})))

    def take(self) -> list[_Noted]:
        """What was gathered since; of a hand no more than twenty places a second."""
        found, self._waiting = self._waiting, []
        kept, later = [], dict[str, int]()
        for noted in reversed(found):
            at_s, hand, _ = noted
            step = int(at_s / _POINTS_EVERY_S)
            if hand and later.get(hand) == step:
                continue
            if hand:
                later[hand] = step
            kept.append(noted)
        return kept[::-1]


class ShownWriter:
    """In a thread: its file in the part, which begins with the first word."""

    is_waiting = False

    def __init__(self, part: Part) -> None:
        self._part = part
        self._file: TrackFile | None = None
        self._left_bytes = part.rules.most_shown_bytes

    def work(self, entries: Sequence[_Noted], now_s: float) -> None:
        """Write what was gathered, as far as the bound allows; raises OSError."""
        for at_s, _, said in entries:
            self._left_bytes -= len(said)
            if self._left_bytes < 0:
                break
            frame = Frame(stamp=0, data=CUE_HEAD + said, is_key=True)
            if self._file is None and not self._begin(frame, at_s):
                break
            if self._file is not None:
                self._file.add(frame, at_s, now_s)
        if self._file is not None:
            self._file.flush_old(now_s)

    def halt(self, now_s: float) -> None:  # noqa: ARG002 - as a writer of packets is halted
        """Nothing comes for a while: have on the disk what came; raises OSError."""
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

    def _begin(self, frame: Frame, at_s: float) -> bool:
        """Whether there is a place for it: voices and faces come first."""
        try:
            self._file = self._part.add_file("", SHOWN, CODEC)
        except TooManyFilesError:
            self._left_bytes = 0
            return False
        self._file.begin(frame, at_s)
        self._file.facts.first_at = self._part.instant(at_s)
        return True


def _as_bytes(said: Said) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
