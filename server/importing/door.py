"""Where `lianzhen import` hands files over: a socket that only our own user opens."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from consult.kernel.errors import NotFoundError
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies import service as studies
from imaging.errors import Refusal
from server.images.imagery import IMAGERY
from server.importing.archives import judge_archive
from server.importing.judging import Judged, judge, told
from server.intake.spool import write_at
from server.keys import RULES, SETTINGS
from server.threads import in_thread
from server.transactions import as_system_read

SOCKET: Final = "admin.sock"
MOST_HASHES: Final = 200
_LONGEST_QUESTION: Final = 1 << 16
_PIECE_BYTES: Final = 1 << 18
_HOUSE: Final = web.AppKey("house", web.Application)


@asynccontextmanager
async def open_door(house: web.Application) -> AsyncIterator[Path]:
    """Answer on the socket of the data folder while inside; of several processes the last does."""
    folder = house[SETTINGS].run_dir
    await in_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    door = web.Application(client_max_size=_LONGEST_QUESTION)
    door[_HOUSE] = house
    door.router.add_post("/import/{code}/known", _known)
    door.router.add_post("/import/{code}/archive", _take_archive)
    door.router.add_post("/import/{code}", _take)
    runner = web.AppRunner(door, access_log=None, handler_cancellation=True)
    await runner.setup()
    path = folder / SOCKET
    try:
        await web.UnixSite(runner, path).start()
        await in_thread(path.chmod, 0o600)
        yield path
    finally:
        await runner.cleanup()


async def _known(request: web.Request) -> web.Response:
    """Which of these hashes are those of objects that the institution holds."""
    house = request.app[_HOUSE]
    institution = await _institution(request)
    asked = [str(each) for each in await request.json()][:MOST_HASHES]
    held = await as_system_read(
        house, studies.held_hashes, institution_id=institution.id, hashes=asked
    )
    return web.json_response(sorted(held))


async def _take(request: web.Request) -> web.Response:
    """One file: filed, or the code of what it lacks."""
    house = request.app[_HOUSE]
    institution = await _institution(request)
    async with _scratch(house) as scratch:
        judged = told("refused", Refusal.TOO_LARGE)
        if await _receive(request, scratch):
            judged = await judge(house, scratch, institution)
    is_away = judged["reason"] == "try-again"
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_away else HTTPStatus.OK
    return web.json_response(judged, status=status)


async def _take_archive(request: web.Request) -> web.StreamResponse:
    """A ZIP: a line for each of its files as soon as it is judged."""
    house = request.app[_HOUSE]
    institution = await _institution(request)
    async with _scratch(house) as scratch:
        is_whole = await _receive(request, scratch)
        response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "application/x-ndjson"})
        await response.prepare(request)
        if not is_whole:
            await _write(house, response, told("refused", Refusal.TOO_LARGE))
            return response
        async for judged in judge_archive(house, scratch, institution):
            await _write(house, response, judged)
    await _write(house, response, told("archive", ""))
    return response


async def _write(house: web.Application, response: web.StreamResponse, judged: Judged) -> None:
    async with asyncio.timeout(house[SETTINGS].patience_s):
        await response.write(json.dumps(judged).encode() + b"\n")


@asynccontextmanager
async def _scratch(house: web.Application) -> AsyncIterator[int]:
    descriptor = await in_thread(house[IMAGERY].spool.make_scratch)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def _institution(request: web.Request) -> Institution:
    try:
        return await as_system_read(
            request.app[_HOUSE], organisations.get_by_code, request.match_info["code"]
        )
    except NotFoundError:
        raise web.HTTPNotFound from None


async def _receive(request: web.Request, scratch: int) -> bool:
    """Copy the body to the disk; False where it is larger than any file that is taken."""
    house = request.app[_HOUSE]
    most = house[RULES].images.limits.largest_file_bytes
    at = 0
    while True:
        async with asyncio.timeout(house[SETTINGS].patience_s):
            piece = await request.content.read(_PIECE_BYTES)
        if not piece:
            return True
        if at + len(piece) > most:
            return False
        await in_thread(write_at, scratch, piece, at)
        at += len(piece)
