"""Everybody's pages say that nothing is saved, as long as that is so and no longer."""

from dataclasses import dataclass, field

import pytest

from server.disk_watch import DiskWatch


@dataclass
class Disk:
    """A disk of which a test says how much is free, and a clock."""

    free_bytes: int = 1 << 30
    at_s: float = 0.0
    watch: DiskWatch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = DiskWatch(lambda: self.free_bytes, lambda: self.at_s)

    def trouble_after(self, seconds: float) -> str:
        """What is said after the next look."""
        self.at_s += seconds
        self.watch.look()
        return self.watch.trouble


def test_a_sound_disk_says_nothing() -> None:
    disk = Disk()
    for code in ("not-found", "database-away", "case-moved-on"):
        disk.watch.note(code)
    assert disk.trouble_after(5) == ""


@pytest.mark.parametrize("code", ["storage-full", "disk-full"])
def test_a_refused_write_is_told_until_there_is_room_and_a_minute_has_passed(code: str) -> None:
    disk = Disk(free_bytes=30 << 20)
    disk.watch.note(code)
    assert disk.watch.trouble == "storage-full"
    assert disk.trouble_after(120) == "storage-full"  # still nearly full
    disk.free_bytes = 1 << 30
    assert disk.trouble_after(1) == ""
    disk.watch.note(code)
    assert disk.trouble_after(59) == "storage-full"  # a database on another disk
    assert disk.trouble_after(2) == ""


def test_full_is_said_before_a_write_fails() -> None:
    disk = Disk(free_bytes=1 << 20)
    assert disk.trouble_after(5) == "storage-full"
    disk.free_bytes = 1 << 30
    assert disk.trouble_after(5) == ""


def test_a_failed_disk_stays_so_however_much_is_free() -> None:
    disk = Disk()
    disk.watch.note("disk-failed")
    assert disk.trouble_after(100_000) == "disk-failed"
