"""A long value of an object in Big Endian leaves as the standard gives it out: Little Endian."""

import os
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from imaging.bulk import bulk_value
from imaging.header import read_attributes
from imaging.metadata import to_json
from imaging.survey import survey
from imaging.transcode import transcode

_BIG = "explicit-vr-be/CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm"
_LITTLE = "explicit-vr-le/vlut_04.dcm"
_TABLE, _ENTRIES, _FLOATS = "00283010", "00283006", "00660016"

each_order = pytest.mark.parametrize("name", [_BIG, _LITTLE], ids=["big", "little"])


@contextmanager
def opened(real: Path, path: Path, *, count: int) -> Iterator[int]:
    """A picture with a look-up table of so many entries, and as many coordinates."""
    picture, table = dcmread(real), Dataset()
    order = ">" if real.parent.name == "explicit-vr-be" else "<"
    table.add_new("LUTDescriptor", "US", [count, 0, 16])
    table.add_new("LUTData", "OW", entries_of(count).astype(f"{order}u2").tobytes())
    picture.VOILUTSequence = [table]
    points = (entries_of(count) / 8).astype(f"{order}f4")
    picture.add_new("PointCoordinatesData", "OF", points.tobytes())
    picture.save_as(path)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def entries_of(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(count) * 7 % 65521


def value(descriptor: int, element: dict[str, str], way: str) -> bytes:
    """What an element of the metadata says, or the place to which it leads."""
    if "InlineBinary" in element:
        return b64decode(element["InlineBinary"])
    assert element["BulkDataURI"] == f"bulkdata/{way}"
    return bulk_value(descriptor, survey(descriptor), way)


@pytest.mark.parametrize("count", [16, 4096], ids=["beside the header", "elsewhere"])
@each_order
def test_a_look_up_table_and_coordinates_are_told_in_little_endian(
    real_files: Path, tmp_path: Path, name: str, count: int
) -> None:
    with opened(real_files / "dicom" / name, tmp_path / "picture", count=count) as descriptor:
        found = survey(descriptor)
        told = to_json(read_attributes(descriptor, found), found)
        (item,) = told[_TABLE]["Value"]
        table = value(descriptor, item[_ENTRIES], f"{_TABLE}.0.{_ENTRIES}")
        points = value(descriptor, told[_FLOATS], _FLOATS)
    assert np.frombuffer(table, "<u2").tolist() == entries_of(count).tolist()
    assert np.frombuffer(points, "<f4").tolist() == (entries_of(count) / 8).tolist()


@each_order
def test_they_are_the_same_where_the_object_is_sent_in_little_endian(
    real_files: Path, tmp_path: Path, name: str
) -> None:
    sent = tmp_path / "sent.dcm"
    with (
        opened(real_files / "dicom" / name, tmp_path / "picture", count=64) as descriptor,
        sent.open("wb") as output,
    ):
        transcode(descriptor, survey(descriptor), output=output.fileno())
    decoded = dcmread(sent)
    table, points = decoded.VOILUTSequence[0].LUTData, decoded.PointCoordinatesData
    assert np.frombuffer(table, "<u2").tolist() == entries_of(64).tolist()
    assert np.frombuffer(points, "<f4").tolist() == (entries_of(64) / 8).tolist()
    assert np.array_equal(decoded.pixel_array, dcmread(tmp_path / "picture").pixel_array)
