"""A STOW-RS service that answers as a test wants, and keeps what it was sent."""

import contextlib
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO

from tests.makers.databases import free_port

_BOUNDARY = re.compile(r"boundary=([0-9a-f]+)")

Answer = Callable[["WebArchive", web.Request, list[Dataset]], web.Response]


@dataclass
class WebArchive:
    """A STOW-RS service: what it was sent, and how it answers."""

    port: int
    answer: Answer
    secure: bool = False
    kept: dict[str, Dataset] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    requests: int = 0

    @property
    def url(self) -> str:
        """The root of the service."""
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.port}/dicom-web"

    async def respond(self, request: web.Request) -> web.Response:
        """Take what is sent, then answer."""
        self.requests += 1
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        sent = _objects_in(await request.read(), request.headers.get("Content-Type", ""))
        return self.answer(self, request, sent)


def keep(archive: WebArchive, _request: web.Request, sent: list[Dataset]) -> web.Response:
    """Store everything, as the standard says (PS3.18 10.5.3)."""
    archive.kept |= {str(each.SOPInstanceUID): each for each in sent}
    return answered(stored=sent)


def answered(
    *, stored: Sequence[Dataset] = (), failed: Sequence[tuple[Dataset, int]] = (), status: int = 200
) -> web.Response:
    """The document of annex I.2.2."""
    told: dict[str, Any] = {}
    if stored:
        told["00081199"] = {"vr": "SQ", "Value": [_reference(each) for each in stored]}
    if failed:
        items = [
            _reference(each) | {"00081197": {"vr": "US", "Value": [reason]}}
            for each, reason in failed
        ]
        told["00081198"] = {"vr": "SQ", "Value": items}
    return web.Response(text=json.dumps(told), status=status, content_type="application/dicom+json")


def just(status: int, **headers: str) -> Answer:
    """Answer so to everything."""

    def answer(_archive: WebArchive, _request: web.Request, _sent: list[Dataset]) -> web.Response:
        return web.Response(status=status, headers=headers)

    return answer


@asynccontextmanager
async def open_archive(
    answer: Answer = keep, *, tls: ssl.SSLContext | None = None, port: int | None = None
) -> AsyncIterator[WebArchive]:
    """A web archive for the time of a block."""
    archive = WebArchive(port or free_port(), answer, secure=tls is not None)
    app = web.Application(client_max_size=1 << 28)
    app.router.add_route("*", "/{tail:.*}", archive.respond)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", archive.port, ssl_context=tls).start()
    try:
        yield archive
    finally:
        with contextlib.suppress(Exception):
            await runner.cleanup()


def _objects_in(body: bytes, kind: str) -> list[Dataset]:
    """The parts of a body (RFC 2046 5.1.1), read by pydicom."""
    found = _BOUNDARY.search(kind)
    if found is None:
        return []
    mark = f"--{found[1]}".encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    assert pieces[-1] == b"--\r\n", "the body has no end"
    made = []
    for piece in pieces[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        assert head.strip() == b"Content-Type: application/dicom"
        made.append(dcmread(DicomBytesIO(data)))
    return made


def _reference(each: Dataset) -> dict[str, Any]:
    return {
        "00081150": {"vr": "UI", "Value": [str(each.SOPClassUID)]},
        "00081155": {"vr": "UI", "Value": [str(each.SOPInstanceUID)]},
    }
