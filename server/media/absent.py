"""A stand-in for PyAV, which aiortc names when it is imported and we never use (decision 0256).

Its wheels hold x264 and x265, which may not be shipped with us; packets are passed on undecoded.
"""

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Final

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "av": ("AudioFrame", "AudioResampler", "CodecContext", "VideoFrame"),
    "av.frame": ("Frame",),
    "av.packet": ("Packet",),
    "av.video": (),
    "av.video.codeccontext": ("VideoCodecContext",),
}


class CodecAbsentError(Exception):
    """Somebody wanted to encode or decode here."""


class _Absent:
    """What cannot be made."""

    def __init__(self, *_: object, **__: object) -> None:
        raise CodecAbsentError


def stand_in() -> None:
    """Take PyAV's place, unless it is already there."""
    if "av" in sys.modules:
        return
    for name, words in _NAMES.items():
        module = ModuleType(name)
        for word in words:
            setattr(module, word, type(word, (_Absent,), {}))
        sys.modules[name] = module
        above, _, last = name.rpartition(".")
        if above:
            setattr(sys.modules[above], last, module)
    sys.modules["av"].FFmpegError = CodecAbsentError  # type: ignore[attr-defined]
