"""Opus in RTP (RFC 7587): a packet is a block; how long it sounds stands in its first bytes."""

from typing import Final

from server.media.recording.frames import Frame

_SILK, _HYBRID = 12, 16  # below are SILK's configurations, then the hybrid ones, then CELT's
_SILK_TICKS: Final = (480, 960, 1920, 2880)
_HYBRID_TICKS: Final = (480, 960)
_CELT_TICKS: Final = (120, 240, 480, 960)
_LONGEST_TICKS: Final = 5760
_COUNTED: Final = 3
_MOST_FRAMES: Final = 0x3F


class Sound:
    """Every packet stands alone: a lost one leaves a gap and nothing more."""

    def __init__(self) -> None:
        self.is_waiting = False

    def add(self, marker: int, stamp: int, payload: bytes) -> Frame | None:
        """The packet as a frame; None where it is malformed."""
        del marker
        ticks = sounding_ticks(payload)
        return Frame(stamp, payload, is_key=True, ticks=ticks) if ticks else None

    def lose(self) -> None:
        """Its time says that something is missing."""


def sounding_ticks(payload: bytes) -> int:
    """How long an Opus packet sounds at 48 kHz (RFC 6716 section 3.1); 0 where it is malformed."""
    if not payload:
        return 0
    config, code = payload[0] >> 3, payload[0] & 3
    if config < _SILK:
        one = _SILK_TICKS[config & 3]
    elif config < _HYBRID:
        one = _HYBRID_TICKS[config & 1]
    else:
        one = _CELT_TICKS[config & 3]
    if code == _COUNTED:
        frames = payload[1] & _MOST_FRAMES if len(payload) > 1 else 0
    else:
        frames = 1 if code == 0 else 2
    return one * frames if one * frames <= _LONGEST_TICKS else 0
