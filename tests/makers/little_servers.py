"""Servers of the standard library for the time of a test: one that answers, one that tunnels."""

import base64
import http.server
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass

SIGN_IN = "Basic " + base64.b64encode("诊所:p w".encode()).decode()


class Quiet(http.server.BaseHTTPRequestHandler):
    """Writes no log."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """Whatever this one does."""
        self.respond()

    def do_POST(self) -> None:
        """The same."""
        self.respond()

    def do_CONNECT(self) -> None:
        """The same."""
        self.respond()

    def respond(self) -> None:
        """Answer what was asked."""
        raise NotImplementedError

    def answer(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        """Answer once, and read what was sent."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


@dataclass
class Served:
    """A server of the standard library in a thread."""

    server: http.server.ThreadingHTTPServer

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])


def serve(handler: type[Quiet], context: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve for the time of a test."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield Served(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Tunnel(Quiet):
    """A proxy that lets through whoever signs in."""

    def respond(self) -> None:
        """Carry bytes both ways (RFC 9110 9.3.6)."""
        if self.headers.get("Proxy-Authorization") != SIGN_IN:
            self.answer(407, b"")
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            ways = {self.connection: there, there: self.connection}
            while True:
                ready, _, _ = select.select(list(ways), [], [], 30)
                for source in ready:
                    data = source.recv(1 << 16)
                    if not data:
                        self.close_connection = True
                        return
                    ways[source].sendall(data)
