"""When a frame was made, by this machine's clock: what keeps sound and picture in step.

A sender's reports (RFC 3550 6.4.1) tie the times of each of its tracks to one clock of its own;
that clock is tied to ours by whichever report was least delayed. Until the first one comes, and
where one says nonsense, the time of coming stands for it. The reports of the first seconds move
what was said of the run until then: the very first may itself have been held up. Later ones
correct what follows, gradually. Seconds, of any clock that does not jump.
"""

from collections import deque
from typing import Final

_KEPT: Final = 32
_KEPT_COMINGS: Final = 64
_MOST_APART_S: Final = 2.0  # more than that no packet is under way
_CORRECTION: Final = 0.1  # of the time that passed: nobody hears or sees it
_JUMP_S: Final = 1.0
_SETTLES_S: Final = 5.0  # from the first frame: in which reports move what was said
_EARLIEST_S, _LATEST_S = 3.0, 0.25  # before it came, and after: what the guesses may be wrong by
_NTP_UNIT: Final = 1 << 32


class SenderClock:
    """One participant's clock beside ours."""

    def __init__(self) -> None:
        self._ahead_s: deque[float] = deque(maxlen=_KEPT)

    def heed(self, ntp: int, heard_s: float) -> None:
        """A report was sent at `ntp` (64 bits) and heard by us then."""
        self._ahead_s.append(heard_s - ntp / _NTP_UNIT)

    def ours_s(self, ntp: int) -> float | None:
        """When it was by our clock; None while no report has come."""
        return min(self._ahead_s) + ntp / _NTP_UNIT if self._ahead_s else None


class TrackClock:
    """One run of one track: its times go on by one count."""

    def __init__(self, sender: SenderClock, rate: int) -> None:
        self._sender, self._rate = sender, rate
        self._report: tuple[int, int] | None = None
        self._came_zeros_s: deque[float] = deque(maxlen=_KEPT_COMINGS)
        self._zero_s: float | None = None
        self._first_s: float | None = None
        self._last_s = 0.0
        self._is_believed = True

    def report(self, ntp: int, stamp: int) -> None:
        """At `ntp` of the sender's clock this track's time was `stamp`, unwrapped."""
        self._report = ntp, stamp

    def settle(self) -> float:
        """By how much all times until now were wrong, in the first seconds; they are moved."""
        told_s = self._told_zero_s()
        if not self._is_believed or told_s is None or self._zero_s is None:
            return 0.0
        if self._last_s - (self._first_s or 0.0) > _SETTLES_S:
            return 0.0
        if abs(told_s - self._came_zeros_s[-1]) > _MOST_APART_S:
            self._is_believed = False
            return 0.0
        moved_s, self._zero_s = told_s - self._zero_s, told_s
        return moved_s

    def at_s(self, stamp: int, came_s: float) -> float:
        """When a frame was made whose last packet came then; corrections come gradually."""
        media_s = stamp / self._rate
        if self._first_s is None:
            self._first_s = media_s
        came_zero_s = came_s - media_s
        self._came_zeros_s.append(came_zero_s)
        wanted_s = self._told_zero_s()
        if wanted_s is None or abs(wanted_s - came_zero_s) > _MOST_APART_S:
            wanted_s = min(self._came_zeros_s)  # the least delayed of the last ones
        if self._zero_s is None or abs(wanted_s - self._zero_s) > _JUMP_S:
            self._zero_s = wanted_s
        else:
            most_s = max(media_s - self._last_s, 0.0) * _CORRECTION
            self._zero_s += max(-most_s, min(most_s, wanted_s - self._zero_s))
        self._last_s = media_s
        found_s = self._zero_s + media_s
        return min(max(found_s, came_s - _EARLIEST_S), came_s + _LATEST_S)

    def _told_zero_s(self) -> float | None:
        if self._report is None:
            return None
        ntp, stamp = self._report
        ours_s = self._sender.ours_s(ntp)
        return None if ours_s is None else ours_s - stamp / self._rate
