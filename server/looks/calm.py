"""Whether objects are coming in: what may wait looks at them when the doors are quiet."""

import time
from typing import Final

_QUIET_S: Final = 0.3
_LONGEST_WAIT_S: Final = 5.0


class Calm:
    """How many requests store at this moment, and since when something waits to be looked at."""

    def __init__(self) -> None:
        self._storing = 0
        self._ended_s = 0.0
        self._waiting_since_s: float | None = None

    def begin(self) -> None:
        """A request begins to store."""
        self._storing += 1

    def end(self) -> None:
        """It has ended."""
        self._storing -= 1
        self._ended_s = time.monotonic()

    def note_new(self) -> None:
        """There is something to look at."""
        if self._waiting_since_s is None:
            self._waiting_since_s = time.monotonic()

    def note_done(self) -> None:
        """All of it was looked at."""
        self._waiting_since_s = None

    def is_time_to_look(self) -> bool:
        """Whether the doors are quiet, or what waits has waited long enough."""
        now_s = time.monotonic()
        if self._waiting_since_s is not None and now_s > self._waiting_since_s + _LONGEST_WAIT_S:
            return True
        return self._storing == 0 and now_s > self._ended_s + _QUIET_S
