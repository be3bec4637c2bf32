"""Files that count only once they are on the disk, here and on Windows."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PART: Final = ".part"
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


def write_file(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file whole or not at all, readable by the user alone; how many bytes it has."""
    part = path.with_name(path.name + PART)
    size = 0
    try:
        with os.fdopen(os.open(part, _FLAGS, 0o600), "wb") as file:
            for piece in pieces:
                size += file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)
    return size


def fsync_folder(folder: Path) -> None:
    """Have the names of a folder on the disk; Windows keeps them by itself, and opens no folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
