"""nginx with the file of deploy/: one address and port 443 for pages and for the relay."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from server.tls.pair import Pair
from tests.makers.databases import free_port
from tests.makers.house import ROOT

TEMPLATE = ROOT / "deploy" / "nginx.conf"
_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
_START_S, _STOP_S = 60.0, 30.0


@contextlib.contextmanager
def open_front(
    folder: Path, pair: Pair, *, address: str, upstream: int, relay: int
) -> Iterator[Path]:
    """The proxy for the time of a block; gives its log of errors."""
    folder.mkdir(parents=True)
    assert _STREAM.exists(), "the tests need libnginx-mod-stream: make libraries-test"
    pages, relayed = free_port(), free_port()
    text = _site(folder, pair, address=address, upstream=upstream, relay=relay)
    text = text.replace("127.0.0.1:8443", f"127.0.0.1:{pages}")
    text = text.replace("127.0.0.1:8444", f"127.0.0.1:{relayed}")
    file, errors = folder / "nginx.conf", folder / "error.log"
    file.write_text(f"load_module {_STREAM};\nuser root;\ndaemon off;\n{text}", "utf-8")
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    command = ["nginx", "-c", str(file), "-e", str(errors)]
    process = subprocess.Popen(command, env={**os.environ, "PATH": path})
    try:
        _wait(pages, process, errors)
        yield errors
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_STOP_S)


def _site(folder: Path, pair: Pair, *, address: str, upstream: int, relay: int) -> str:
    text = TEMPLATE.read_text("utf-8")
    own = {
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "error_log stderr warn;": f"error_log {folder}/error.log info;",
        "        listen 443;": f"        listen {address}:443;",
        "        listen 80;": f"        listen {address}:80;",
        "proxy_pass turn:5349;": f"proxy_pass {address}:{relay};",
        "server lianzhen:8080;": f"server 127.0.0.1:{upstream};",
        "/run/secrets/server_pem": str(pair.certificate_file),
        "/run/secrets/server_key": str(pair.key_file),
        "proxy_temp_path /tmp/proxy;": f"proxy_temp_path {folder}/proxy;",
        "client_body_temp_path /tmp/body;": f"client_body_temp_path {folder}/body;",
    }
    for theirs, ours in own.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


def _wait(port: int, process: subprocess.Popen[bytes], errors: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(errors.read_text("utf-8"))
