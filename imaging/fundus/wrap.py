"""A photograph becomes an Ophthalmic Photography 8 Bit instance; a JPEG's scan is not touched."""

import os
from dataclasses import dataclass
from typing import Final

import numpy as np
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
from imaging.photograph import Photograph, to_image
from imaging.sniff import Kind

_LOSSY_METHOD: Final = "ISO_10918_1"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What was made: how it is coded, and what was taken out of the received bytes."""

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
    made.file_meta = make_meta(wrapping.sop_instance_uid, transfer_syntax=facts.transfer_syntax_uid)
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
    """Write a PNG's pixels uncompressed: nothing is lost, so nothing is called lossy."""
    pixels = np.asarray(to_image(photograph), np.uint8).tobytes()
    photometric = "MONOCHROME2" if photograph.samples == 1 else "RGB"
    fill(made, PhotometricInterpretation=photometric, LossyImageCompression="00")
    set_pixels(made, pixels + bytes(len(pixels) % 2), is_encapsulated=False)
    return Wrapped(
        str(ExplicitVRLittleEndian),
        photometric,
        photograph.metadata,
        0,
        len(pixels),
        is_lossy=False,
    )
