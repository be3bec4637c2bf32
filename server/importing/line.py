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

    async def _post(self, address: str, body: bytes | AsyncIterator[bytes]) -> Any:
        try:
            async with self._session.post(address, data=body) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    raise NoSuchInstitutionError
                if answer.status != HTTPStatus.OK:
                    raise ServerAwayError
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


async def _pieces(descriptor: int) -> AsyncIterator[bytes]:
    at = 0
    while piece := await in_thread(os.pread, descriptor, _PIECE_BYTES, at):
        yield piece
        at += len(piece)
        await asyncio.sleep(0)
