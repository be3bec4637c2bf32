"""A Redis of our own for tests: started, killed, frozen, emptied and spoilt at will."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.makers.databases import free_port

_START_S = 60.0


@dataclass
class RedisHouse:
    """A running Redis."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """Pull its plug."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """It goes on listening and answers nothing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        os.kill(self.process.pid, signal.SIGCONT)

    def empty(self) -> None:
        """Forget everything."""
        with self.client() as client:
            client.flushall()

    def spoil(self) -> None:
        """Every key is of a kind that nobody expects."""
        with self.client() as client:
            for key in client.scan_iter():
                client.delete(key)
                client.rpush(key, "nonsense")

    def client(self) -> "Redis":
        """A line of the test's own."""
        return Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2)

    def start_again(self) -> None:
        """Empty, on the same port."""
        self.process = _spawn(self.port, self.folder)
        _wait(self)


@contextlib.contextmanager
def run_redis(folder: Path) -> Iterator[RedisHouse]:
    """A Redis for the time of a block."""
    port = free_port()
    house = RedisHouse(port, folder, _spawn(port, folder))
    try:
        _wait(house)
        yield house
    finally:
        with contextlib.suppress(ProcessLookupError):
            house.thaw()
        house.kill()


def _spawn(port: int, folder: Path) -> subprocess.Popen[bytes]:
    address = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    nothing_kept = ["--save", "", "--appendonly", "no"]
    return subprocess.Popen(
        ["redis-server", *address, *nothing_kept],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )


def _wait(house: RedisHouse) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(RedisError), house.client() as client:
            client.ping()
            return
        time.sleep(0.05)
    message = "Redis did not start"
    raise RuntimeError(message)
