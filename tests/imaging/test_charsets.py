"""Names in every character set that the data hold, read by the jail as they are filed."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.charset import encode_string

from imaging import lenient
from tests.makers.charsets import named_object
from tests.makers.jails import RunningJail


def vectors(real_files: Path) -> list[dict[str, Any]]:
    """Each with the bytes of a name, its character set, and what it reads."""
    return list(json.loads((real_files / "charset_vectors.json").read_text("utf-8"))["vectors"])


def test_the_bytes_of_each_vector_are_its_name(real_files: Path, jail: RunningJail) -> None:
    wrong, read = {}, 0
    for vector in vectors(real_files):
        data = named_object(vector["charset"], bytes.fromhex(vector["hex"]))
        name = jail.inspect(data)["facts"]["patient_name"]
        read += 1
        if name != vector["expected"].rstrip("="):
            wrong[str(vector["charset"])] = name
    assert wrong == {}
    assert read >= 9


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        (["", "ISO 2022 IR 58"], b"=\x1b$)A" + "张^小东".encode("gb2312")),
        (["ISO 2022 IR 58"], b"=" + "张^小东".encode("gb2312")),
        (["", "ISO 2022 IR 58"], b"=\x1b$)A" + "张^小镕".encode("gbk")),
    ],
)
def test_what_devices_leave_out_or_add_is_read_as_well(
    jail: RunningJail, charset: list[str], name: bytes
) -> None:
    told = jail.inspect(named_object(charset, name))["facts"]["patient_name"]
    assert told in {"=张^小东", "=张^小镕"}


def test_a_name_is_written_with_its_escape() -> None:
    assert lenient.FAULTS
    written = encode_string("张", ["ascii", "dicom_iso_ir_58"])
    assert written == b"\x1b$)A" + "张".encode("gb2312")
