"""The header walk outside the jail: bounded, never surprised, and of one mind with the jail."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.sniff import SNIFF_BYTES, Kind, sniff
from imaging.walk import HEAD_BYTES, walk_head
from tests.makers import hostile
from tests.makers.pictures import make_jpeg, make_png

SOP_INSTANCE = 0x00080018
PATIENT_NAME = 0x00100010


def walked(data: bytes) -> object:
    return walk_head(data[:HEAD_BYTES], total_bytes=len(data), wanted=[SOP_INSTANCE, PATIENT_NAME])


def test_the_values_asked_for_are_read() -> None:
    walk = walked(hostile.sound_picture())
    assert walk.unusual is None
    assert walk.reached_pixels
    assert walk.text(SOP_INSTANCE) == "2.25.77"
    assert walk.text(PATIENT_NAME) == "Wang^Fang"


def test_real_files_are_usual_unless_deflated_broken_or_long(real_files: Path) -> None:
    unusual = {}
    for path in sorted((real_files / "dicom").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            reason = walked(data).unusual
            if reason is not None:
                unusual[path.name] = reason
    assert set(unusual.values()) <= {
        "deflated",
        "long-header",
        "cut-short",
        "no-transfer-syntax",
        "not-dicom",
    }
    assert len(unusual) <= 12


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (hostile.deflate_bomb, "deflated"),
        (hostile.deep_sequences, "too-deep"),
        (hostile.many_elements, "too-many-elements"),
        (hostile.cut_short, "cut-short"),
        (make_jpeg, "not-dicom"),
    ],
)
def test_what_is_unusual_is_said_to_be_so_quickly(make: object, reason: str) -> None:
    data = make()
    started = time.perf_counter()
    assert walked(data).unusual == reason
    assert time.perf_counter() - started < 0.25


@settings(max_examples=300)
@given(st.binary(max_size=2000), st.integers(0, 1 << 40))
def test_no_bytes_surprise_the_walk(body: bytes, claimed: int) -> None:
    data = hostile.part10(hostile.identity() + body)
    walk_head(data, total_bytes=max(claimed, len(data)), wanted=[SOP_INSTANCE])
    walk_head(body, total_bytes=len(body), wanted=[SOP_INSTANCE])


@settings(max_examples=300)
@given(st.data())
def test_no_flipped_byte_surprises_the_walk(data: st.DataObject) -> None:
    sound = bytearray(
        hostile.part10(
            hostile.identity()
            + hostile.undefined(0x0040, 0xA730, "SQ")
            + hostile.item(hostile.element(0x0008, 0x0100, "SH", b"x"))
            + hostile.SEQUENCE_END
            + hostile.description()
            + hostile.undefined(0x7FE0, 0x0010, "OB")
            + hostile.item(b"")
            + hostile.item(b"1234")
            + hostile.SEQUENCE_END
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        sound[data.draw(st.integers(132, len(sound) - 1))] = data.draw(st.integers(0, 255))
    walked(bytes(sound))


def test_a_declared_length_is_never_allocated() -> None:
    giant = struct.pack("<HH2sHI", 0x0029, 0x1010, b"OB", 0, 0xFFFFFFF0)
    data = hostile.part10(hostile.identity() + giant)
    walk = walk_head(data, total_bytes=1 << 40, wanted=[0x00291010])
    assert walk.unusual is None or walk.unusual == "long-header"
    assert 0x00291010 not in walk.values


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", Kind.EMPTY),
        (hostile.sound_picture(), Kind.DICOM),
        (hostile.polyglot(), Kind.DICOM),
        (hostile.sound_picture()[132:], Kind.DICOM_WITHOUT_PREFIX),
        (hostile.identity(), Kind.DICOM_WITHOUT_META),
        (make_jpeg(), Kind.JPEG),
        (make_png(), Kind.PNG),
        (b"\x89PNG\n\x1a\n" + make_png()[8:], Kind.PNG),
        (hostile.zip_of(("a", b"b")), Kind.ZIP),
        (b"II*\0" + bytes(20), Kind.TIFF),
        (b"\x1f\x8b\x08" + bytes(20), Kind.GZIP),
        (b"MZ\x90\0" + bytes(200), Kind.UNKNOWN),
    ],
)
def test_a_file_is_what_its_first_bytes_say(data: bytes, kind: Kind) -> None:
    assert sniff(data[:SNIFF_BYTES]) is kind


@settings(max_examples=300)
@given(st.binary(max_size=600))
def test_sniffing_always_names_a_kind(data: bytes) -> None:
    assert isinstance(sniff(data), Kind)
