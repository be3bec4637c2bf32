"""The web process: doors, guards, clocks, from start to stop."""

import asyncio
import contextlib
import resource
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache, partial
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import hdrs, web

from consult.people.patients.pinyin import load_dictionaries
from server import clockwork, duties, keys
from server.anchors import anchor_head
from server.auth.middleware import identify
from server.dimse.answering import CONNECT_EVERY_S, answer_door
from server.doors import guarded
from server.errors import answer_failures
from server.images.imagery import close_imagery
from server.importing.door import open_door
from server.lifespan import Tasks
from server.media.asking import WATCH_EVERY_S
from server.observed import observe
from server.openapi import describe
from server.patience import KEEP_ALIVE, patient
from server.prefix import PREFIX, Prefix, lead_below, path_of
from server.recordings.locks import RoomLocks
from server.rooms.desks import MediaDesks
from server.rooms.line_counts import LineCounts
from server.rooms.lines import close_lines
from server.routes import ALL, health
from server.security import POLICY, VIEWER_POLICY, add_headers, check_origin
from server.settings import Settings
from server.tls.live import LOOK_EVERY_S, LiveCertificate
from server.transport import add_strict_transport, require_tls
from server.wiring import ROOT, furnish

log = structlog.get_logger()
LONGEST_DRAIN_S = 8
STREAM_RETRY_S = 1.0
DICTIONARIES_AFTER_S = 2.0
READ_BUFFER_BYTES = 1 << 16  # of each line twice as much and one reading: a crowd's share of memory
_DECODERS = "/static/assets/decodeImageFrameWorker-"  # a worker has the policy of its own file
_KEPT = "public, max-age=31536000, immutable"
_KEPT_A_WHILE = "public, max-age=300"


def make_app(settings: Settings) -> web.Application:
    """The application; it is furnished when it starts."""
    app = web.Application(
        middlewares=[observe, answer_failures, require_tls, identify, check_origin],
        client_max_size=0,
    )
    _open_doors(app, Prefix(settings.path_prefix))
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(lead_below)
    app.on_response_prepare.append(add_strict_transport)
    app.on_response_prepare.append(_keep_built_files)
    app[keys.ROOM_LINES] = set()
    app[keys.LINE_COUNTS] = LineCounts()
    app[keys.RECORDINGS], app[keys.ASIDE_PARTS] = RoomLocks(), set()
    app[keys.MIXING] = asyncio.Lock()
    app.on_shutdown.append(close_lines)
    app.cleanup_ctx.append(lambda app: _live(app, settings))
    return app


def _open_doors(app: web.Application, prefix: Prefix) -> None:
    """Every door below the prefix; who watches the server need not know of it."""
    app[PREFIX] = prefix
    doors = [door for routes in ALL for door in routes.doors]
    for door in doors:
        app.router.add_route(door.method, prefix.address(door.path), guarded(door))
    if prefix.text:
        app.router.add_get(prefix.text, _to_the_start)
        for door in health.routes.doors:
            app.router.add_route(door.method, door.path, guarded(door))
    dist = ROOT / "static" / "dist"
    if dist.is_dir():
        app.router.add_static(prefix.address("/static"), dist)
    document: Callable[[], Mapping[str, Any]] = cache(partial(describe, doors, below=prefix.text))
    app[keys.OPENAPI] = document


async def _to_the_start(_request: web.Request) -> web.Response:
    """The prefix without its stroke, as people type it."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: "/"})


async def _live(app: web.Application, settings: Settings) -> AsyncIterator[None]:
    await furnish(app, settings)
    async with Tasks() as tasks, open_door(app):
        app[keys.TASKS] = tasks
        await app[keys.STREAM].start()
        tasks.every(STREAM_RETRY_S, app[keys.STREAM].run, name="stream")
        tasks.every(STREAM_RETRY_S, app[keys.WAKEUPS].run, name="bus")
        tasks.start(_read_dictionaries(), name="dictionaries")
        if settings.is_sqlite:  # nobody else works on it
            await duties.take_over(app)
        clockwork.start(app)
        if settings.dicom_port is not None:
            tasks.every(CONNECT_EVERY_S, partial(answer_door, app), name="dicom")
        if settings.media:
            numbers = range(1, settings.media_processes + 1)
            app[keys.MEDIA] = MediaDesks([settings.media_socket(each) for each in numbers])
            tasks.every(WATCH_EVERY_S, app[keys.MEDIA].watch, name="media")
        yield
    await close_imagery(app)
    await app[keys.WAKEUPS].close()
    try:
        await anchor_head(app)
    finally:
        app[keys.UNITS].close()


async def _read_dictionaries() -> None:
    """Ready for the first name, once those have been served who waited for the start."""
    await asyncio.sleep(DICTIONARIES_AFTER_S)
    await asyncio.to_thread(load_dictionaries)


async def _keep_built_files(request: web.Request, response: web.StreamResponse) -> None:
    """Built files carry their hash in their name, so browsers may keep them; the rest for a while.

    What is not kept at all is asked for once for each icon of a page.
    """
    path = path_of(request)
    if path.startswith("/static/"):
        is_built = path.startswith("/static/assets/")
        response.headers[hdrs.CACHE_CONTROL] = _KEPT if is_built else _KEPT_A_WHILE
    if path.startswith(_DECODERS):
        response.headers[POLICY] = VIEWER_POLICY


def run_web(settings: Settings, certificate: LiveCertificate | None) -> None:
    """Serve until told to stop."""
    _allow_many_lines()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, certificate))


def _allow_many_lines() -> None:
    """As many open lines as the system grants: shells give 1,024, fewer than pages in a town."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(settings: Settings, certificate: LiveCertificate | None) -> None:
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    runner = web.AppRunner(
        make_app(settings),
        access_log=None,
        shutdown_timeout=LONGEST_DRAIN_S,
        handler_cancellation=True,
        read_bufsize=READ_BUFFER_BYTES,
        keepalive_timeout=settings.patience_s * KEEP_ALIVE,
    )
    await runner.setup()
    listening = await _listen(runner, settings, certificate)
    try:
        with _loop_guard() if settings.loop_guard else contextlib.nullcontext():
            await stop.wait()
    finally:
        for server in listening:
            server.close()
        await runner.cleanup()


async def _listen(
    runner: web.AppRunner, settings: Settings, certificate: LiveCertificate | None
) -> list[asyncio.Server]:
    reuse = True if settings.workers > 1 else None  # the kernel spreads the connections
    ports: list[tuple[int, ssl.SSLContext | None]] = []
    context = None
    if certificate is not None:
        context = certificate.context
        runner.app[keys.TASKS].every(LOOK_EVERY_S, certificate.look, name="certificate")
        if settings.plain_port is not None:
            ports.append((settings.plain_port, None))
    ports.append((settings.port, context))
    if runner.server is None:
        raise RuntimeError
    line = partial(patient, runner.server, settings.patience_s)
    found = [
        await asyncio.get_running_loop().create_server(
            line, settings.host, port, ssl=tls, reuse_port=reuse
        )
        for port, tls in ports
    ]
    scheme = "http" if context is None else "https"
    log.info("serving", host=settings.host, port=settings.port, kind=scheme)
    return found


def _loop_guard() -> contextlib.AbstractContextManager[object]:
    """Make a blocking call on the loop an error while requests are served, for tests."""
    from blockbuster import blockbuster_ctx  # noqa: PLC0415 - a tool of the tests, not of the product

    guard = blockbuster_ctx()
    return _with_version(guard)


@contextlib.contextmanager
def _with_version(guard: contextlib.AbstractContextManager[Any]) -> Iterator[object]:
    """Whether anybody has committed is read on the loop: from shared memory, without a wait.

    So are short questions, by a connection that waits for no lock (decision 0193).
    """
    with guard as armed:
        for name in ("sqlite3.Connection.execute", "sqlite3.Cursor.fetchone"):
            if name in armed.functions:
                armed.functions[name].can_block_in("consult/db/engine.py", "read")
        for name, blocking in armed.functions.items():
            if name.startswith("sqlite3."):
                blocking.can_block_in("consult/db/unit_sqlite.py", "glance")
        yield armed
