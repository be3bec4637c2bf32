"""Bytes and names that must be on the disk before anybody is told so."""

import os
from pathlib import Path


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte; one `write` may take fewer."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def fsync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; without it a new file may be gone."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
