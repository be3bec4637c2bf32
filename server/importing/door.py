"""Where `lianzhen import` hands files over: a socket that only our own user opens."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies import service as studies
from consult.studies.model import NOT_LOOKED_AT, Verdict
from imaging.errors import (
    JailCrashedError,
    JailError,
    JailRefusedError,
    JailTimedOutError,
    JailUnavailableError,
    Refusal,
)
from server.imagery import IMAGERY
from server.keys import JAIL, RULES, SETTINGS
from server.receiving.filing import file_all
from server.receiving.place import place_at, receiving
from server.receiving.taking import Taking
from server.spool import write_at
from server.threads import in_thread
from server.transactions import as_system_read

SOCKET: Final = "admin.sock"
WAY: Final = "import"
MOST_HASHES: Final = 200
_LONGEST_QUESTION: Final = 1 << 16
_PIECE_BYTES: Final = 1 << 18
_FAULTS: Final[dict[type[JailError], tuple[str, str]]] = {
    JailCrashedError: ("refused", "decoder-crashed"),
    JailTimedOutError: ("refused", "decoder-timed-out"),
    JailUnavailableError: ("failed", "try-again"),
}
_HOUSE: Final = web.AppKey("house", web.Application)


@asynccontextmanager
async def open_door(house: web.Application) -> AsyncIterator[Path]:
    """Answer on the socket of the data folder while inside; of several processes the last does."""
    folder = house[SETTINGS].run_dir
    await in_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    door = web.Application(client_max_size=_LONGEST_QUESTION)
    door[_HOUSE] = house
    door.router.add_post("/import/{code}/known", _known)
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
    scratch = await in_thread(house[IMAGERY].spool.make_scratch)
    try:
        if not await _receive(request, scratch):
            return _told("refused", Refusal.TOO_LARGE)
        return await _judge(house, scratch, institution)
    finally:
        os.close(scratch)


async def _judge(house: web.Application, scratch: int, institution: Institution) -> web.Response:
    try:
        return await _file(house, scratch, institution)
    except JailRefusedError as error:
        if error.reason == Refusal.DIRECTORY:
            return await _list_directory(house, scratch)
        return _told("refused", error.reason)
    except (JailCrashedError, JailTimedOutError, JailUnavailableError) as error:
        return _told(*_FAULTS[type(error)])


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


async def _file(house: web.Application, scratch: int, institution: Institution) -> web.Response:
    actor = Actor(None, institution.id)
    async with receiving(house, place_at(institution)) as place:
        taking = Taking(house, place)
        try:
            received = await taking.take_file(partial(os.dup, scratch))
        finally:
            await taking.drop()
        (filed,) = await file_all(house, actor, place, [received], way=WAY, source="")
    if filed.verdict is Verdict.CONFLICT:
        return _told("conflict", "image-conflict")
    reason = received.description.picture_reason
    is_said = reason not in {None, NOT_LOOKED_AT}
    return _told(filed.verdict.value, f"no-picture-{reason}" if is_said else "")


async def _list_directory(house: web.Application, scratch: int) -> web.Response:
    try:
        told = await house[JAIL].run("directory", {}, inputs=[scratch])
    except JailRefusedError as error:
        return _told("refused", error.reason)
    except (JailCrashedError, JailTimedOutError):
        return _told("refused", "decoder-crashed")
    return _told("directory", "", references=told["references"])


def _told(verdict: str, reason: str, **more: Any) -> web.Response:
    status = HTTPStatus.SERVICE_UNAVAILABLE if verdict == "failed" else HTTPStatus.OK
    return web.json_response({"verdict": verdict, "reason": str(reason), **more}, status=status)
