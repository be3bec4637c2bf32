"""An object rewritten in Explicit VR Little Endian, decoded where compressed; runs in the jail."""

import io
from typing import Final

import numpy as np
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from imaging.byte_order import BIG_ENDIAN, turned
from imaging.descriptor import open_positioned, write_all
from imaging.errors import NoPicture, PictureError
from imaging.frames import shape_of
from imaging.header import read_header
from imaging.lenient import FAULTS, leniently
from imaging.survey import Survey

_PREAMBLE: Final = 128
_PLAIN: Final = frozenset({ExplicitVRLittleEndian, ImplicitVRLittleEndian})


def transcode(descriptor: int, found: Survey, *, output: int) -> None:
    """Write the object as Explicit VR Little Endian (PS3.18 8.7.3.5); its identity stays.

    Raises PictureError: no decoder reads its pixels, or they are over the cap.
    """
    if found.pixels is not None:
        shape_of(read_header(descriptor, found))
    try:
        with leniently():
            dataset: Dataset = dcmread(open_positioned(descriptor), force=True)
            dataset = _decode(dataset, found)
            dataset.preamble = bytes(_PREAMBLE)
            made = io.BytesIO()
            dataset.save_as(made, implicit_vr=False, little_endian=True)
            del dataset
            write_all(output, made.getbuffer())
    except MemoryError as error:
        raise PictureError(NoPicture.PICTURE_TOO_LARGE) from error
    except FAULTS as error:
        raise PictureError(NoPicture.UNDECODABLE) from error


def make_implicit(descriptor: int, *, output: int) -> None:
    """Write an object without coded pixels as Implicit VR Little Endian (PS3.5 A.1).

    Raises PictureError: it cannot be read, or its pixels are coded.
    """
    try:
        with leniently():
            dataset: Dataset = dcmread(open_positioned(descriptor), force=True)
            if dataset.file_meta.TransferSyntaxUID not in _PLAIN:
                raise PictureError(NoPicture.UNDECODABLE)
            dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
            made = io.BytesIO()
            dataset.save_as(made, implicit_vr=True, little_endian=True)
            write_all(output, made.getbuffer())
    except FAULTS as error:
        raise PictureError(NoPicture.UNDECODABLE) from error


def _decode(dataset: Dataset, found: Survey) -> Dataset:
    if found.is_encapsulated:
        dataset.decompress(generate_instance_uid=False)
    elif found.transfer_syntax_uid == BIG_ENDIAN:
        dataset = _turned(dataset)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _turned(dataset: Dataset) -> Dataset:
    """The same elements without the byte order in which they were read."""
    made = Dataset()
    for element in dataset:
        made.add(element)
    made.file_meta = dataset.file_meta
    made.walk(_turn_words)
    words = dataset["PixelData"].VR == "OW" if "PixelData" in dataset else False
    if words:
        width = max(dataset.BitsAllocated // 8, 2)  # 8-bit samples lie two in a word (PS3.5 8.1.1)
        pixels = np.frombuffer(dataset.PixelData, f">u{width}")
        made.PixelData = pixels.byteswap().tobytes()
    return made


def _turn_words(_dataset: Dataset, element: DataElement) -> None:
    if element.keyword != "PixelData" and isinstance(element.value, bytes):
        element.value = turned(element.value, element.VR)
