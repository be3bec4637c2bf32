"""Hostile files get a plain verdict, and the jail goes on."""

import pytest

from imaging.errors import JailRefusedError
from tests.makers import bombs, hostile
from tests.makers.jails import RunningJail, files
from tests.makers.pictures import make_jpeg, make_png, make_png_bomb, scan_of

REFUSED = {
    "deflate bomb": (hostile.deflate_bomb, "too-large"),
    "sequences 500 deep": (hostile.deep_sequences, "too-deep"),
    "60,000 empty elements": (hostile.many_elements, "too-many-elements"),
    "truncated JPEG": (lambda: make_jpeg()[:-40], "damaged-picture"),
    "JPEG without its scan": (
        lambda: make_jpeg().replace(scan_of(make_jpeg()), b"\xff\xd9"),
        "damaged-picture",
    ),
    "endless fill bytes": (bombs.BOMBS["JPEG of fill bytes"], "damaged-picture"),
    "PNG bomb": (make_png_bomb, "picture-too-large"),
    "truncated PNG": (lambda: make_png()[:-20], "damaged-picture"),
    "cut short": (hostile.cut_short, "cut-short"),
    "a header behind a transfer syntax": (
        lambda: hostile.sound_picture(syntax="1.2.840.10008.1.2.1\r\nX-Other: 1"),
        "malformed-uid",
    ),
    "a transfer syntax longer than any": (
        lambda: hostile.sound_picture(syntax="1.2." + "3" * 64),
        "malformed-uid",
    ),
    "nothing": (lambda: b"", "empty-file"),
    "a text": (lambda: b"<script>alert(1)</script>" * 40, "not-an-image"),
    "a ZIP where a picture was due": (lambda: hostile.zip_of(("a", b"b")), "is-archive"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_with_its_reason(jail: RunningJail, name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(JailRefusedError) as refused:
        jail.inspect(make())
    assert refused.value.reason == reason
    assert jail.inspect(hostile.sound_picture())["verdict"] == "accepted"


@pytest.mark.parametrize("make", [hostile.rle_giant, hostile.two_billion_frames])
def test_an_absurd_size_is_kept_without_a_picture(jail: RunningJail, make: object) -> None:
    answer = jail.inspect(make())
    assert (answer["verdict"], answer["reason"]) == (
        "accepted-without-picture",
        "picture-too-large",
    )
    assert answer["preview"] == b""


@pytest.mark.parametrize("name", ["a name of a million escapes", "a window of four million values"])
def test_what_no_device_writes_is_not_parsed(jail: RunningJail, name: str) -> None:
    answer = jail.inspect(bombs.BOMBS[name]())
    assert answer["reason"] == "no-pixel-data"
    assert answer["facts"]["patient_name"] is None


def test_colours_that_lead_in_circles_are_the_pictures_fault_not_the_objects(
    jail: RunningJail,
) -> None:
    answer = jail.inspect(bombs.palette_that_turns_in_circles())
    assert (answer["verdict"], answer["reason"]) == ("accepted-without-picture", "undecodable")


def test_a_windows_program_in_the_preamble_is_noted(jail: RunningJail) -> None:
    answer = jail.inspect(hostile.polyglot())
    assert answer["verdict"] == "accepted"
    assert not answer["facts"]["preamble_is_zero"]
    assert jail.inspect(hostile.sound_picture())["facts"]["preamble_is_zero"]


def test_the_bombs_are_bombs() -> None:
    assert len(hostile.deflate_bomb()) < 4 << 20
    assert len(make_png_bomb()) < 1 << 16
    assert len(hostile.zip_bomb()) < 1 << 17


ARCHIVES = {
    "zip bomb": (hostile.zip_bomb, "zip-bomb"),
    "overlapping entries": (hostile.overlapping_zip, "zip-bomb"),
    "encrypted": (hostile.encrypted_zip, "encrypted-zip"),
    "too many entries": (
        lambda: hostile.zip_of(*((f"{number}.dcm", b"x") for number in range(2001))),
        "zip-too-many-entries",
    ),
    "no archive": (lambda: b"PK\x03\x04" + bytes(200), "damaged-zip"),
    "cut short": (lambda: hostile.zip_of(("a.dcm", bytes(range(256))))[:-8], "damaged-zip"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_is_refused_with_its_reason(jail: RunningJail, name: str) -> None:
    make, reason = ARCHIVES[name]
    with files(make()) as (given,), pytest.raises(JailRefusedError) as refused:
        jail.client.run_blocking("zip_list", {}, inputs=[given])
    assert refused.value.reason == reason
