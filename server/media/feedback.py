"""When what came, told to the sender: draft-holmer-rmcat-transport-wide-cc-extensions-01."""

import struct
from typing import Final

_HEAD: Final = struct.Struct("!BBHIIHHI")
_TELLS: Final = 205  # RTPFB of RFC 4585 6.1
_FORMAT: Final = 0x80 | 15
_HALF, _WHOLE = 0x8000, 0x10000
_REFERENCE_US: Final = 64_000
_TICK_US: Final = 250
_LONGEST: Final = 400
_A_CHUNK: Final = 7
_SMALL, _LARGE = 1, 2
_LEAST, _MOST = -32768, 32767


class ArrivalTimes:
    """What one connection's transport numbers say since they were last told."""

    def __init__(self) -> None:
        self._came_us: dict[int, int] = {}
        self._last: int | None = None
        self._next: int | None = None
        self._told = 0

    def note(self, number: int, now_us: int) -> None:
        """A packet with this number came; numbers wrap at 65,536."""
        last = self._last
        if last is None:
            whole = number
        else:
            ahead = (number - last) & 0xFFFF
            whole = last + (ahead if ahead < _HALF else ahead - _WHOLE)
        if last is None or whole > last:
            self._last = whole
        if len(self._came_us) < _LONGEST:
            self._came_us[whole] = now_us

    def tell(self, *, ssrc: int, media_ssrc: int) -> bytes | None:
        """The packet that tells it, or None where nothing came."""
        if not self._came_us:
            return None
        came_us, self._came_us = self._came_us, {}
        first, last = min(came_us), max(came_us)
        base = first if self._next is None else min(self._next, first)
        if last - base >= _LONGEST:
            base = max(first, last - _LONGEST + 1)
        self._next = last + 1
        reference = min(came_us.values()) // _REFERENCE_US
        symbols, steps = _steps(range(base, last + 1), came_us, reference * _REFERENCE_US)
        body = _chunks(symbols) + steps
        body += bytes(-len(body) % 4)
        self._told += 1
        words = 4 + len(body) // 4
        return (
            _HEAD.pack(
                *(_FORMAT, _TELLS, words, ssrc, media_ssrc, base & 0xFFFF, len(symbols)),
                (reference & 0xFFFFFF) << 8 | (self._told - 1) & 0xFF,
            )
            + body
        )


def _steps(numbers: range, came_us: dict[int, int], before_us: int) -> tuple[list[int], bytes]:
    """A symbol for each number, and the time since the one before for each that came."""
    symbols: list[int] = []
    steps = bytearray()
    for number in numbers:
        at_us = came_us.get(number)
        if at_us is None:
            symbols.append(0)
            continue
        step = (at_us - before_us) // _TICK_US
        before_us += step * _TICK_US
        if 0 <= step <= 0xFF:  # noqa: PLR2004 - one byte
            symbols.append(_SMALL)
            steps.append(step)
        else:
            symbols.append(_LARGE)
            steps += struct.pack("!h", max(_LEAST, min(_MOST, step)))
    return symbols, bytes(steps)


def _chunks(symbols: list[int]) -> bytes:
    """Status vectors of two bits a symbol."""
    out = bytearray()
    for start in range(0, len(symbols), _A_CHUNK):
        word = 0xC000
        for place, symbol in enumerate(symbols[start : start + _A_CHUNK]):
            word |= symbol << (12 - 2 * place)
        out += struct.pack("!H", word)
    return bytes(out)
