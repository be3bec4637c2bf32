"""The media process: its UDP ports, the socket of web, and no key to anything."""

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from server.media.connection import Connection
from server.media.desk import Desk
from server.media.engine import prepare_engine, use_addresses, use_classes
from server.media.janus.engine import JanusEngine
from server.media.limits import ProcessRules, RoomRules
from server.media.loop import MediaLoop
from server.media.own_engine import OwnEngine
from server.media.receiver import ForwardReceiver
from server.media.recording.outbox import Outbox
from server.media.recording.recorder import RecordingPlace
from server.media.rooms import Rooms
from server.media.sender import ForwardSender
from server.media.settled import Settled
from server.media.touching import LONG, SHORT, choose_way

log = structlog.get_logger()
_BEAT_S: Final = 1.0
_MOST_ENDED: Final = 50
_YOUNG: Final = 1
JANUS: Final = "janus"
_WRITERS: Final = 4  # threads; the disk is waited for there, and a recording has one at a time


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """Where it listens, and how it is reached."""

    socket: Path
    outbox: Path
    addresses: tuple[str, ...]
    public_address: str
    ports: range
    most_rooms: int
    way: str
    janus: Path | None


def run_media(place: MediaPlace, rooms: RoomRules, process: ProcessRules) -> None:
    """Serve until SIGTERM; raises OSError where an address is not ours."""
    resource.setrlimit(resource.RLIMIT_AS, (process.memory_bytes, process.memory_bytes))
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, process.nice)
    for name in ("aioice", "aiortc"):  # they tell addresses, and much
        logging.getLogger(name).setLevel(logging.WARNING)
    prepare_engine()
    use_classes(ForwardReceiver, ForwardSender)
    use_addresses(place.addresses)
    with asyncio.Runner(loop_factory=lambda: MediaLoop(place.ports)) as runner:
        runner.run(_serve(place, rooms))


async def _serve(place: MediaPlace, rules: RoomRules) -> None:
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    for address in place.addresses:
        await _try_address(address)
    outbox = Outbox(place.outbox)
    threads = ThreadPoolExecutor(_WRITERS, thread_name_prefix="recording")
    try:
        await asyncio.get_running_loop().run_in_executor(threads, outbox.open)
    except OSError as failed:  # rooms are opened all the same; it is tried again at each recording
        log.error("outbox away", error=type(failed).__name__)  # noqa: TRY400 - no path in the log
    settled = Settled(
        rules,
        place.addresses,
        place.public_address,
        place.most_rooms,
        is_short=True,
        recording=RecordingPlace(outbox, threads, rules.recording),
        engine=OwnEngine() if place.janus is None else JanusEngine(place.janus, rules),
    )
    wanted = place.way if place.janus is None else JANUS
    way = await choose_way(wanted, settled) if place.janus is None else JANUS
    rooms = Rooms(bound_rooms(settled, way))
    health = {"way": way, "wanted_way": wanted, "born": os.getpid()}
    _quiet_garbage()
    async with Desk(rooms, health, settled.recording).listen(place.socket):
        log.info("serving", host=",".join(place.addresses), kind="media", code=way)
        beating = asyncio.get_running_loop().create_task(_beat(rooms), name="beat")
        try:
            await stop.wait()
        finally:
            beating.cancel()
            await rooms.close_all()
            await settled.engine.close()


def bound_rooms(settled: Settled, way: str) -> Settled:
    """The same for the way that was chosen: the long one carries fewer rooms, whatever was set."""
    if way != LONG:
        return replace(settled, is_short=way == SHORT)
    most = min(settled.most_rooms, settled.rules.most_rooms_long)
    return replace(settled, is_short=False, most_rooms=most)


async def _try_address(address: str) -> None:
    """Raises OSError where it is not ours."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=(address, 0), reuse_port=True
    )
    transport.close()


def _quiet_garbage() -> None:
    """A collection of everything would stop all rooms for a tenth of a second (MEDIA section 2)."""
    gc.collect()
    gc.freeze()
    gc.disable()


async def _beat(rooms: Rooms) -> None:
    """Every second; young garbage is collected then, all of it when nobody is there.

    Where somebody always is, it is when the connections that ended are worth the pause.
    """
    collected = Connection.ended
    while True:
        await asyncio.sleep(_BEAT_S)
        try:
            rooms.beat()
        except Exception as error:  # noqa: BLE001 - the outermost loop of a standing task
            log.warning("task failed", task="beat", error=type(error).__name__)
        ended = Connection.ended - collected
        if ended >= _MOST_ENDED or (ended and rooms.is_calm):
            gc.collect()
            collected += ended
        else:
            gc.collect(_YOUNG)
