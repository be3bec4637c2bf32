"""What the live bus does, in one process or over several: losing all of it loses no fact."""

from collections.abc import Collection
from typing import Protocol


class Bus(Protocol):
    """Wake-ups, counters of tries, and who is here now; never a right, never a fact."""

    rung: int

    def ring(self) -> None:
        """Wake everybody who waits; may be called from any thread."""
        ...

    async def wait(self, timeout_s: float, *, after: int | None = None) -> bool:
        """Wait for the ring that follows number `after`; False when the time ran out first."""
        ...

    async def count(self, key: str, *, add: int, window_s: int) -> int:
        """Add to a counter that starts anew `window_s` after its first count, and read it.

        Never less than what this process counted itself.
        """
        ...

    async def meet(self, people: Collection[str]) -> int:
        """These people are here with us; how many are here with any process."""
        ...

    def is_linked(self) -> bool:
        """Whether the other processes could be asked the last time."""
        ...

    async def run(self) -> None:
        """Carry rings between processes for ever; raises when the line is cut."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...
