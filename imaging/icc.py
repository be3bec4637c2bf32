"""ICC profiles for DICOM colour images (PS3.3 C.11.15)."""

from functools import lru_cache
from typing import Final

from PIL import ImageCms

_CLASS: Final = slice(12, 16)
_SPACE: Final = slice(16, 20)
_DATE: Final = slice(24, 36)
_SIGNATURE: Final = slice(36, 40)
_PROFILE_ID: Final = slice(84, 100)
_HEADER_BYTES: Final = 128
# C.11.15.1.1: an input device profile, or a colour space conversion profile.
_ALLOWED_CLASSES: Final = frozenset({b"scnr", b"spac"})
_FIXED_DATE: Final = bytes((0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """Return the sRGB profile as an input device profile, the same bytes every time."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    made = bytearray(profile.tobytes())
    made[_DATE] = _FIXED_DATE
    return _as_input_profile(made)


def profile_for(embedded: bytes | None) -> tuple[bytes, bool]:
    """Return the profile to store, and whether it is the picture's own.

    A display profile is stored as an input profile: its class is changed and its identifier,
    which covers the class, is cleared; the picture's own bytes are not touched.
    """
    if embedded is None or not _is_rgb_profile(embedded):
        return srgb_profile(), False
    if embedded[_CLASS] in _ALLOWED_CLASSES:
        return embedded, True
    return _as_input_profile(bytearray(embedded)), True


def _as_input_profile(profile: bytearray) -> bytes:
    profile[_CLASS] = b"scnr"
    profile[_PROFILE_ID] = bytes(16)
    return bytes(profile)


def _is_rgb_profile(profile: bytes) -> bool:
    if len(profile) < _HEADER_BYTES or profile[_SIGNATURE] != b"acsp":
        return False
    return int.from_bytes(profile[:4], "big") == len(profile) and profile[_SPACE] == b"RGB "
