"""A child for the length of one command, where no supervisor runs."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from imaging.errors import JailUnavailableError
from imaging.jail.client import Jail
from server.supervisor.child import Child, ChildSpec

_STARTS_S: Final = 30.0
_ENDS_S: Final = 5.0


@contextlib.contextmanager
def lone_child(spec: ChildSpec, socket: Path) -> Iterator[None]:
    """Run it; start it before any thread, since it is forked."""
    socket.unlink(missing_ok=True)
    child = Child(spec)
    child.start()
    try:
        yield
    finally:
        child.ask_to_stop()
        child.wait(until_s=time.monotonic() + _ENDS_S)
        socket.unlink(missing_ok=True)


async def wait_for(jail: Jail) -> None:
    """Until the jail has everything in memory; raises JailUnavailableError if it never has."""
    until_s = time.monotonic() + _STARTS_S
    while True:
        try:
            await jail.run("ping", {})
        except JailUnavailableError:
            if time.monotonic() > until_s:
                raise
        else:
            return
