"""An agent in a process of its own, with a clock that a test has put forward: to be killed."""

import sys
import threading
import time
from pathlib import Path

from edge.agent import run_agent
from edge.settings import Settings


def main(folder: str, server: str, token: str, ahead_s: str) -> None:
    """Run until killed; the settings are those of a fast camera."""
    settings = Settings(
        folders=(Path(folder),),
        server=server,
        state=Path(f"{folder}-state"),
        token=token,
        proxy="none",
        every_s=0.05,
        quiet_s=0.2,
        everything=True,
    )
    ahead = float(ahead_s)
    run_agent(settings, stop=threading.Event(), clock=lambda: time.time() + ahead)


if __name__ == "__main__":
    main(*sys.argv[1:])
