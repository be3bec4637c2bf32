"""So many imports at once into one installation: each holds a place until its process ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_IMPORTS: Final = 2


class TooManyImportsError(Exception):
    """Every place is taken."""


@contextlib.contextmanager
def holding_place(run_dir: Path) -> Iterator[None]:
    """Hold a place while inside.

    Raises TooManyImportsError, and OSError where the folder is not ours to write in.
    """
    descriptor = _take_place(run_dir)
    try:
        yield
    finally:
        os.close(descriptor)


def _take_place(run_dir: Path) -> int:
    for number in range(MOST_IMPORTS):
        path = run_dir / f"import-{number}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    raise TooManyImportsError
