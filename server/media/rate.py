"""How much may be sent: what comes in a while, and what a receiver's line carries."""

from dataclasses import dataclass
from typing import Final

_MUCH: Final = 26  # of 256 packets lost: a tenth
_LITTLE: Final = 6
_MOST: Final = 102  # two fifths
_GROWTH: Final = 1.08
_OF_256: Final = 256


class Allowance:
    """So many at once, and so many a second over time."""

    def __init__(self, at_once: float, a_second: float) -> None:
        self._most, self._a_second = at_once, a_second
        self._left, self._at_s = at_once, 0.0

    def take(self, now_s: float) -> bool:
        """Whether one more is allowed now."""
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._a_second)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def take_later(self, now_s: float) -> float:
        """Take one more in any case: in how many seconds it may be used."""
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._a_second) - 1
        self._at_s = now_s
        return max(0.0, -self._left / self._a_second)


@dataclass(slots=True)
class Downlink:
    """What one receiver's line is thought to carry, by what it lost (AIMD), in bits a second.

    Never by the receiver's own estimate: that falls to nothing and does not come back. `drowned`
    counts the reports in a row of two fifths lost of what cannot be made smaller.
    """

    ceiling_bps: int
    floor_bps: int
    bps: float = 0.0
    drowned: int = 0

    def heed(self, *, lost_of_256: int, sent_bps: float) -> int:
        """Hear of the last second: how many of 256 packets were lost, and how much was sent."""
        have = self.bps or float(self.ceiling_bps)
        if lost_of_256 > _MUCH:
            have = min(have, max(sent_bps, self.floor_bps)) * (1 - lost_of_256 / _OF_256 / 2)
        elif lost_of_256 < _LITTLE:
            have *= _GROWTH
        self.bps = max(float(self.floor_bps), min(have, float(self.ceiling_bps)))
        is_least = self.bps <= self.floor_bps
        self.drowned = self.drowned + 1 if is_least and lost_of_256 >= _MOST else 0
        return int(self.bps)
