"""The DICOM process: the port of the network, the socket of web, and no key to anything."""

import asyncio
import contextlib
import resource
import shutil
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path

import structlog

from imaging.dimse.listener import Listener, Outcome
from imaging.dimse.sending import Outward
from server.dimse.desk import Desk
from server.dimse.limits import DoorRules

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """Where it listens, and where its files lie."""

    host: str
    port: int
    socket: Path
    folder: Path
    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None


def run_door(place: DoorPlace, rules: DoorRules) -> None:
    """Serve until SIGTERM; raises OSError where the port is not ours."""
    resource.setrlimit(resource.RLIMIT_AS, (rules.memory_bytes, rules.memory_bytes))
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    _empty(place.folder)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(place, rules))


async def _serve(place: DoorPlace, rules: DoorRules) -> None:
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    secure = make_tls_out(place)
    outward = Outward(rules.bounds.patience, rules.bounds.longest_data, secure)
    desk = Desk(place.folder, outward)
    listener = Listener(desk, bounds=rules.bounds, limits=rules.limits, note=_note, secure=secure)
    async with desk.listen(place.socket):
        outer = await listener.listen(place.host, place.port, tls=make_tls(place))
        log.info("serving", host=place.host, port=place.port, kind="dicom")
        try:
            await stop.wait()
        finally:
            outer.close()
            await listener.close()


def _empty(folder: Path) -> None:
    """Nothing that lies here was acknowledged: whoever sent it sends it again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def make_tls(place: DoorPlace) -> ssl.SSLContext | None:
    """BCP 195 by the defaults of the library (PS3.15 B.9); with an authority, for both sides."""
    if place.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(place.certificate, place.key)
    if place.authority is not None:
        context.load_verify_locations(place.authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def make_tls_out(place: DoorPlace) -> ssl.SSLContext | None:
    """How we speak TLS to a device that has it: known by the same authority as those who come.

    A device has seldom a name that DNS knows; the one on the list is compared after the handshake.
    """
    if place.certificate is None or place.authority is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(place.authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.load_cert_chain(place.certificate, place.key)
    return context


def _note(outcome: Outcome) -> None:
    log.info("association ended", address=outcome.address, title=outcome.title, code=outcome.code)
