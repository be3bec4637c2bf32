"""One server, or one writing command, a data folder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from consult.kernel.errors import ConsultError


class DataFolderBusyError(ConsultError):
    """Another process works in this data folder."""

    def __init__(self) -> None:
        super().__init__("data-folder-busy")


@contextlib.contextmanager
def hold_data_folder(data_dir: Path) -> Iterator[int]:
    """Hold the folder's lock; a child that gets the descriptor keeps it held."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DataFolderBusyError from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def hold_preparation(data_dir: Path) -> Iterator[None]:
    """Found, migrate and check alone: of several web processes that start, the others wait."""
    descriptor = os.open(data_dir / "preparing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
