"""Bring everything into memory that a job may need, since a child can open nothing any more."""

import codecs
import importlib
import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from PIL import Image
from pydicom import config
from pydicom.charset import python_encoding
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import AllTransferSyntaxes

from imaging.errors import PictureError, RefusedError
from imaging.filling import fill, set_pixels
from imaging.frames import decode_frame
from imaging.fundus.objects import make_meta
from imaging.fundus.wrap import save
from imaging.icc import srgb_profile
from imaging.jail.jobs import REGISTRY
from imaging.jail.params import Params
from imaging.lenient import leniently
from imaging.survey import survey

_SIDE_PX: Final = 32
_ENCODINGS: Final = ("utf-8", "gb18030", "gbk", "cp437", "ascii", "latin-1", "idna", "utf-16")
# Values are checked by us, and sizes before Pillow is asked.
_SETTINGS: Final = (
    (config.settings, "reading_validation_mode", config.IGNORE),
    (config.settings, "writing_validation_mode", config.IGNORE),
    (Image, "MAX_IMAGE_PIXELS", None),
)
# Loaded by Pillow, pydicom or numpy only when a file first asks for them.
_MODULES: Final = ("PIL.MpoImagePlugin", "PIL.TiffImagePlugin", "numpy.ma")
_DATA_SET: Final = b"""[{"00080016": {"vr": "UI", "Value": ["1.2.3"]},
 "00080018": {"vr": "UI", "Value": ["2.25.1"]},
 "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A"}]},
 "00280010": {"vr": "US", "Value": [1]},
 "00420011": {"vr": "OB", "InlineBinary": "AAA="},
 "7FE00010": {"vr": "OW", "BulkDataURI": "1"}}]"""
_OP: Final = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
_FORMS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("JPEG", {}),
    ("PNG", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
)
_UIDS: Final = {
    "sop_instance_uid": "2.25.1",
    "study_instance_uid": "2.25.2",
    "series_instance_uid": "2.25.3",
}


def preload() -> None:
    """Import codecs and character sets, and run each kind of job once on pictures made here."""
    for owner, name, setting in _SETTINGS:
        setattr(owner, name, setting)
    Image.preinit()
    for name in {*_ENCODINGS, *python_encoding.values()}:
        codecs.lookup(name)
    for name in _MODULES:
        importlib.import_module(name)
    srgb_profile()
    with leniently(), _silently():
        _rehearse_photographs()
        _rehearse_assembly()
        _rehearse_decoders()


@contextmanager
def _silently() -> Iterator[None]:
    """Send what C libraries print about nonsense nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _rehearse_photographs() -> None:
    pixels = np.zeros((_SIDE_PX, _SIDE_PX, 3), np.uint8)
    pixels[8:24, 8:24] = (200, 90, 40)
    for form, options in _FORMS:
        coded = io.BytesIO()
        Image.fromarray(pixels).save(coded, form, **options)
        _rehearse_one(coded.getvalue())


def _rehearse_one(photograph: bytes) -> None:
    given, made = _memory(photograph), _memory(b"")
    preview, thumbnail = _memory(b""), _memory(b"")
    params = {
        **_UIDS,
        "filename": "od.jpg",
        "patient_name": "A=王",
        "patient_id": "1",
        "captured_at": "2026-01-01T01:01:01",
        "laterality": "R",
        "frames": "1",
        "path": "00100010",
    }
    for name, inputs, outputs in (
        ("inspect", [given], [preview, thumbnail]),
        ("wrap", [given], [made]),
        ("inspect", [made], [preview, thumbnail]),
        ("render", [made], [preview]),
        ("metadata", [made], [preview]),
        ("frames", [made], [preview]),
        ("bulk", [made], [preview]),
        ("transcode", [made], [preview]),
        ("relabel", [made], [given]),
    ):
        REGISTRY[name][2](Params(params), inputs, outputs)
    for descriptor in (given, made, preview, thumbnail):
        os.close(descriptor)


def _rehearse_assembly() -> None:
    told, cut, made = _memory(_DATA_SET), _memory(b""), _memory(b"")
    bulk = _memory(bytes(2))
    length = 0
    places = {"1": {"pieces": [[0, 2]], "syntax": "1.2.840.10008.1.2.1"}}
    for name, inputs, outputs in (
        ("split_sets", [told], [cut]),
        ("assemble", [cut, bulk], [made]),
    ):
        params = Params({"bulk": places, "length": length})
        answer = REGISTRY[name][2](params, inputs, outputs)
        (length,) = answer.get("lengths", [0])
    for descriptor in (told, cut, made, bulk):
        os.close(descriptor)


def _rehearse_decoders() -> None:
    """Let every decoder plugin meet a frame that is nonsense, so that it loads what it loads."""
    for syntax in AllTransferSyntaxes:
        try:
            get_decoder(syntax)
        except NotImplementedError:
            continue
        made = _memory(b"")
        save(_nonsense(syntax), output=made)
        try:
            found = survey(made)
            decode_frame(made, found, _description())
        except (PictureError, RefusedError):
            pass
        finally:
            os.close(made)


def _nonsense(syntax: str) -> Dataset:
    made = _description()
    made.file_meta = make_meta("2.25.1", sop_class=_OP, transfer_syntax=syntax)
    fill(made, SOPClassUID=made.file_meta.MediaStorageSOPClassUID, SOPInstanceUID="2.25.1")
    body = bytes(_SIDE_PX * _SIDE_PX)
    is_encapsulated = made.file_meta.TransferSyntaxUID.is_encapsulated
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0) + struct.pack("<HHI", 0xFFFE, 0xE000, 64)
    set_pixels(made, item + bytes(64) if is_encapsulated else body, is_encapsulated=is_encapsulated)
    return made


def _description() -> Dataset:
    made = Dataset()
    fill(
        made,
        Rows=_SIDE_PX,
        Columns=_SIDE_PX,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelRepresentation=0,
    )
    return made


def _memory(data: bytes) -> int:
    """Return a descriptor of a file in memory that holds `data`."""
    descriptor = os.memfd_create("rehearsal")
    os.write(descriptor, data)
    return descriptor
