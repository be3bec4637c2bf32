"""Web's half: connected to the DICOM process, and answering what a peer wishes there."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any, Final

import structlog
from aiohttp import web

from consult.kernel.errors import ConsultError
from consult.kernel.work import SYSTEM
from consult.studies.peers import service as peers
from consult.studies.peers.model import Peer
from imaging.dimse.command import Status
from imaging.dimse.errors import Rejection
from server.dimse import finding, receiving
from server.dimse.asking import ASKING
from server.dimse.errands import ERRAND
from server.dimse.wire import HANDED, Wire, connect
from server.keys import SETTINGS, UNITS
from server.transactions import read_as, recall_as

log = structlog.get_logger()
CONNECT_EVERY_S: Final = 0.2
_HEAVY: Final = frozenset({"store", "fetch"})
_AT_ONCE: Final = 32
"""Of the wishes that move whole objects; all others are read and answered beside them."""
Answer = Mapping[str, Any]
Wish = dict[str, Any]


async def answer_door(app: web.Application) -> None:
    """Standing task: answer until the DICOM process goes; whoever started us begins again."""
    try:
        wire = await connect(app[SETTINGS].dicom_socket)
    except OSError:
        return  # it is not up yet
    gate = asyncio.Semaphore(_AT_ONCE)
    app[ASKING].join(wire)
    try:
        async with asyncio.TaskGroup() as tasks:
            while (asked := await wire.receive()) is not None:
                if ERRAND in asked:
                    app[ASKING].hear(asked)
                    continue
                waits = gate if asked.get("wish") in _HEAVY else contextlib.nullcontext()
                tasks.create_task(_answer(app, wire, asked, waits))
    finally:
        app[ASKING].leave()
        wire.close()


async def _answer(
    app: web.Application,
    wire: Wire,
    asked: Wish,
    waits: AbstractAsyncContextManager[object],
) -> None:
    try:
        async with waits:
            told = await _grant(app, asked)
    except ConsultError as refused:
        told = {"away": True}
        log.warning("wish not answered", kind=asked["wish"], code=refused.code)
    except Exception as error:  # noqa: BLE001 - the outermost point of a wish: the peer is told
        told = {"away": True}
        log.warning("wish failed", kind=asked["wish"], error=type(error).__name__)
    finally:
        if HANDED in asked:
            asked[HANDED].close()
    wire.send({"number": asked["number"], **told})


async def _grant(app: web.Application, asked: Wish) -> Answer:
    """The peer is read anew for each wish: who was taken off the list may do nothing more."""
    wish = asked["wish"]
    if wish == "admit":
        return await _admit(app, asked)
    peer = await recall_as(app[UNITS], SYSTEM, peers.get_peer, asked["guest"])
    return refusal_of(wish, peer) or await _WISHES[wish](app, peer, asked)


async def _admit(app: web.Application, asked: Wish) -> Answer:
    """By its title, from where it may come, and called as we are."""
    peer = await read_as(app[UNITS], SYSTEM, peers.find_by_title, asked["calling"])
    refused = None
    if asked["called"] != app[SETTINGS].dicom_title:
        refused = Rejection.CALLED_UNKNOWN
    elif peer is None or not peer.comes_from(asked["address"], frozenset(asked["names"])):
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


async def _store(app: web.Application, peer: Peer, asked: Wish) -> Answer:
    stored = await receiving.take_object(app, peer, asked)
    return {"status": stored.status, "comment": stored.comment}


async def _place(app: web.Application, peer: Peer, asked: Wish) -> Answer:
    """Only where a peer of the same institution listens."""
    other = await read_as(app[UNITS], SYSTEM, peers.find_by_title, asked["title"])
    if other is None or other.institution_id != peer.institution_id or not other.host:
        return _NOWHERE
    return _whereabouts(other)


async def _home(_app: web.Application, peer: Peer, _asked: Wish) -> Answer:
    """The machine that asks, for what it did not wait for."""
    return _whereabouts(peer) if peer.host else _NOWHERE


def _whereabouts(peer: Peer) -> Answer:
    return {
        "host": peer.host,
        "port": peer.port,
        "over_tls": peer.over_tls,
        "certificate": peer.certificate,
    }


def refusal_of(wish: str, peer: Peer) -> Answer | None:
    """What a peer is told that may not wish this; None where it may."""
    may = peer.may_store if wish in _OF_STORING else peer.may_query
    return None if may else _REFUSALS[wish]


_OF_STORING: Final = frozenset({"store", "kept", "home"})
_NOWHERE: Final[Answer] = MappingProxyType({"host": None, "port": None})
_REFUSALS: Final[Mapping[str, Answer]] = MappingProxyType(
    {
        "store": {"status": Status.NOT_AUTHORISED, "comment": ""},
        "find": {"status": Status.NOT_AUTHORISED},
        "held": {"status": Status.NOT_AUTHORISED},
        "fetch": {"file": None},
        "kept": {"kept": []},
        "place": _NOWHERE,
        "home": _NOWHERE,
    }
)
_WISHES: Final[Mapping[str, Callable[[web.Application, Peer, Wish], Awaitable[Answer]]]] = (
    MappingProxyType(
        {
            "store": _store,
            "find": finding.find,
            "held": finding.list_held,
            "fetch": finding.fetch,
            "kept": finding.list_kept,
            "place": _place,
            "home": _home,
        }
    )
)
