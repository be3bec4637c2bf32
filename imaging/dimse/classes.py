"""What is negotiated: SOP classes and transfer syntaxes (PS3.4 annex B, PS3.6 annex A)."""

from collections.abc import Iterable
from typing import Final

VERIFICATION: Final = "1.2.840.10008.1.1"
COMMITMENT: Final = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
PATIENT_FIND: Final = "1.2.840.10008.5.1.4.1.2.1.1"
PATIENT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.1.2"
PATIENT_GET: Final = "1.2.840.10008.5.1.4.1.2.1.3"
STUDY_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
WORKLIST_FIND: Final = "1.2.840.10008.5.1.4.31"

FIND: Final = frozenset({PATIENT_FIND, STUDY_FIND, WORKLIST_FIND})
MOVE: Final = frozenset({PATIENT_MOVE, STUDY_MOVE})
GET: Final = frozenset({PATIENT_GET, STUDY_GET})
SERVICES: Final = frozenset({VERIFICATION, COMMITMENT}) | FIND | MOVE | GET

IMPLICIT_LE: Final = "1.2.840.10008.1.2"
EXPLICIT_LE: Final = "1.2.840.10008.1.2.1"
PLAIN: Final = (EXPLICIT_LE, IMPLICIT_LE)
"""The transfer syntaxes of questions and answers, in the order in which we prefer them."""

_STANDARD: Final = "1.2.840.10008."
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
# They stand under the root of storage, but store nothing (protocol approval, inventories).
_NOT_STORAGE: Final = tuple(
    f"{_STORAGE}{tail}"
    for tail in ("200.4", "200.5", "200.6", "201.2", "201.3", "201.4", "201.5", "201.6")
)

TRANSFER_SYNTAXES: Final = (
    "1.2.840.10008.1.2",  # Implicit VR Little Endian
    "1.2.840.10008.1.2.1",  # Explicit VR Little Endian
    "1.2.840.10008.1.2.1.98",  # Encapsulated Uncompressed Explicit VR Little Endian
    "1.2.840.10008.1.2.1.99",  # Deflated Explicit VR Little Endian
    "1.2.840.10008.1.2.2",  # Explicit VR Big Endian (retired)
    "1.2.840.10008.1.2.4.50",  # JPEG Baseline (Process 1)
    "1.2.840.10008.1.2.4.51",  # JPEG Extended (Process 2 and 4)
    "1.2.840.10008.1.2.4.53",  # JPEG Spectral Selection (Process 6 and 8, retired)
    "1.2.840.10008.1.2.4.55",  # JPEG Full Progression (Process 10 and 12, retired)
    "1.2.840.10008.1.2.4.57",  # JPEG Lossless (Process 14)
    "1.2.840.10008.1.2.4.70",  # JPEG Lossless (Process 14, selection value 1)
    "1.2.840.10008.1.2.4.80",  # JPEG-LS Lossless
    "1.2.840.10008.1.2.4.81",  # JPEG-LS Near-Lossless
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 Lossless Only
    "1.2.840.10008.1.2.4.91",  # JPEG 2000
    "1.2.840.10008.1.2.4.92",  # JPEG 2000 Part 2 Lossless Only
    "1.2.840.10008.1.2.4.93",  # JPEG 2000 Part 2
    "1.2.840.10008.1.2.4.100",  # MPEG2 Main Profile / Main Level
    "1.2.840.10008.1.2.4.101",  # MPEG2 Main Profile / High Level
    "1.2.840.10008.1.2.4.102",  # MPEG-4 AVC/H.264 High Profile / Level 4.1
    "1.2.840.10008.1.2.4.103",  # MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1
    "1.2.840.10008.1.2.4.104",  # MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video
    "1.2.840.10008.1.2.4.105",  # MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video
    "1.2.840.10008.1.2.4.106",  # MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2
    "1.2.840.10008.1.2.4.107",  # HEVC/H.265 Main Profile / Level 5.1
    "1.2.840.10008.1.2.4.108",  # HEVC/H.265 Main 10 Profile / Level 5.1
    "1.2.840.10008.1.2.4.201",  # High-Throughput JPEG 2000 Lossless Only
    "1.2.840.10008.1.2.4.202",  # High-Throughput JPEG 2000 with RPCL Options Lossless Only
    "1.2.840.10008.1.2.4.203",  # High-Throughput JPEG 2000
    "1.2.840.10008.1.2.5",  # RLE Lossless
    "1.2.840.10008.1.2.8.1",  # Deflated Image Frame Compression
)
"""What an object may be written in; JPIP is not here, since its pixels lie on the peer's server."""


def is_storage_class(uid: str) -> bool:
    """Whether objects of this class are taken: every one of the standard, and private ones."""
    if uid.startswith(_STORAGE):
        return uid not in _NOT_STORAGE
    return not uid.startswith(_STANDARD)


def choose_syntax(abstract_syntax: str, offered: Iterable[str]) -> str | None:
    """The transfer syntax that we take of those offered, or None.

    For objects it is the peer's first that we know: what it names first is what it holds.
    """
    named = tuple(offered)
    if abstract_syntax in SERVICES:
        return next((uid for uid in PLAIN if uid in named), None)
    return next((uid for uid in named if uid in TRANSFER_SYNTAXES), None)
