"""A real jail process for tests, and files in memory to hand to it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imaging.jail.addresses import MOST_PICTURES
from imaging.jail.client import Jail
from imaging.jail.protocol import LONGEST_ANSWER, framed

ROOT = Path(__file__).resolve().parent.parent.parent
START_S = 60.0
JAIL_LOG = "jail.log"
TYPESETTING = (
    *("--jobs", "imaging.jail.typesetting", "--preload", "imaging.jail.typesetting"),
    *("--memory-bytes", str(2 << 30), "--cpu-s", "30", "--wall-s", "40"),
)


@dataclass(frozen=True, slots=True)
class RunningJail:
    """The worker process and a client of it."""

    process: subprocess.Popen[bytes]
    socket: Path
    client: Jail

    def inspect(self, data: bytes, *, filename: str = "") -> dict[str, Any]:
        """Have a file inspected; its preview and thumbnail come back as bytes."""
        with files(data, b"", b"") as (given, preview, thumbnail):
            answer = self.client.run_blocking(
                "inspect", {"filename": filename}, inputs=[given], outputs=[preview, thumbnail]
            )
            answer["preview"], answer["thumbnail"] = content(preview), content(thumbnail)
            return answer

    def typeset(self, html: str, *pictures: bytes) -> bytes:
        """Have a document set with these pictures, by their numbers."""
        padded = (*pictures, *([b""] * MOST_PICTURES))[:MOST_PICTURES]
        with files(html.encode(), *padded, b"") as (*given, made):
            self.client.run_blocking("typeset", {}, inputs=given, outputs=[made])
            return content(made)

    def make(self, job: str, data: bytes, **params: Any) -> tuple[dict[str, Any], bytes]:
        """Run a job that turns one file into another."""
        with files(data, b"") as (given, made):
            answer = self.client.run_blocking(job, params, inputs=[given], outputs=[made])
            return answer, content(made)


@contextmanager
def running_jail(folder: Path, *arguments: str, timeout_s: float = 15.0) -> Iterator[RunningJail]:
    """Start `python -m imaging.jail`, its log in the folder; end it by closing its input."""
    path = folder / "jail.sock"
    with (folder / JAIL_LOG).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "imaging.jail", "--socket", str(path), *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stderr=log,
        )
    client = Jail(path, timeout_s=timeout_s)
    try:
        until = time.monotonic() + START_S
        while not path.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        yield RunningJail(process, path, client)
    finally:
        client.close()
        if process.stdin is not None:
            process.stdin.close()
        process.wait(START_S)


@contextmanager
def files(*contents: bytes) -> Iterator[list[int]]:
    """Files in memory with the given contents."""
    descriptors = []
    try:
        for data in contents:
            descriptor = os.memfd_create("test")
            descriptors.append(descriptor)
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(data)
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def content(descriptor: int) -> bytes:
    """Everything in an open file."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


@contextmanager
def lying_jail(folder: Path, outcome: dict[str, Any]) -> Iterator[Jail]:
    """A client of a worker that a file has taken over: it says this, whatever it is asked."""
    path = folder / "lying.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _address = listener.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(framed(outcome, longest=LONGEST_ANSWER))

        thread = threading.Thread(target=answer)
        thread.start()
        client = Jail(path)
        yield client
        client.close()
        thread.join()
