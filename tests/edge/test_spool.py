"""What lies in the spool cannot be read or changed unnoticed, and counts once it is on the disk."""

import errno
import io
import os
import sqlite3
from pathlib import Path

import pytest

from edge.cipher import (
    CHUNK_BYTES,
    HEAD_BYTES,
    SpoolDamagedError,
    derive_keys,
    open_pieces,
    open_text,
    seal_pieces,
    seal_text,
)
from edge.keyfile import KeyLostError, load_key
from edge.store import BusyError
from tests.makers.cameras import open_watch
from tests.makers.pictures import make_jpeg, own_copy

KEYS = derive_keys(bytes(32))
NOWHERE = "http://127.0.0.1:9"


def sealed(data: bytes) -> bytes:
    """A file of the spool."""
    return b"".join(seal_pieces(KEYS, [data]))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 200_001])
def test_every_length_comes_back_from_every_place(size: int) -> None:
    data = os.urandom(size)
    file = io.BytesIO(sealed(data))
    for start in {0, size // 2, max(size - 1, 0), size}:
        assert b"".join(open_pieces(KEYS, file, size=size, start=start)) == data[start:]


@pytest.mark.parametrize("at", [0, 10, HEAD_BYTES, HEAD_BYTES + CHUNK_BYTES, -1])
def test_one_changed_byte_is_noticed(at: int) -> None:
    data = bytearray(sealed(bytes(100_000)))
    data[at] ^= 1
    with pytest.raises(SpoolDamagedError):
        b"".join(open_pieces(KEYS, io.BytesIO(bytes(data)), size=100_000))


def test_chunks_cut_off_swapped_or_of_another_key_are_noticed() -> None:
    whole = sealed(os.urandom(3 * CHUNK_BYTES))
    full = CHUNK_BYTES + 32
    one, two = whole[HEAD_BYTES : HEAD_BYTES + full], whole[HEAD_BYTES + full :][:full]
    swapped = whole[:HEAD_BYTES] + two + one + whole[HEAD_BYTES + 2 * full :]
    cut = whole[: HEAD_BYTES + 2 * full]
    for bad, size in ((swapped, 3 * CHUNK_BYTES), (cut, 2 * CHUNK_BYTES)):
        with pytest.raises(SpoolDamagedError):
            b"".join(open_pieces(KEYS, io.BytesIO(bad), size=size))
    other = derive_keys(bytes(31) + b"1")
    with pytest.raises(SpoolDamagedError):
        open_text(other, seal_text(KEYS, "张三"))
    assert open_text(KEYS, seal_text(KEYS, "张三")) == "张三"


def test_no_name_and_no_byte_of_a_picture_lies_readable_in_the_folder(tmp_path: Path) -> None:
    with open_watch(tmp_path / "cam", server=NOWHERE, token="geheim-token") as watch:
        picture = own_copy(make_jpeg())
        (watch.folder / "张桂英 OD.jpg").write_bytes(picture)
        assert watch.look() == 1
        watch.send()
    state = tmp_path / "cam-state"
    lying = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    for word in ("张桂英".encode(), b"OD.jpg", b"geheim-token", picture[200:232], b"JFIF"):
        assert word not in lying
    assert (state / "key").stat().st_mode & 0o777 == 0o600


def test_a_file_counts_only_with_its_row_and_a_row_only_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cam"
    with open_watch(folder, server=NOWHERE, token="t") as watch:
        (folder / "a.jpg").write_bytes(make_jpeg())
        with monkeypatch.context() as dying:
            dying.setattr(watch.agent.store, "take", _die)
            with pytest.raises(sqlite3.OperationalError):
                watch.look()
        assert len(list((tmp_path / "cam-state" / "spool").iterdir())) == 1
    with open_watch(folder, server=NOWHERE, token=None) as watch:
        assert list((tmp_path / "cam-state" / "spool").iterdir()) == []
        assert watch.look() == 1


def test_a_full_disk_takes_nothing_by_halves_and_the_file_is_taken_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_watch(tmp_path / "cam", server=NOWHERE, token="t") as watch:
        (watch.folder / "a.jpg").write_bytes(make_jpeg())
        with monkeypatch.context() as full:
            full.setattr("os.fsync", _no_room)
            assert watch.look() == 0
            assert watch.agent.watcher.trouble == "spool-full"
        assert list((tmp_path / "cam-state" / "spool").iterdir()) == []
        assert watch.look() == 1
        assert watch.agent.watcher.trouble is None
    with open_watch(tmp_path / "little", server=NOWHERE, token="t", most_bytes=100) as watch:
        (watch.folder / "a.jpg").write_bytes(make_jpeg())
        assert (watch.look(), watch.agent.watcher.trouble) == (0, "spool-full")


def test_two_agents_do_not_share_a_folder_and_a_lost_key_is_said(tmp_path: Path) -> None:
    with open_watch(tmp_path / "cam", server=NOWHERE, token="t"):
        with pytest.raises(BusyError), open_watch(tmp_path / "cam", server=NOWHERE, token="t"):
            pass
    (tmp_path / "cam-state" / "key").unlink()
    with pytest.raises(KeyLostError), open_watch(tmp_path / "cam", server=NOWHERE, token="t"):
        pass
    assert load_key(tmp_path, may_make=True) == load_key(tmp_path, may_make=False)


def _die(*_: object, **__: object) -> bool:
    """The process ends before the row is written."""
    raise sqlite3.OperationalError


def _no_room(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "full")
