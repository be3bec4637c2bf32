"""Our end of the socket: ask what is known, hand a file over."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from server.threads import in_thread

_BASE: Final = "http://admin"
_PIECE_BYTES: Final = 1 << 18
_LONGEST_S: Final = 600.0
_OF_ARCHIVE: Final = aiohttp.ClientTimeout(total=None, sock_read=_LONGEST_S)
"""Of an archive each file has its time."""


class NoSuchInstitutionError(Exception):
    """No institution has this code."""


class ServerAwayError(Exception):
    """The server does not answer, or not as it should."""


class Line:
    """A connection to the server of this data folder, for one institution."""

    def __init__(self, session: aiohttp.ClientSession, code: str) -> None:
        self._session = session
        self._root = f"{_BASE}/import/{quote(code, safe='')}"

    async def known(self, hashes: Sequence[str]) -> frozenset[str]:
        """Which of these the institution holds already; raises as `take` does."""
        body = json.dumps(list(hashes)).encode()
        return frozenset(await self._post(f"{self._root}/known", body))

    async def take(self, descriptor: int) -> dict[str, Any]:
        """Hand a file over.

        Raises NoSuchInstitutionError, ServerAwayError.
        """
        return dict(await self._post(self._root, _pieces(descriptor)))

    async def take_archive(self, descriptor: int) -> AsyncIterator[dict[str, Any]]:
        """Hand a ZIP over; what became of each file in it, as it is judged; raises as `take` does.

        An answer that ends before its last line was cut off, and raises ServerAwayError.
        """
        address = f"{self._root}/archive"
        try:
            async with self._session.post(
                address, data=_pieces(descriptor), timeout=_OF_ARCHIVE
            ) as answer:
                _require_ok(answer.status)
                async for line in answer.content:
                    judged = dict(json.loads(line))
                    if judged["verdict"] == "archive":
                        return
                    yield judged
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ServerAwayError from error
        raise ServerAwayError

    async def _post(self, address: str, body: bytes | AsyncIterator[bytes]) -> Any:
        try:
            async with self._session.post(address, data=body) as answer:
                _require_ok(answer.status)
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ServerAwayError from error


@asynccontextmanager
async def open_line(socket: Path, code: str) -> AsyncIterator[Line]:
    """Connect to the socket; nothing is sent yet."""
    connector = aiohttp.UnixConnector(path=str(socket))
    timeout = aiohttp.ClientTimeout(total=_LONGEST_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield Line(session, code)


def _require_ok(status: int) -> None:
    if status == HTTPStatus.NOT_FOUND:
        raise NoSuchInstitutionError
    if status != HTTPStatus.OK:
        raise ServerAwayError


async def _pieces(descriptor: int) -> AsyncIterator[bytes]:
    at = 0
    while piece := await in_thread(os.pread, descriptor, _PIECE_BYTES, at):
        yield piece
        at += len(piece)
        await asyncio.sleep(0)
