"""Why a file, a picture or a job was refused: stable codes; the sentences stand at the door."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Refusal(StrEnum):
    """Why a received file (or a job) is refused; nothing of it is stored.

    The file itself
        `empty-file`, `not-an-image` (neither DICOM nor a picture), `gzip-not-taken`,
        `is-archive` (a ZIP where one picture was due), `too-large`.
    DICOM, PS3.10 and PS3.5
        `no-dicom-prefix`, `no-file-meta`, `no-transfer-syntax`, `no-sop-class`,
        `no-study-or-series-uid`, `malformed-uid`, `directory` (a DICOMDIR), `cut-short`,
        `malformed` (element lengths contradict each other), `too-deep`, `too-many-elements`.
    Photographs
        `damaged-picture`, `picture-too-large`, `progressive-jpeg`, `arithmetic-jpeg`,
        `not-baseline-jpeg` (lossless, hierarchical, extended), `twelve-bit-jpeg`, `cmyk-jpeg`,
        `sixteen-bit-png`, `animated-png`, `big-tiff`, `tiff-colours` (neither grey, RGB nor
        palette), `tiff-compression`, `tiff-bits` (neither 8 nor 16 bits of whole numbers),
        `tiff-pages` (several, where one picture was due), `tiff-too-many-pages`.
    Archives
        `damaged-zip`, `encrypted-zip`, `zip-bomb`, `zip-too-many-entries`, `zip-too-large`,
        `zip-method` (neither stored nor deflated), `zip-nested`, `zip-no-such-entry`.
    Jobs
        `no-picture`, `no-such-frame`, `not-ours` (relabel of a foreign object),
        `invalid-params`, `unknown-job`.
    Documents
        `no-chinese-font` (none is installed whole), `no-glyph` (a character that the face lacks),
        `outside-address` (the document names what it was not given).
    """

    EMPTY_FILE = "empty-file"
    NOT_AN_IMAGE = "not-an-image"
    GZIP_NOT_TAKEN = "gzip-not-taken"
    IS_ARCHIVE = "is-archive"
    TOO_LARGE = "too-large"
    NO_DICOM_PREFIX = "no-dicom-prefix"
    NO_FILE_META = "no-file-meta"
    NO_TRANSFER_SYNTAX = "no-transfer-syntax"
    NO_SOP_CLASS = "no-sop-class"
    NO_STUDY_OR_SERIES_UID = "no-study-or-series-uid"
    MALFORMED_UID = "malformed-uid"
    DIRECTORY = "directory"
    CUT_SHORT = "cut-short"
    MALFORMED = "malformed"
    TOO_DEEP = "too-deep"
    TOO_MANY_ELEMENTS = "too-many-elements"
    DAMAGED_PICTURE = "damaged-picture"
    PICTURE_TOO_LARGE = "picture-too-large"
    PROGRESSIVE_JPEG = "progressive-jpeg"
    ARITHMETIC_JPEG = "arithmetic-jpeg"
    NOT_BASELINE_JPEG = "not-baseline-jpeg"
    TWELVE_BIT_JPEG = "twelve-bit-jpeg"
    CMYK_JPEG = "cmyk-jpeg"
    SIXTEEN_BIT_PNG = "sixteen-bit-png"
    ANIMATED_PNG = "animated-png"
    BIG_TIFF = "big-tiff"
    TIFF_COLOURS = "tiff-colours"
    TIFF_COMPRESSION = "tiff-compression"
    TIFF_BITS = "tiff-bits"
    TIFF_PAGES = "tiff-pages"
    TIFF_TOO_MANY_PAGES = "tiff-too-many-pages"
    DAMAGED_ZIP = "damaged-zip"
    ENCRYPTED_ZIP = "encrypted-zip"
    ZIP_BOMB = "zip-bomb"
    ZIP_TOO_MANY_ENTRIES = "zip-too-many-entries"
    ZIP_TOO_LARGE = "zip-too-large"
    ZIP_METHOD = "zip-method"
    ZIP_NESTED = "zip-nested"
    ZIP_NO_SUCH_ENTRY = "zip-no-such-entry"
    NO_PICTURE = "no-picture"
    NO_SUCH_FRAME = "no-such-frame"
    NOT_OURS = "not-ours"
    INVALID_PARAMS = "invalid-params"
    UNKNOWN_JOB = "unknown-job"
    NO_CHINESE_FONT = "no-chinese-font"
    NO_GLYPH = "no-glyph"
    OUTSIDE_ADDRESS = "outside-address"


class NoPicture(StrEnum):
    """Why an accepted DICOM object shows no picture: the object is kept, the reason is shown.

    `no-pixel-data` (a report, a plan, a waveform), `unsupported-transfer-syntax` (no decoder
    here reads it), `undecodable` (the coded picture is damaged), `pixel-description` (rows,
    columns, frames or bits are missing or nonsense), `picture-too-large` (over the cap),
    `video` (it is played and not drawn),
    `decoder-crashed` and `decoder-timed-out` (the jail ended the decoder).
    """

    NO_PIXEL_DATA = "no-pixel-data"
    UNSUPPORTED_TRANSFER_SYNTAX = "unsupported-transfer-syntax"
    UNDECODABLE = "undecodable"
    PIXEL_DESCRIPTION = "pixel-description"
    PICTURE_TOO_LARGE = "picture-too-large"
    VIDEO = "video"
    DECODER_CRASHED = "decoder-crashed"
    DECODER_TIMED_OUT = "decoder-timed-out"


class ImagingError(Exception):
    """Root of all that `imaging` raises on purpose; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MalformedUidError(ImagingError):
    """The text is no UID (PS3.5 9.1)."""

    def __init__(self) -> None:
        super().__init__("malformed-uid")


class RefusedError(ImagingError):
    """A plain verdict: this file cannot be taken, and why."""

    def __init__(self, reason: Refusal, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.facts = dict(facts or {})


class PictureError(ImagingError):
    """The object is sound, but no picture can be made of it, and why."""

    def __init__(self, reason: NoPicture) -> None:
        super().__init__(reason.value)
        self.reason = reason


class JailError(ImagingError):
    """Root of what a caller of the jail may meet."""


class JailRefusedError(JailError):
    """The job gave a plain verdict; `reason` is a code of `Refusal`."""

    def __init__(self, reason: str, facts: dict[str, Any]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class JailCrashedError(JailError):
    """The child died (a decoder's fault or its memory limit); nothing else was touched."""

    def __init__(self) -> None:
        super().__init__("jail-crashed")


class JailTimedOutError(JailError):
    """The job was ended at its time limit."""

    def __init__(self) -> None:
        super().__init__("jail-timed-out")


class JailUnavailableError(JailError):
    """The worker does not answer, or its queue is full: try again later."""

    def __init__(self, code: str = "jail-unavailable") -> None:
        super().__init__(code)
