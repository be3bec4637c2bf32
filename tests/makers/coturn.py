"""A real coturn as a child process, configured by the very file that hospitals are given."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.tls.pair import Pair
from tests.makers.databases import free_port
from tests.makers.house import ROOT

TEMPLATE = ROOT / "deploy" / "turnserver.conf"
SECRET = "a-secret-of-the-tests-alone"
_LOOPBACK = "127.0.0.1"
_START_S, _STOP_S = 60.0, 20.0


@dataclass(frozen=True)
class Coturn:
    """A relay with two ports, one for TURN and one for TURN over TLS."""

    address: str
    port: int
    tls_port: int
    folder: Path

    @property
    def urls(self) -> str:
        """Its addresses, as the setting has them."""
        here = f"{self.address}:{self.port}"
        return (
            f"turn:{here}?transport=udp,turn:{here}?transport=tcp,"
            f"turns:{self.address}:{self.tls_port}?transport=tcp"
        )

    def settings(self) -> dict[str, str]:
        """What a house is told of it."""
        secret = self.folder / "secret"
        secret.write_text(f"{SECRET}\n")
        return {"turn_urls": self.urls, "turn_secret_file": str(secret)}

    def log(self) -> str:
        """Everything that it wrote."""
        return (self.folder / "turn.log").read_text("utf-8", "replace")


def write_config(coturn: Coturn, pair: Pair, *, peers: Sequence[str], more: Sequence[str]) -> Path:
    """The hospital's file with this machine's places in it and nothing else changed."""
    text = TEMPLATE.read_text("utf-8")
    own = {
        "static-auth-secret=SECRET": f"static-auth-secret={SECRET}",
        "listening-port=3478": f"listening-port={coturn.port}",
        "tls-listening-port=5349": f"tls-listening-port={coturn.tls_port}",
        "cert=/run/secrets/server_pem": f"cert={pair.certificate_file}",
        "pkey=/run/secrets/server_key": f"pkey={pair.key_file}",
        "relay-ip=172.31.251.11": f"listening-ip={coturn.address}\nrelay-ip={coturn.address}",
        "allowed-peer-ip=172.31.251.10": "\n".join(f"allowed-peer-ip={each}" for each in peers),
    }
    for theirs, ours in own.items():
        assert text.split("\n").count(theirs) == 1, theirs
        text = text.replace(f"\n{theirs}\n", f"\n{ours}\n")
    file = coturn.folder / "turnserver.conf"
    file.write_text("\n".join([text, *more, ""]), "utf-8")
    return file


def turn_command(config: Path) -> list[str]:
    """How it is started, wherever that is."""
    program = shutil.which("turnserver", path="/usr/bin:/usr/sbin:/usr/local/bin")
    assert program is not None, "the tests need Debian's coturn: make libraries-test"
    return [program, "-c", str(config)]


@contextlib.contextmanager
def open_coturn(folder: Path, pair: Pair, *, address: str = _LOOPBACK) -> Iterator[Coturn]:
    """A relay at an address of this machine for the time of a block, which relays to it alone."""
    folder.mkdir(parents=True)
    coturn = Coturn(address, free_port(), free_port(), folder)
    more = [f"pidfile={folder}/turn.pid", f"userdb={folder}/turn.db", "allow-loopback-peers"]
    if address != _LOOPBACK:
        more.append(f"listening-ip={_LOOPBACK}")  # where we see whether it listens
    config = write_config(coturn, pair, peers=[address], more=more)
    with (folder / "turn.log").open("wb") as log:
        process = subprocess.Popen(turn_command(config), stdout=log, stderr=log, cwd=folder)
    try:
        _wait(coturn, process)
        yield coturn
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_STOP_S)


def _wait(coturn: Coturn, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    for port in (coturn.port, coturn.tls_port):
        while True:
            is_waiting = process.poll() is None and time.monotonic() < deadline
            assert is_waiting, coturn.log()
            with contextlib.suppress(OSError):
                socket.create_connection((_LOOPBACK, port), timeout=1).close()
                break
            time.sleep(0.05)
