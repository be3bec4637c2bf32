"""Made objects of the sizes that clinics send, the same on every machine.

Each UID and patient number carries ten digits which stand for the run; `renewed` changes them, at
the same length, so that each pass stores what no server has seen.
"""

import io
import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageFilter
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

CT: Final = "1.2.840.10008.5.1.4.1.1.2"
CR: Final = "1.2.840.10008.5.1.4.1.1.1"
FUNDUS: Final = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
ULTRASOUND: Final = "1.2.840.10008.5.1.4.1.1.3.1"
JPEG_CLASSES: Final = (FUNDUS, ULTRASOUND)

_RUN: Final = b"4170300000"
_ROOT: Final = f"2.25.{_RUN.decode()}"
_EDGE: Final = 0.97
_MIXED: Final = {"ct": 42, "cr": 4, "fundus": 12, "ultrasound": 2}


def renewed(file: bytes, run: int) -> bytes:
    """The same object under the identities of another run."""
    return file.replace(_RUN, b"4170%06d" % (100_000 + run))


@cache
def ct(count: int) -> tuple[bytes, ...]:
    """512 by 512, 16 bits, half a megabyte each; fifty a series."""
    return tuple(_ct(number) for number in range(count))


@cache
def mixed(share: int = 1) -> tuple[bytes, ...]:
    """CT, radiographs of 10 MB, fundus photographs, ultrasound loops: 1.3 MB on the average."""
    files: list[bytes] = []
    for kind, count in _MIXED.items():
        files += [_MAKERS[kind](number) for number in range(max(count // share, 1))]
    random.Random(7).shuffle(files)  # noqa: S311 - an order, no secret
    return tuple(files)


def _ct(number: int) -> bytes:
    noise = np.random.default_rng(number)
    y, x = np.mgrid[-1:1:512j, -1:1:512j]
    body = np.where((x / 0.8) ** 2 + (y / 0.6) ** 2 < 1, 1064, 24)
    lungs = ((np.abs(x) - 0.38) / 0.28) ** 2 + (y / 0.36) ** 2 < 1
    pixels = np.where(lungs, 204, body) + noise.normal(0, 14, (512, 512))
    made = _object(CT, "CT", study=1 + number // 50, number=1 + number % 50)
    made.KVP, made.SliceThickness, made.PixelSpacing = "120", "2.5", ["0.7", "0.7"]
    made.ImagePositionPatient = ["-179.2", "-179.2", f"{number * 2.5:.1f}"]
    made.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    made.FrameOfReferenceUID = f"{_ROOT}.9"
    made.RescaleIntercept, made.RescaleSlope, made.RescaleType = "-1024", "1", "HU"
    made.WindowCenter, made.WindowWidth = ["40", "-600"], ["400", "1500"]
    return _grey(made, pixels.astype("<i2"), bits=16)


def _cr(number: int) -> bytes:
    noise = np.random.default_rng(1000 + number)
    y, x = np.mgrid[-1:1:2500j, -1:1:2048j]
    pixels = 900 + 1500 * np.exp(-((x / 0.16) ** 2)) + 500 * y + 130 * np.cos(40 * y + 8 * x * x)
    pixels += noise.normal(0, 18, pixels.shape)
    made = _object(CR, "CR", study=100 + number, number=1)
    made.BodyPartExamined, made.ViewPosition = "CHEST", "PA"
    made.RescaleIntercept, made.RescaleSlope, made.RescaleType = "0", "1", "US"
    made.WindowCenter, made.WindowWidth = "1400", "2600"
    return _grey(made, np.clip(pixels, 0, 4095).astype("<u2"), bits=12)


def _fundus(number: int) -> bytes:
    noise = np.random.default_rng(2000 + number)
    y, x = np.mgrid[-1:1:1536j, -1.333:1.333:2048j]
    light = np.where(np.hypot(x, y) < _EDGE, 1 - 0.35 * (x * x + y * y), 0.01)
    disc = np.exp(-((x - (0.5 if number % 2 else -0.5)) ** 2 + y * y) / 0.018)
    picture = np.stack([light * 196, light * (92 + 110 * disc), light * (42 + 70 * disc)], -1)
    picture += noise.normal(0, 6, picture.shape)
    made = _object(FUNDUS, "OP", study=200 + number // 2, number=1 + number % 2)
    made.ImageLaterality = "LR"[number % 2]
    made.LossyImageCompression, made.LossyImageCompressionMethod = "01", "ISO_10918_1"
    return _jpegs(made, [Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))], quality=96)


def _ultrasound(number: int) -> bytes:
    noise = np.random.default_rng(3000 + number)
    y, x = np.mgrid[-1:1:480j, -1:1:640j]
    frames = []
    for frame in range(30):
        bright = (90 + 60 * np.cos(9 * y + 3 * x + frame / 5)) * noise.rayleigh(0.8, x.shape)
        plain = Image.fromarray(np.clip(bright, 0, 255).astype(np.uint8))
        frames.append(plain.filter(ImageFilter.BoxBlur(1)).convert("RGB"))
    made = _object(ULTRASOUND, "US", study=300 + number, number=1)
    made.FrameTime, made.FrameIncrementPointer = "33.3", 0x00181063
    return _jpegs(made, frames, quality=85)


def _object(sop_class: str, modality: str, *, study: int, number: int) -> Dataset:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = sop_class
    made.SOPInstanceUID = f"{_ROOT}.{study}.1.{number}"
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    day = f"2024{1 + study % 12:02d}{1 + study % 28:02d}"
    made.StudyDate = made.SeriesDate = made.ContentDate = day
    made.StudyTime = made.SeriesTime = made.ContentTime = f"{study % 24:02d}1500"
    made.AccessionNumber, made.Modality, made.Manufacturer = f"A{study:07d}", modality, "Bench"
    made.ReferringPhysicianName, made.StudyDescription = "Zhao^Yi=赵^医", f"{modality} study"
    made.SeriesDescription, made.PatientName = f"{modality} series", "Wang^Xiao=王^小"
    made.PatientID = f"P{_RUN.decode()}-{study}"
    made.PatientBirthDate, made.PatientSex = f"19{30 + study % 70}0101", "FM"[study % 2]
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{_ROOT}.{study}", f"{_ROOT}.{study}.1"
    made.StudyID, made.SeriesNumber, made.InstanceNumber = str(study), 1, number
    return made


def _grey(
    made: Dataset, pixels: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", *, bits: int
) -> bytes:
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = pixels.tobytes()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return _written(made)


def _jpegs(made: Dataset, frames: Sequence[Image.Image], *, quality: int) -> bytes:
    coded = []
    for frame in frames:
        buffer = io.BytesIO()
        frame.save(buffer, "JPEG", quality=quality, subsampling="4:2:2")
        coded.append(buffer.getvalue())
    made.SamplesPerPixel, made.PhotometricInterpretation = 3, "YBR_FULL_422"
    made.PlanarConfiguration, made.NumberOfFrames = 0, len(frames)
    made.Columns, made.Rows = frames[0].size
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.PixelData = encapsulate(coded)
    made["PixelData"].VR = "OB"
    made.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    return _written(made)


def _written(made: Dataset) -> bytes:
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


_MAKERS: Final[dict[str, Callable[[int], bytes]]] = {
    "ct": _ct,
    "cr": _cr,
    "fundus": _fundus,
    "ultrasound": _ultrasound,
}
