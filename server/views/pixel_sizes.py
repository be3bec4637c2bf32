"""How large a pixel of a stored picture is, by its kept metadata; None where they do not say."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from consult.kernel.work import Work
from consult.studies import retrieval
from consult.studies.model import Instance
from imaging.spacing import Spacing, spacing_told

_LONGEST_METADATA: Final = 1 << 22
_MOST_FRAMES: Final = 2000


def described_of(work: Work, instances: Sequence[Instance]) -> dict[str, Mapping[str, Any]]:
    """What each instance says of itself in the DICOM JSON model; nothing where none is kept."""
    return {
        described.instance.id: _unpacked(described.metadata)
        for described in (retrieval.describe_all(work, instances) if instances else [])
    }


def spacing_at(told: Mapping[str, Any], frame: int) -> Spacing | None:
    """The spacing of one frame."""
    return spacing_told(told, index=frame - 1)


def spacing_throughout(told: Mapping[str, Any], frames: int) -> Spacing | None:
    """The spacing of every frame; None where they differ."""
    if frames > _MOST_FRAMES:
        return None
    first = spacing_at(told, 1)
    is_one = all(spacing_at(told, frame) == first for frame in range(2, frames + 1))
    return first if is_one else None


def _unpacked(packed: bytes | None) -> Mapping[str, Any]:
    if packed is None:
        return {}
    inflating = zlib.decompressobj()
    plain = inflating.decompress(packed, _LONGEST_METADATA)
    told = json.loads(plain) if inflating.eof else {}
    return told if isinstance(told, dict) else {}
