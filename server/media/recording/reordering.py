"""Packets into their order again, waiting for each that is missing a bounded while."""

from collections.abc import Iterator

from server.media.track import Packet

_HALF, _WHOLE, _MASK = 0x8000, 0x10000, 0xFFFF


class Reordering:
    """The jitter buffer of one run of one track; a run's numbers go on without a break."""

    def __init__(self, *, patience_s: float, most: int) -> None:
        self._patience_s, self._most = patience_s, most
        self._next = -1  # unwrapped
        self._held: dict[int, tuple[Packet, float]] = {}
        self._lacks_since_s: float | None = None
        self.lost = 0

    def add(self, packet: Packet, came_s: float) -> None:
        """A packet came; one that was given up already, or is there already, is dropped."""
        if self._next < 0:
            self._next = packet[0] + _WHOLE  # so that a late one is below, and none below zero
        ahead = (packet[0] - self._next) & _MASK
        whole = self._next + (ahead if ahead < _HALF else ahead - _WHOLE)
        if whole >= self._next:
            self._held.setdefault(whole, (packet, came_s))

    def take(self, now_s: float) -> Iterator[tuple[Packet, float] | None]:
        """What is in order, with the time of its coming; None stands for what is lost."""
        while self._held:
            found = self._held.pop(self._next, None)
            if found is not None:
                self._next += 1
                self._lacks_since_s = None
                yield found
            elif self._is_given_up(now_s):
                self._skip()
                yield None
            else:
                return

    def drain(self) -> Iterator[tuple[Packet, float] | None]:
        """The rest: nothing more comes."""
        while self._held:
            found = self._held.pop(self._next, None)
            if found is None:
                self._skip()
                yield None
            else:
                self._next += 1
                yield found

    def _is_given_up(self, now_s: float) -> bool:
        if self._lacks_since_s is None:
            self._lacks_since_s = min(came_s for _, came_s in self._held.values())
        return len(self._held) > self._most or now_s - self._lacks_since_s >= self._patience_s

    def _skip(self) -> None:
        lowest = min(self._held)
        self.lost += lowest - self._next
        self._next, self._lacks_since_s = lowest, None
