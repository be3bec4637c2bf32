"""Web's half: connected to the DICOM process, and answering what a peer wishes there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import structlog
from aiohttp import web

from consult.kernel.errors import ConsultError
from consult.kernel.work import SYSTEM
from consult.studies.peers import service as peers
from consult.studies.peers.model import Peer
from imaging.dimse.errors import Rejection
from server.dimse import finding, receiving
from server.dimse.wire import LONGEST_LINE, pack, receive
from server.keys import SETTINGS, UNITS
from server.transactions import read_as

log = structlog.get_logger()
CONNECT_EVERY_S: Final = 0.2
_AT_ONCE: Final = 32
Answer = Mapping[str, Any]


async def answer_door(app: web.Application) -> None:
    """Standing task: answer until the DICOM process goes; whoever started us begins again."""
    try:
        reader, writer = await asyncio.open_unix_connection(
            app[SETTINGS].dicom_socket, limit=LONGEST_LINE
        )
    except OSError:
        return  # it is not up yet
    gate = asyncio.Semaphore(_AT_ONCE)
    try:
        async with asyncio.TaskGroup() as tasks:
            while (asked := await receive(reader)) is not None:
                await gate.acquire()
                task = tasks.create_task(_answer(app, writer, asked))
                task.add_done_callback(lambda _: gate.release())
    finally:
        writer.transport.abort()


async def _answer(
    app: web.Application, writer: asyncio.StreamWriter, asked: dict[str, Any]
) -> None:
    try:
        told = await _WISHES[asked["wish"]](app, asked)
    except ConsultError as refused:
        told = {"away": True}
        log.warning("wish not answered", kind=asked["wish"], code=refused.code)
    except Exception as error:  # noqa: BLE001 - the outermost point of a wish: the peer is told
        told = {"away": True}
        log.warning("wish failed", kind=asked["wish"], error=type(error).__name__)
    writer.write(pack({"number": asked["number"], **told}))


async def _admit(app: web.Application, asked: dict[str, Any]) -> Answer:
    """By its title, from where it may come, and called as we are."""
    peer = await read_as(app[UNITS], SYSTEM, peers.find_by_title, asked["calling"])
    refused = None
    if asked["called"] != app[SETTINGS].dicom_title:
        refused = Rejection.CALLED_UNKNOWN
    elif peer is None or not peer.comes_from(asked["address"]):
        refused = Rejection.CALLING_UNKNOWN
    if refused is not None or peer is None:
        reason = refused or Rejection.CALLING_UNKNOWN
        log.warning(
            "association refused",
            title=asked["calling"],
            address=asked["address"],
            code=reason.name.lower(),
        )
        return {"refused": reason.name}
    return {
        "id": peer.id,
        "may_store": peer.may_store,
        "may_query": peer.may_query,
        "charset": peer.charset.value,
    }


async def _store(app: web.Application, asked: dict[str, Any]) -> Answer:
    stored = await receiving.take_object(app, await _peer(app, asked), asked)
    return {"status": stored.status, "comment": stored.comment}


async def _find(app: web.Application, asked: dict[str, Any]) -> Answer:
    return await finding.find(app, await _peer(app, asked), asked)


async def _held(app: web.Application, asked: dict[str, Any]) -> Answer:
    return await finding.list_held(app, await _peer(app, asked), asked)


async def _fetch(app: web.Application, asked: dict[str, Any]) -> Answer:
    return await finding.fetch(app, await _peer(app, asked), asked)


async def _kept(app: web.Application, asked: dict[str, Any]) -> Answer:
    return await finding.list_kept(app, await _peer(app, asked), asked)


async def _place(app: web.Application, asked: dict[str, Any]) -> Answer:
    """Only where a peer of the same institution listens."""
    peer = await _peer(app, asked)
    other = await read_as(app[UNITS], SYSTEM, peers.find_by_title, asked["title"])
    if other is None or other.institution_id != peer.institution_id or not other.host:
        return {"host": None, "port": None}
    return {"host": other.host, "port": other.port}


async def _peer(app: web.Application, asked: dict[str, Any]) -> Peer:
    """Asked anew for each wish: who was taken off the list may do nothing more."""
    return await read_as(app[UNITS], SYSTEM, peers.get_peer, asked["guest"])


_WISHES: Final[Mapping[str, Callable[[web.Application, dict[str, Any]], Awaitable[Answer]]]] = (
    MappingProxyType(
        {
            "admit": _admit,
            "store": _store,
            "find": _find,
            "held": _held,
            "fetch": _fetch,
            "kept": _kept,
            "place": _place,
        }
    )
)
