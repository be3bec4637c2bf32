"""What was said as it is stored, and the hash of it that the journal keeps."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from consult.kernel.eyes import Eye
from consult.reports.canonical import canonical_json
from consult.reports.own.model import EyeSaid, Said

_OF_EYE: Final = frozenset({"finding", "icdr"})


def eyes_as_json(said: Said) -> dict[str, object]:
    """Both eyes by their names; an eye that was not read is null."""
    return {eye.value: _eye_as_json(said.eye(eye)) for eye in Eye}


def hash_of(eyes: Mapping[str, Any], words: str) -> str:
    """SHA-256 in hexadecimal of what was said, from the values as they are stored.

    Raises ValueError, TypeError or NotCanonicalError for what no release has written.
    """
    if set(eyes) != {eye.value for eye in Eye}:
        raise ValueError(len(eyes))
    said = {name: _pair(told) for name, told in eyes.items()}
    return sha256(canonical_json({**said, "words": words})).hexdigest()


def _eye_as_json(eye: EyeSaid | None) -> dict[str, object] | None:
    return None if eye is None else {"finding": eye.finding.value, "icdr": eye.icdr}


def _pair(told: Mapping[str, Any] | None) -> list[object] | None:
    if told is None:
        return None
    if set(told) != _OF_EYE:
        raise ValueError(len(told))
    return [told["finding"], told["icdr"]]
