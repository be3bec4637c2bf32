"""How the command line asks the running server for a pass: a file that only its own user can make.

The folder of the sockets is open to nobody else, and the server is the one that writes.
"""

import contextlib
from pathlib import Path
from typing import Final

_WISH: Final = "scrub-now"


def leave_wish(run_dir: Path) -> None:
    """Ask for everything to be read back now."""
    (run_dir / _WISH).touch(mode=0o600)


def take_wish(run_dir: Path) -> bool:
    """Whether somebody asked; it is asked once."""
    with contextlib.suppress(FileNotFoundError):
        (run_dir / _WISH).unlink()
        return True
    return False
