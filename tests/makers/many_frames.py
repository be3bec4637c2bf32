"""Real objects whose pictures only the server draws, made into objects of several frames."""

import copy
import io
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.uid import generate_uid

FRAMES = 4
_ULTRASOUND = "1.2.840.10008.5.1.4.1.1.3.1"


def palette_frames(real_files: Path) -> bytes:
    """A loop of ultrasound in colours of a palette: a test pattern that moves to the right."""
    head = dcmread(real_files / "dicom" / "palette-colour" / "TestPattern_Palette.dcm")
    first = head.pixel_array
    frames = [np.roll(first, 40 * number, axis=1) for number in range(FRAMES)]
    head.SOPClassUID = head.file_meta.MediaStorageSOPClassUID = _ULTRASOUND
    head.Modality = "US"
    head.NumberOfFrames = FRAMES
    head.PixelData = b"".join(frame.tobytes() for frame in frames)
    return _anew(head)


def fraction_frames(real_files: Path) -> bytes:
    """A map of fractions, twice as strong from frame to frame."""
    head = dcmread(real_files / "dicom" / "float-parametric-map" / "parametric_map_float.dcm")
    first = head.pixel_array
    frames = [first * np.float32(2**number) for number in range(FRAMES)]
    head.NumberOfFrames = FRAMES
    groups = head.PerFrameFunctionalGroupsSequence
    groups.extend(copy.deepcopy(groups[0]) for _ in range(FRAMES - 1))
    head.FloatPixelData = b"".join(frame.astype("<f4").tobytes() for frame in frames)
    return _anew(head)


def table_frames(real_files: Path) -> bytes:
    """Values that a table makes what they mean, each frame upside-down to the one before."""
    head = dcmread(real_files / "dicom" / "explicit-vr-le" / "mlut_18.dcm")
    first = head.pixel_array
    frames = [first[:: 1 - 2 * (number % 2)] for number in range(FRAMES)]
    head.NumberOfFrames = FRAMES
    head.PixelData = b"".join(frame.tobytes() for frame in frames)
    return _anew(head)


def bit_frames(real_files: Path) -> bytes:
    """A segmentation of one bit a pixel, whose frames begin in the middle of a byte."""
    path = real_files / "dicom" / "one-bit-segmentation" / "liver_nonbyte_aligned.dcm"
    return path.read_bytes()


def colours_of(data: bytes, number: int) -> np.ndarray:
    """A frame (from 1) of the palette's object as pydicom looks its colours up."""
    head = dcmread(io.BytesIO(data))
    coloured = apply_color_lut(head.pixel_array[number - 1], head)
    return (coloured if coloured.dtype == np.uint8 else coloured >> 8)[..., :3].astype(int)


def bits_of(data: bytes, number: int) -> np.ndarray:
    """A frame (from 1) of one bit a pixel: black and white."""
    return dcmread(io.BytesIO(data)).pixel_array[number - 1].astype(int) * 255


def spread(values: np.ndarray, *, lower: float, upper: float) -> np.ndarray:
    """Values from black to white."""
    return np.clip((values.astype(float) - lower) / (upper - lower), 0, 1) * 255


def meant_by(data: bytes, number: int) -> np.ndarray:
    """The values of a frame (from 1), through the table where the object has one."""
    head = dcmread(io.BytesIO(data))
    return np.asarray(apply_modality_lut(head.pixel_array[number - 1], head))


def ends_of(values: np.ndarray) -> tuple[float, float]:
    """Between what an object without a window is drawn: all but half a hundredth at each end."""
    low, high = np.percentile(values, (0.5, 99.5))
    return float(low), float(high)


def _anew(head: Dataset) -> bytes:
    """As an object of its own."""
    head.SOPInstanceUID = head.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    head.SeriesInstanceUID = generate_uid()
    written = io.BytesIO()
    head.save_as(written)
    return written.getvalue()
