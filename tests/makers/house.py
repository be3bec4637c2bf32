"""A real server for tests: supervisor, web and worker on a data folder of their own."""

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.makers.databases import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
_START_S = 180.0
_STOP_S = 15.0
_ASKED_EVERY_S = 0.02
_ANSWER_S = 20  # it answers as soon as its worker does
_TESTERS_OWN = ("PYTHONDONTWRITEBYTECODE",)  # a house keeps what it compiled, whoever tests it


class HouseNotReadyError(RuntimeError):
    """The server did not come up; its log is in the message."""


@dataclass
class House:
    """A running server."""

    data_dir: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def base(self) -> str:
        """Its address in a browser."""
        return f"{'https' if self.speaks_tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def speaks_tls(self) -> bool:
        """Whether it was given a certificate, or told to make one."""
        return bool({"LIANZHEN_TLS", "LIANZHEN_TLS_CERT"} & set(self.environment))

    @property
    def database_url(self) -> str:
        """Its database, for a test that looks behind the door."""
        return self.environment.get(
            "LIANZHEN_DATABASE_URL", f"sqlite:///{self.data_dir / 'lianzhen.db'}"
        )

    def log(self) -> str:
        """Everything that it wrote so far."""
        return (self.data_dir / "server.log").read_text("utf-8", "replace")

    def kill(self) -> None:
        """End every process of the house at once, as a power switch for processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=_STOP_S)

    def stop(self) -> int:
        """Let it drain and stop."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def start_again(self) -> None:
        """Start on the same data folder and port."""
        self.begin_again()
        _wait_ready(self)

    def begin_again(self) -> None:
        """The same, without waiting until it can take work."""
        self.process = _spawn(self.data_dir, self.environment)


def start_house(data_dir: Path, **settings: str) -> House:
    """Start a server on this data folder and wait until it can take work."""
    port = free_port()
    environment = {
        "LIANZHEN_DATA_DIR": str(data_dir),
        "LIANZHEN_PORT": str(port),
        "LIANZHEN_LOOP_GUARD": "1",
        "LIANZHEN_WEB_SPARE": "false",  # it loads for two seconds, for most tests in vain
        **{f"LIANZHEN_{name.upper()}": value for name, value in settings.items()},
    }
    data_dir.mkdir(parents=True, exist_ok=True)
    house = House(data_dir, port, environment, _spawn(data_dir, environment))
    try:
        _wait_ready(house)
    except HouseNotReadyError:
        house.kill()
        raise
    return house


@contextlib.contextmanager
def open_house(data_dir: Path, **settings: str) -> Iterator[House]:
    """A server for the time of a block."""
    house = start_house(data_dir, **settings)
    try:
        yield house
    finally:
        house.stop()


def _spawn(data_dir: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    around = {name: text for name, text in os.environ.items() if name not in _TESTERS_OWN}
    with (data_dir / "server.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "server", "serve"],
            cwd=ROOT,
            env={**around, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_ready(house: House) -> None:
    deadline, ready = time.monotonic() + _START_S, f"{house.base}/readyz"
    while time.monotonic() < deadline:
        if house.process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(ready, timeout=_ANSWER_S, context=_anybody()) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        time.sleep(_ASKED_EVERY_S)
    raise HouseNotReadyError(house.log()[-4000:])


@cache
def _anybody() -> ssl.SSLContext:
    """Asks whether somebody is there, not who it is: made once, and without the world's roots."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
