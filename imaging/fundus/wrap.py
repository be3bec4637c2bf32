"""A photograph becomes a DICOM instance of one picture; a JPEG's scan is not touched."""

import os
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

from imaging.errors import Refusal, RefusedError
from imaging.exif import strip_metadata
from imaging.filling import fill, set_pixels
from imaging.fundus.objects import make_header, make_meta, set_record
from imaging.fundus.wrapping import Wrapping
from imaging.jpeg import Jpeg, parse_jpeg
from imaging.lenient import leniently
from imaging.photograph import Photograph, pixels_of, to_image
from imaging.sniff import Kind

_LOSSY_METHOD: Final = "ISO_10918_1"
_BYTE_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What was made: how it is coded, and what was taken out of the received bytes."""

    sop_class_uid: str
    transfer_syntax_uid: str
    photometric: str
    removed: tuple[str, ...]
    removed_bytes: int
    coded_bytes: int
    is_lossy: bool


def wrap(photograph: Photograph, wrapping: Wrapping, *, output: int) -> Wrapped:
    """Write the DICOM instance to the descriptor `output`.

    Raises RefusedError: the pixels are damaged.
    """
    made = make_header(wrapping, photograph)
    if photograph.kind is Kind.JPEG:
        facts = _set_jpeg(made, photograph)
    else:
        facts = _set_raw(made, photograph)
    set_record(made, removed=facts.removed, captured_source=wrapping.captured_source)
    made.file_meta = make_meta(
        wrapping.sop_instance_uid,
        sop_class=facts.sop_class_uid,
        transfer_syntax=facts.transfer_syntax_uid,
    )
    save(made, output=output)
    return facts


def save(made: Dataset, *, output: int) -> None:
    """Write a Part 10 file from the start of the descriptor (PS3.10 7)."""
    os.ftruncate(output, 0)
    os.lseek(output, 0, os.SEEK_SET)
    with leniently(), os.fdopen(os.dup(output), "wb") as file:
        dcmwrite(file, made, enforce_file_format=True)


def _set_jpeg(made: Dataset, photograph: Photograph) -> Wrapped:
    jpeg = photograph.jpeg
    if jpeg is None:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    to_image(photograph, at_least=(1, 1))  # a scan that ends early is refused, not stored
    stripped = strip_metadata(photograph.data, jpeg)
    photometric = _photometric(jpeg, stripped.data)
    fill(made, PhotometricInterpretation=photometric)
    uncompressed = photograph.rows * photograph.columns * photograph.samples
    fill(
        made,
        LossyImageCompression="01",
        LossyImageCompressionRatio=f"{uncompressed / len(stripped.data):.2f}",
        LossyImageCompressionMethod=_LOSSY_METHOD,
    )
    set_pixels(made, encapsulate([stripped.data]), is_encapsulated=True)
    return Wrapped(
        str(made.SOPClassUID),
        str(JPEGBaseline8Bit),
        photometric,
        stripped.removed,
        stripped.removed_bytes,
        len(stripped.data),
        is_lossy=True,
    )


def _photometric(jpeg: Jpeg, stripped: bytes) -> str:
    """Return the photometric interpretation, which the removal must not have changed.

    The IOD knows one word for YCbCr in JPEG whatever the sampling is (PS3.3 C.8.17.2.1.3).
    """
    photometric = parse_jpeg(stripped).photometric
    if photometric != jpeg.photometric:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    return "YBR_FULL_422" if photometric == "YBR_FULL" else photometric


def _set_raw(made: Dataset, photograph: Photograph) -> Wrapped:
    """Write the pixels of a PNG or TIFF uncompressed: nothing more is lost."""
    found = pixels_of(photograph)
    pixels = found.astype(found.dtype.newbyteorder("<"), copy=False).tobytes()
    photometric = "MONOCHROME2" if photograph.samples == 1 else "RGB"
    fill(made, PhotometricInterpretation=photometric)
    _set_loss(made, photograph, uncompressed=len(pixels))
    vr = "OB" if photograph.bits == _BYTE_BITS else "OW"
    set_pixels(made, pixels + bytes(len(pixels) % 2), is_encapsulated=False, vr=vr)
    return Wrapped(
        str(made.SOPClassUID),
        str(ExplicitVRLittleEndian),
        photometric,
        photograph.metadata,
        0,
        len(pixels),
        is_lossy=photograph.is_lossy,
    )


def _set_loss(made: Dataset, photograph: Photograph, *, uncompressed: int) -> None:
    """Say that a TIFF held JPEG: what was lost before stays lost (PS3.3 C.7.6.1.1.5)."""
    if photograph.page is None or not photograph.is_lossy:
        fill(made, LossyImageCompression="00")
        return
    coded = max(1, sum(photograph.page.grid.lengths))
    fill(
        made,
        LossyImageCompression="01",
        LossyImageCompressionRatio=f"{uncompressed / coded:.2f}",
        LossyImageCompressionMethod=_LOSSY_METHOD,
    )
