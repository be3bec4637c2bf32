"""The header walk outside the jail: bounded, never surprised, and of one mind with the jail."""

import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging import elements as walk_module
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from imaging.walk import HEAD_BYTES, walk_head
from tests.makers import hostile
from tests.makers.pictures import make_jpeg, make_png

SOP_INSTANCE = 0x00080018
PATIENT_NAME = 0x00100010
_TAGS = (0x00080018, 0x0040A730, 0x7FE00010, 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0x00020010)


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


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*_TAGS, *range(0x00290000, 0x00290004)]),
            st.sampled_from(["SQ", "UN", "OB", "LO", "UI", "zz", "\0\0"]),
            st.sampled_from([0, 1, 2, 8, 0x7FFF, 0xFFFE, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFF]),
        ),
        max_size=60,
    ),
    st.integers(1, 400),
    st.sampled_from([hostile.EXPLICIT_LE, "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"]),
)
def test_no_structure_makes_the_walk_read_on_or_count_on(
    parts: list[tuple[int, str, int]], times: int, syntax: str
) -> None:
    body = b"".join(
        struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr.encode(), 0, length)
        for tag, vr, length in parts
    )
    data = hostile.part10(hostile.identity() + body * times, syntax=syntax)
    head = _Watched(data + bytes(1 << 17))
    walk = walk_head(head, total_bytes=1 << 40, wanted=[SOP_INSTANCE])
    assert head.farthest <= HEAD_BYTES
    assert walk.unusual or walk.reached_pixels or walk.values or not parts


def test_the_walk_ends_at_so_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = walk_module.element_at
    monkeypatch.setattr("imaging.elements.element_at", lambda *each: asked.append(1) or real(*each))
    elements = hostile.element(0x0029, 0x1010, "LO", b"") * 8000
    for inside in (elements, b"".join(_in_items(elements))):
        asked.clear()
        data = hostile.part10(hostile.identity() + inside)
        walk = walk_head(data[:HEAD_BYTES], total_bytes=len(data), wanted=[])
        assert walk.unusual == "too-many-elements"
        assert len(asked) <= 4096


def _in_items(elements: bytes) -> Iterator[bytes]:
    """The same, few to an item: no level has many."""
    yield hostile.undefined(0x0040, 0xA730, "SQ")
    for at in range(0, len(elements), 800):
        yield hostile.item(elements[at : at + 800])
    yield hostile.SEQUENCE_END


class _Watched(bytes):
    """Bytes that know how far they were read."""

    farthest = 0

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            self.farthest = max(self.farthest, key.indices(len(self))[1])
        return super().__getitem__(key)


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
