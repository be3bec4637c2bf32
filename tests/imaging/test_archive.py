"""A ZIP is listed and taken out entry by entry; names are only shown."""

import pytest

from imaging.errors import JailRefusedError
from tests.makers.hostile import gbk_zip, sound_picture, zip_of
from tests.makers.jails import RunningJail, files
from tests.makers.pictures import make_jpeg


def entries(jail: RunningJail, archive: bytes) -> list[dict]:
    with files(archive) as (given,):
        return jail.client.run_blocking("zip_list", {}, inputs=[given])["entries"]


def test_every_file_comes_out_as_it_went_in(jail: RunningJail) -> None:
    kept = {"od/1.jpg": make_jpeg(), "study/IM0001": sound_picture(), "note.txt": b"hello"}
    archive = zip_of(*kept.items())
    listed = entries(jail, archive)
    assert [entry["name"] for entry in listed] == list(kept)
    kinds = []
    for entry in listed:
        answer, data = jail.make("zip_extract", archive, index=entry["index"])
        assert data == kept[entry["name"]]
        assert answer["size"] == entry["size"] == len(data)
        kinds.append(answer["kind"])
    assert kinds == ["jpeg", "dicom", "unknown"]


def test_folders_and_litter_are_not_files(jail: RunningJail) -> None:
    litter = ("__MACOSX/._1.jpg", "a/.DS_Store", "Thumbs.db", "folder/")
    archive = zip_of(*((name, b"") for name in litter), ("a/1.jpg", b"x"))
    assert [entry["name"] for entry in entries(jail, archive)] == ["a/1.jpg"]


def test_a_file_whose_name_begins_with_nothing_is_a_file(jail: RunningJail) -> None:
    archive = zip_of(("Q.jpg", b"x")).replace(b"Q.jpg", b"\0.jpg")
    assert [entry["name"] for entry in entries(jail, archive)] == [".jpg"]
    assert jail.make("zip_extract", archive, index=0)[1] == b"x"


def test_names_are_read_in_gbk_and_in_utf8(jail: RunningJail) -> None:
    assert entries(jail, gbk_zip("右眼黄斑.jpg", b"x"))[0]["name"] == "右眼黄斑.jpg"
    assert entries(jail, zip_of(("左眼.jpg", b"x")))[0]["name"] == "左眼.jpg"


def test_a_climbing_name_is_only_a_name(jail: RunningJail) -> None:
    archive = zip_of(("../../etc/cron.d/x", b"x"), ("C:\\Windows\\a.jpg", b"y"))
    listed = entries(jail, archive)
    assert listed[0]["name"] == "../../etc/cron.d/x"
    assert jail.make("zip_extract", archive, index=0)[1] == b"x"


def test_an_archive_inside_an_archive_is_refused(jail: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as refused:
        jail.make("zip_extract", zip_of(("inner.zip", zip_of(("a", b"b")))), index=0)
    assert refused.value.reason == "zip-nested"


def test_an_entry_that_is_not_there_is_refused(jail: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as refused:
        jail.make("zip_extract", zip_of(("a", b"b")), index=7)
    assert refused.value.reason == "zip-no-such-entry"


def test_a_damaged_entry_is_refused(jail: RunningJail) -> None:
    body = bytes(range(256)) * 8
    archive = bytearray(zip_of(("a.dcm", body)))
    archive[60] ^= 0xFF
    with pytest.raises(JailRefusedError) as refused:
        jail.make("zip_extract", bytes(archive), index=0)
    assert refused.value.reason == "damaged-zip"
