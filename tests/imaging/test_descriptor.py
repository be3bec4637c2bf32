"""A descriptor that is shared with others keeps its own place."""

import os

import pytest

from imaging.descriptor import open_positioned, write_all
from tests.makers.jails import content, files


def test_two_readers_of_one_descriptor_do_not_move_each_other() -> None:
    with files(b"0123456789") as (shared,):
        place = os.lseek(shared, 0, os.SEEK_CUR)
        with open_positioned(shared) as first, open_positioned(shared) as second:
            assert first.readable()
            assert first.seekable()
            assert first.read(4) == b"0123"
            part = bytearray(3)
            assert second.readinto(part) == 3
            assert bytes(part) == b"012"
            first.seek(-2, os.SEEK_END)
            assert first.read() == b"89"
            assert second.read() == b"3456789"
        assert os.lseek(shared, 0, os.SEEK_CUR) == place


@pytest.mark.parametrize("before", [b"", b"a longer text that stood here before"])
def test_a_file_holds_what_was_written_and_no_more(before: bytes) -> None:
    with files(before) as (made,):
        write_all(made, b"new")
        assert content(made) == b"new"
