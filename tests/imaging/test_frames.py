"""Decoded pixels equal those that independent decoders agree on."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from imaging.errors import NoPicture, PictureError
from imaging.frames import FrameLimits, decode_frame, shape_of
from imaging.header import read_header
from imaging.survey import survey


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def decoded(path: Path) -> np.ndarray:
    with opened(path) as descriptor:
        found = survey(descriptor)
        header = read_header(descriptor, found)
        frames = [
            decode_frame(descriptor, found, header, index=index).pixels
            for index in range(shape_of(header).frames)
        ]
    return np.stack(frames) if len(frames) > 1 else frames[0]


@pytest.mark.timeout(180)
def test_pixels_equal_what_independent_decoders_agree_on(real_files: Path) -> None:
    compared = 0
    manifest = json.loads((real_files / "manifest.json").read_text())
    for entry in manifest["files"]:
        expected = (entry.get("pixels") or {}).get("sha256")
        if not entry["file"].startswith("dicom") or not expected:
            continue
        if entry["verdict"] != "accepted":
            continue
        pixels = decoded(real_files / entry["file"])
        little = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
        assert hashlib.sha256(little.tobytes()).hexdigest() == expected, entry["file"]
        compared += 1
    assert compared > 100


def test_twelve_bit_jpeg_is_decoded_within_one_grey_level(real_files: Path) -> None:
    path = real_files / "dicom/jpeg-extended-12bit/JPGExtended.dcm"
    pixels = decoded(path)
    assert pixels.shape == (1024, 256)
    assert (int(pixels.min()), int(pixels.max())) == (0, 264)
    assert abs(float(pixels.mean()) - 14.383) < 0.5


def test_a_picture_over_the_cap_is_refused_before_any_decoder_runs(real_files: Path) -> None:
    path = real_files / "dicom/jpeg-baseline/examples_ybr_color.dcm"
    for limits in (FrameLimits(frame_bytes=1000), FrameLimits(total_bytes=1 << 20)):
        with opened(path) as descriptor:
            found = survey(descriptor)
            header = read_header(descriptor, found)
            with pytest.raises(PictureError) as refused:
                decode_frame(descriptor, found, header, limits=limits)
        assert refused.value.reason is NoPicture.PICTURE_TOO_LARGE
