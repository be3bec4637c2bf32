"""What a glance at the head says is what the jail says; whatever else is written is left to it."""

import os
import random
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from imaging.fragments import Fragments
from imaging.glance import Glance, glance
from imaging.index import COUNTED
from imaging.jail.dicomweb import receive
from imaging.jail.params import Params
from imaging.walk import HEAD_BYTES
from tests.makers.dicomweb import make_sample, written

_FILED = (
    "sop_class_uid",
    "sop_instance_uid",
    "study_instance_uid",
    "series_instance_uid",
    "transfer_syntax_uid",
    "modality",
    "rows",
    "columns",
    "frames",
    "patient_name",
    "patient_id",
    "image_laterality",
    "captured_at",
    "captured_source",
    "captured_offset",
)


def _told_by_the_jail(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    descriptor = os.open(path, os.O_RDONLY)
    outputs = [os.memfd_create("test") for _ in range(3)]
    try:
        told = receive(Params({"no_picture": "undecodable"}), [descriptor], outputs)
    finally:
        for each in (descriptor, *outputs):
            os.close(each)
    return {name: told["facts"][name] for name in _FILED}, told["index"]


@pytest.fixture(scope="module")
def files(real_files: Path) -> list[Path]:
    """Every real DICOM file that is at hand."""
    return sorted(path for path in (real_files / "dicom").rglob("*") if path.is_file())


def test_what_a_glance_says_of_real_files_is_what_the_jail_says(files: list[Path]) -> None:
    seen = 0
    for path in files:
        data = path.read_bytes()
        found = glance(data[:HEAD_BYTES], total_bytes=len(data))
        if found is None or not _ends_there(found, data):
            continue
        facts, index = _told_by_the_jail(path)
        assert {name: found.facts[name] for name in _FILED} == facts, path
        assert found.index == _of_levels(index), path
        seen += 1
    assert seen > 60


def test_a_changed_head_is_read_as_the_jail_reads_it_or_left_to_it(
    real_files: Path, tmp_path: Path
) -> None:
    whole = written(_explicit(real_files))
    chance = random.Random(4)  # noqa: S311 - changes, no secret
    taken, path = 0, tmp_path / "changed.dcm"
    for _ in range(250):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2))):
            data[chance.randrange(132, 3000)] = chance.randrange(256)
        found = glance(bytes(data[:HEAD_BYTES]), total_bytes=len(data))
        if found is None or not _ends_there(found, data):
            continue
        path.write_bytes(data)
        facts, index = _told_by_the_jail(path)
        assert {name: found.facts[name] for name in _FILED} == facts
        assert found.index == _of_levels(index)
        taken += 1
    assert taken > 50


@pytest.mark.parametrize(
    "keyword", ["StudyInstanceUID", "SOPClassUID", "SeriesInstanceUID", "SOPInstanceUID"]
)
def test_an_object_without_its_identity_is_the_jails(real_files: Path, keyword: str) -> None:
    sample = _explicit(real_files)
    assert glance(written(sample)[:HEAD_BYTES], total_bytes=1 << 40) is not None
    del sample[keyword]
    assert glance(written(sample)[:HEAD_BYTES], total_bytes=1 << 40) is None


@pytest.mark.parametrize("keyword", ["PatientName", "InstanceNumber", "Rows"])
def test_a_value_that_is_not_as_devices_write_it_is_the_jails(
    real_files: Path, keyword: str
) -> None:
    whole = written(_explicit(real_files))
    odd = {
        "PatientName": (b"PN\x18\x00Wang^", b"PN\x18\x00Wa\x1b$^"),
        "InstanceNumber": (b"IS\x02\x007 ", b"IS\x02\x007x"),
        "Rows": (b"\x28\x00\x10\x00US", b"\x28\x00\x10\x00SS"),
    }
    before, after = odd[keyword]
    assert whole.count(before) == 1, keyword
    assert glance(whole.replace(before, after)[:HEAD_BYTES], total_bytes=1 << 40) is None


def test_fragments_are_followed_in_pieces_of_any_size() -> None:
    items = b"".join(_item(length) for length in (0, 4, 1000, 2))
    whole = b"head" + items + b"\xfe\xff\xdd\xe0\0\0\0\0"
    for size in (1, 3, 8, 64, len(whole)):
        assert _followed(whole, size).end_at(len(whole)), size
        assert not _followed(whole + b"\0\0", size).end_at(len(whole) + 2)
        assert not _followed(whole[:-1], size).end_at(len(whole) - 1)
        assert not _followed(whole.replace(b"\xe8\x03", b"\xe8\x04"), size).end_at(len(whole))


def _of_levels(index: dict[str, Any]) -> dict[str, Any]:
    """Without what is counted, which no object knows."""
    return {tag: told for tag, told in index.items() if tag not in COUNTED.values()}


def _followed(data: bytes, size: int) -> Fragments:
    fragments = Fragments(4)
    for at in range(0, len(data), size):
        fragments.pass_by(memoryview(data[at : at + size]), at)
    return fragments


def _item(length: int) -> bytes:
    return b"\xfe\xff\x00\xe0" + length.to_bytes(4, "little") + bytes(length)


def _ends_there(found: Glance, data: bytes | bytearray) -> bool:
    if not found.has_fragments:
        return found.end_bytes == len(data)
    fragments = Fragments(found.pixels.value_at)
    fragments.pass_by(memoryview(data), 0)
    return fragments.end_at(len(data))


def _explicit(real_files: Path) -> Dataset:
    sample = make_sample(real_files)
    sample.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    sample.InstanceNumber = 7
    return sample
