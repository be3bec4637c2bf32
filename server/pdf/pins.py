"""A token's PIN in its file: a wrong one is tried once, by whichever process comes first (0145)."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.pdf.refusals import AWAY, PIN_OPEN, WRONG_PIN
from server.pdf.seals import SealAwayError

MARK: Final = "seal-pin-refused"
"""The file below `run_dir` that says which PIN file, as it was then, the token has refused."""
_OTHERS: Final = 0o077
_LONGEST_PIN: Final = 256
_LOOK_AGAIN_S: Final = 0.05


@dataclass(slots=True)
class PinFile:
    """A PIN that only this user may read; `mark` is common to all processes of the house."""

    file: Path
    mark: Path
    _refused: str = ""

    @contextmanager
    def turn(self, patience_s: float) -> Iterator[str]:
        """The PIN, while no other process tries it.

        Raises SealAwayError: others can read it, it was refused as it is, or another process
        hangs while it tries.
        """
        descriptor = self._open()
        try:
            _lock(descriptor, until=time.monotonic() + patience_s)
            if _likeness(descriptor) in {self._refused, self._marked()}:
                raise SealAwayError(WRONG_PIN)
            yield _text(descriptor)
        except PinRefusedError:
            self._refused = _likeness(descriptor)
            with suppress(OSError):  # this process knows it in any case
                self.mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.mark.write_text(self._refused, "ascii")
            raise SealAwayError(WRONG_PIN) from None
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            return os.open(self.file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            raise SealAwayError(PIN_OPEN) from None

    def _marked(self) -> str:
        try:
            return self.mark.read_text("ascii")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError):
            raise SealAwayError(WRONG_PIN) from None


class PinRefusedError(Exception):
    """The token did not take the PIN."""


def _lock(descriptor: int, *, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise SealAwayError(AWAY) from None
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


def _text(descriptor: int) -> str:
    if os.fstat(descriptor).st_mode & _OTHERS:
        raise SealAwayError(PIN_OPEN)
    try:
        return os.pread(descriptor, _LONGEST_PIN, 0).decode().strip()
    except (OSError, UnicodeDecodeError):
        raise SealAwayError(PIN_OPEN) from None


def _likeness(descriptor: int) -> str:
    """What changes whenever the file is written anew; it says nothing of the PIN."""
    told = os.fstat(descriptor)
    return f"{told.st_dev} {told.st_ino} {told.st_mtime_ns}"
