"""Which verdicts fit a changed file: no other kind's reason, no fault of ours, nothing cut."""

from typing import Final

from imaging.elements import PIXEL_TAGS, UNDEFINED
from imaging.errors import NoPicture
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from tests.makers.seedlings import Seedling

_TAKEN: Final = frozenset({"accepted", *NoPicture})
_PHOTOGRAPH: Final = frozenset(
    {"accepted", "damaged-picture", "picture-too-large", "too-large", "decoder-timed-out"}
)
_FITS: Final = {
    Kind.DICOM: _TAKEN
    | {
        *("no-transfer-syntax", "no-sop-class", "no-study-or-series-uid", "malformed-uid"),
        *("directory", "cut-short", "malformed", "too-deep", "too-many-elements", "too-large"),
    },
    Kind.JPEG: _PHOTOGRAPH
    | {
        *("progressive-jpeg", "arithmetic-jpeg", "not-baseline-jpeg", "twelve-bit-jpeg"),
        "cmyk-jpeg",
    },
    Kind.PNG: _PHOTOGRAPH | {"sixteen-bit-png", "animated-png"},
    Kind.ZIP: frozenset(
        {
            *("archive", "damaged-zip", "encrypted-zip", "zip-bomb", "zip-too-many-entries"),
            *("zip-too-large", "zip-method", "decoder-crashed"),
        }
    ),
    Kind.EMPTY: frozenset({"empty-file"}),
    Kind.TIFF: _PHOTOGRAPH
    | {
        *("big-tiff", "tiff-colours", "tiff-compression", "tiff-bits", "tiff-pages"),
        *("tiff-too-many-pages", "tiff-not-taken"),
    },
    Kind.GZIP: frozenset({"gzip-not-taken"}),
    Kind.DICOM_WITHOUT_PREFIX: frozenset({"no-dicom-prefix"}),
    Kind.DICOM_WITHOUT_META: frozenset({"no-file-meta"}),
    Kind.UNKNOWN: frozenset({"not-an-image"}),
}


_LATER: Final = frozenset(
    {
        *("answered", "no-picture", "no-such-frame", "too-large", "malformed", "cut-short"),
        *("too-deep", "too-many-elements", "malformed-uid", "jail-crashed", "jail-timed-out"),
    }
)
"""A decoder may die, which ends a child; whether a fault of ours did is read from the log."""


def is_taken(outcome: str, data: bytes) -> bool:
    """Whether it is a DICOM object that the house keeps."""
    return outcome in _TAKEN and sniff(data[:SNIFF_BYTES]) is Kind.DICOM


def misjudged_later(job: str, outcome: str) -> str | None:
    """Say what is wrong with what a job said that reads a stored object, or None."""
    return None if outcome in _LATER else f"{job} said {outcome}"


def misjudged(seedling: Seedling, ways: str, data: bytes, outcome: str) -> str | None:
    """Say what is wrong with a verdict, or None."""
    if outcome not in _FITS[sniff(data[:SNIFF_BYTES])]:
        return "another kind's reason, or a fault of ours"
    if ways == "cut" and outcome == "accepted" and len(data) < _ends_at(seedling):
        return "a cut file was taken"
    return None


def _ends_at(seedling: Seedling) -> int:
    """Where the last byte stands that a picture needs."""
    for element in seedling.elements:
        if element.tag in PIXEL_TAGS and not element.depth and element.length < UNDEFINED:
            return element.value_at + element.length
    for mark, beyond in ((b"\xff\xd9", 2), (b"IEND", 8)):
        if seedling.data[:2] in {b"\xff\xd8", b"\x89P"} and mark in seedling.data:
            return seedling.data.rindex(mark) + beyond
    return 0
