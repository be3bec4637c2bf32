"""Why an instance was not stored, as the standard numbers it (PS3.18 10.5.3, PS3.7 annex C)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from imaging.errors import Refusal

PROCESSING_FAILURE: Final = 0x0110
DUPLICATE: Final = 0x0111
"""The UID is taken by other bytes: what came is kept beside, and a person settles it."""
WRONG_STUDY: Final = 0x0106
"""The object belongs to another study than the address names (PS3.18 10.5.1)."""
INVALID_INSTANCE: Final = 0x0117
CLASS_NOT_SUPPORTED: Final = 0x0122
OUT_OF_RESOURCES: Final = 0xA700
DOES_NOT_MATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000

_REASONS: Final[Mapping[str, int]] = MappingProxyType(
    {
        Refusal.TOO_LARGE: OUT_OF_RESOURCES,
        Refusal.NO_SOP_CLASS: DOES_NOT_MATCH,
        Refusal.NO_STUDY_OR_SERIES_UID: DOES_NOT_MATCH,
        Refusal.MALFORMED_UID: INVALID_INSTANCE,
        Refusal.DIRECTORY: CLASS_NOT_SUPPORTED,
    }
)


def reason_of(refusal: str) -> int:
    """The number for the jail's plain verdict."""
    return _REASONS.get(refusal, CANNOT_UNDERSTAND)
