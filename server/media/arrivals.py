"""What came of one track's packets, what is missing, and when that is asked for again."""

import enum
from typing import Final

_HALF: Final = 0x8000
_MASK: Final = 0xFFFF
_LONGEST_GAP: Final = 128  # more is not asked for: the picture begins anew
_AGAIN_S: Final = 0.08
_MOST_ASKED: Final = 4
_MOST_MISSING: Final = 256
_AT_ONCE: Final = 64


class Arrival(enum.Enum):
    """What a packet's number says."""

    NEXT = enum.auto()
    GAP = enum.auto()
    LATE = enum.auto()
    JUMP = enum.auto()
    OLD = enum.auto()


class Arrivals:
    """Sequence numbers of one SSRC (RFC 3550 A.1), and the wishes for those that are missing."""

    def __init__(self) -> None:
        self.expected = -1  # the number that would be the next
        self.received = 0
        self._cycles, self._first = 0, 0
        self._missing: dict[int, tuple[float, int]] = {}

    @property
    def highest(self) -> int:
        """The highest number, with its cycles (RFC 3550 6.4.1)."""
        return (self._cycles << 16 | ((self.expected - 1) & _MASK)) & 0xFFFFFFFF

    @property
    def sent(self) -> int:
        """How many were sent, as far as we know."""
        return 0 if self.expected < 0 else max(self.highest - self._first + 1, 0)

    @property
    def missing(self) -> int:
        """How many are waited for."""
        return len(self._missing)

    def note(self, seq: int, now_s: float) -> Arrival:
        """A packet came."""
        if self.expected < 0:
            self.expected, self._first, self.received = (seq + 1) & _MASK, seq, 1
            self._cycles = 0
            return Arrival.NEXT
        ahead = (seq - self.expected) & _MASK
        if ahead >= _HALF:
            return self._note_late(seq)
        if ahead > _LONGEST_GAP:
            return Arrival.JUMP
        missed = [(self.expected + each) & _MASK for each in range(ahead)]
        self._go_to(seq)
        self.received += 1
        if not missed:
            return Arrival.NEXT
        self._missing.update((each, (now_s, 0)) for each in missed)
        return Arrival.JUMP if len(self._missing) > _MOST_MISSING else Arrival.GAP

    def begin_anew(self) -> None:
        """Another SSRC, or another count: what was missing stays so."""
        self._missing.clear()
        self.expected = -1

    def due(self, now_s: float) -> tuple[list[int], float | None, bool]:
        """What to ask for now, in how many seconds to look again, and whether any was given up."""
        ask: list[int] = []
        gave_up, next_s = False, None
        for seq, (since_s, asked) in list(self._missing.items()):
            due_s = since_s + _AGAIN_S * (2**asked - 1)  # at once, after 80, 240, 560 ms
            if due_s <= now_s and asked == _MOST_ASKED:
                del self._missing[seq]
                gave_up = True
                continue
            if due_s <= now_s and len(ask) < _AT_ONCE:
                ask.append(seq)
                self._missing[seq] = since_s, asked + 1
                due_s = since_s + _AGAIN_S * (2 ** (asked + 1) - 1)
            next_s = due_s if next_s is None else min(next_s, due_s)
        wait_s = None if next_s is None else max(next_s - now_s, 0.005)
        return ask, wait_s, gave_up

    def _note_late(self, seq: int) -> Arrival:
        if self._missing.pop(seq, None) is None:
            return Arrival.OLD  # a repetition, or from before the beginning
        self.received += 1
        return Arrival.LATE

    def _go_to(self, seq: int) -> None:
        if seq < (self.expected - 1) & _MASK:
            self._cycles += 1
        self.expected = (seq + 1) & _MASK
