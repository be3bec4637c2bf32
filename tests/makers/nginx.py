"""A real nginx as a child process, configured by the very file that hospitals are given."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.tls.authority import Authority
from tests.makers.databases import free_port
from tests.makers.house import ROOT

TEMPLATE = ROOT / "docs" / "nginx.conf"
PREFIX = "/lianzhen"
SEEN_AS = "127.0.0.2"
"""The proxy's address as the server sees it: another one than the browsers' on this machine."""
_START_S, _STOP_S = 60.0, 30.0
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_STRICT = """\
        if ($request_method !~ ^(GET|POST)$) { return 405; }
        proxy_ignore_headers X-Accel-Buffering;"""
_AROUND = """\
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format said '$request_method $request_uri $status';
    access_log {folder}/access.log said;
    {temporary}
    proxy_bind {seen_as};
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A proxy with TLS in front of one server."""

    port: int
    folder: Path

    @property
    def base(self) -> str:
        """Its address in a browser, without the prefix."""
        return f"https://127.0.0.1:{self.port}"

    def asked(self) -> list[str]:
        """What browsers asked for so far: method, address, status."""
        return (self.folder / "access.log").read_text("utf-8").splitlines()

    def strays(self) -> list[str]:
        """What was asked for beside the prefix: an address that was written without it."""
        return [line for line in self.asked() if not line.split()[1].startswith(f"{PREFIX}/")]


@contextlib.contextmanager
def open_nginx(
    folder: Path, authority: Authority, *, upstream: int, is_strict: bool = False
) -> Iterator[Nginx]:
    """The proxy for the time of a block; a strict one holds streams up and knows no HEAD."""
    folder.mkdir(parents=True)
    nginx = Nginx(free_port(), folder)
    site = _site(nginx.port, authority, upstream)
    if is_strict:
        site = site.replace("limit_except", f"{_STRICT}\n        limit_except")
    (folder / "site.conf").write_text(site, "utf-8")
    (folder / "nginx.conf").write_text(_around(folder), "utf-8")
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    process = subprocess.Popen(command, env={**os.environ, "PATH": path})
    try:
        _wait(nginx, process)
        yield nginx
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_STOP_S)


def _site(port: int, authority: Authority, upstream: int) -> str:
    """The hospital's file, with this machine's places in it and nothing else changed."""
    text = TEMPLATE.read_text("utf-8")
    own = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/nginx/portal.pem": str(authority.pair.certificate_file),
        "/etc/nginx/portal.key": str(authority.pair.key_file),
        "server 127.0.0.1:8080;": f"server 127.0.0.1:{upstream};",
    }
    for theirs, ours in own.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


def _around(folder: Path) -> str:
    return _AROUND.format(
        user="user root;\n" if os.geteuid() == 0 else "",
        folder=folder,
        temporary=" ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY),
        seen_as=SEEN_AS,
    )


def _wait(nginx: Nginx, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", nginx.port), timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError((nginx.folder / "error.log").read_text("utf-8"))
