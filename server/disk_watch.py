"""Whether this house can still save anything: what the pages of everybody say until it can."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from server.i18n import N_

WATCH_EVERY_S: Final = 5.0
_FULL_BYTES: Final = 8 << 20
_ROOM_BYTES: Final = 64 << 20
_SHOWN_S: Final = 60.0
_FULL: Final = frozenset({"storage-full", "disk-full"})
_FAILED: Final = "disk-failed"

SENTENCES: Final = {
    "disk-failed": N_(
        "The server's disk has failed: everything can be read, nothing is saved. Keep notes on "
        "paper and tell your IT department at once: the disk is checked, then the server is "
        "started again."
    ),
    "storage-full": N_(
        "The server's disk is full: everything can be read, nothing is saved until there is room. "
        "What was saved is safe. Tell your IT department at once."
    ),
}


class DiskWatch:
    """What refusals and a look at the free room say; a failed disk stays so until a new start."""

    def __init__(
        self, free_bytes: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free_bytes, self._clock = free_bytes, clock
        self._has_failed = self._has_no_room = False
        self._refused_at: float | None = None

    @property
    def trouble(self) -> str:
        """`disk-failed`, `storage-full` or nothing."""
        if self._has_failed:
            return _FAILED
        return "storage-full" if self._has_no_room else ""

    def note(self, code: str) -> None:
        """Something was refused with this code."""
        if code == _FAILED:
            self._has_failed = True
        elif code in _FULL:
            self._has_no_room, self._refused_at = True, self._clock()

    def look(self) -> None:
        """Look at the free room: full is said before a write fails, and no longer than it is so.

        A refusal is told for a minute in any case: a database may lie on another machine's disk.
        """
        free_bytes = self._free_bytes()
        if free_bytes < _FULL_BYTES:
            self._has_no_room = True
        elif free_bytes >= _ROOM_BYTES and not self._is_fresh():
            self._has_no_room = False

    def _is_fresh(self) -> bool:
        return self._refused_at is not None and self._clock() - self._refused_at < _SHOWN_S


def watch_folder(folder: Path) -> DiskWatch:
    """The watch over the disk of the data folder."""

    def free_bytes() -> int:
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize

    return DiskWatch(free_bytes)


DISK: web.AppKey[DiskWatch] = web.AppKey("disk_watch", DiskWatch)
