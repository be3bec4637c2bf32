"""A mail server on loopback (RFC 5321) with STARTTLS and AUTH PLAIN, and a robot of a group."""

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

from tests.makers.little_servers import Quiet, Served, serve

NAME, PASSWORD = "notices", "p w 密码"
_LONGEST_TEST_S = 300
SIGN_IN = base64.b64encode(f"\0{NAME}\0{PASSWORD}".encode()).decode()


@dataclass
class Letterbox:
    """What arrived, and how the server behaves."""

    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refuses: bool = False
    hangs: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0


class _Conversation(socketserver.StreamRequestHandler):
    """One client."""

    box: Letterbox
    trust: ssl.SSLContext
    has_tls = False
    has_signed_in = False
    to = ""

    def handle(self) -> None:
        """Answer line after line, until the client goes."""
        if self.box.hangs:
            self.box.released.wait(60)
            return
        self._say("220 mail.test ready")
        while line := self.rfile.readline():
            told = line.decode().rstrip("\r\n")
            self.box.said.append(told)
            if not self._answer(told):
                return

    def finish(self) -> None:
        """Close the line, also the one that TLS has taken over from the server."""
        super().finish()
        self.request.close()

    def _answer(self, told: str) -> bool:
        word = told.split(" ", maxsplit=1)[0].split(":", maxsplit=1)[0].upper()
        match word:
            case "EHLO":
                offers = ["AUTH PLAIN"] if self.has_tls else ["STARTTLS"]
                self._say("250-mail.test", *(f"250 {each}" for each in offers))
            case "STARTTLS":
                self._say("220 go on")
                self.request = self.trust.wrap_socket(self.request, server_side=True)
                self.setup()
                self.has_tls = True
            case "AUTH":
                self.has_signed_in = self.has_tls and told == f"AUTH PLAIN {SIGN_IN}"
                self._say("235 welcome" if self.has_signed_in else "535 who are you")
            case "MAIL":
                self._say("250 ok" if self.has_signed_in else "530 sign in first")
            case "RCPT":
                self.to = told.partition("<")[2].rpartition(">")[0]
                self._say("550 no such box" if self.box.refuses else "250 ok")
            case "DATA":
                self._say("354 end with a dot")
                self._take()
                self._say("250 taken")
            case _:
                self._say("221 bye")
                return False
        return True

    def _take(self) -> None:
        raw = bytearray()
        while (line := self.rfile.readline()) != b".\r\n":
            assert line, "the letter broke off"
            raw += line
        letter = message_from_bytes(bytes(raw), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.box.letters.append((self.to, letter))

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """A client that goes in the middle is none of our business."""


@contextmanager
def open_letterbox(pair: tuple[str, str]) -> Iterator[Letterbox]:
    """A mail server with this certificate and key for the time of a test."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(*pair)
    box = Letterbox()
    handler = type("Conversation", (_Conversation,), {"box": box, "trust": trust})
    with _Server(("127.0.0.1", 0), handler) as server:
        box.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield box
        finally:
            box.released.set()
            server.shutdown()
            thread.join()


@dataclass
class Heard:
    """One message as a robot heard it: where it was said, and what."""

    path: str
    query: dict[str, list[str]]
    body: dict[str, object]


@dataclass
class Group:
    """What the robot of a group heard, and what it answers."""

    heard: list[Heard] = field(default_factory=list)
    status: int = 200
    answer: dict[str, object] = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    hanging: str = ""
    """A path at which nothing is answered until the test is over."""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        """Where the robot stands."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def open_group() -> Iterator[Group]:
    """A robot's server for the time of a test."""
    group = Group()

    class Robot(Quiet):
        """Keeps what it is told."""

        def respond(self) -> None:
            """Answer as the group wants it."""
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.headers.replace_header("Content-Length", "0")
            group.heard.append(Heard(parts.path, parse_qs(parts.query), json.loads(raw)))
            if parts.path == group.hanging:
                group.over.wait(_LONGEST_TEST_S)
            self.answer(group.status, json.dumps(group.answer).encode(), **group.headers)

    for served in serve(Robot):
        assert isinstance(served, Served)
        group.port = served.port
        try:
            yield group
        finally:
            group.over.set()
