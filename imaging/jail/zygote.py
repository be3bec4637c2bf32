"""The warm process that forks one child a job; single-threaded, and it never looks into a file."""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from imaging.jail.asker import Asker, close_all, request_in
from imaging.jail.child import Walls, run_child
from imaging.jail.endings import Running, outcome_of, tell, tell_death
from imaging.jail.job import Registry
from imaging.jail.protocol import (
    LENGTH_BYTES,
    LONGEST_ANSWER,
    MOST_DESCRIPTORS,
    ProtocolError,
    framed,
    receive_some,
)

_TICK_S: Final = 0.5
_SEND_S: Final = 2.0
_FORK_S: Final = 5.0
_CHUNK: Final = 1 << 16
_REQUEST_S: Final = 5.0


class Zygote:
    """Accepts requests on a Unix socket, keeps a short queue, forks, reaps, answers."""

    def __init__(
        self,
        listener: socket.socket,
        *,
        walls: Walls,
        registry: Registry,
        concurrency: int,
        queue: int,
    ) -> None:
        self._listener = listener
        self._walls = walls
        self._registry = registry
        self._concurrency = concurrency
        self._queue_length = queue
        self._parent = os.getppid()
        self._pid = os.getpid()
        self._waiting: deque[Asker] = deque()
        self._askers: set[Asker] = set()
        self._running: set[Running] = set()
        self._selector = selectors.DefaultSelector()
        self._goes_on = True

    def serve(self, *, watched: int | None) -> None:
        """Serve until the parent dies, the watched descriptor closes, or a signal comes."""
        self._listener.settimeout(0)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        if watched is not None:
            self._selector.register(watched, selectors.EVENT_READ, self._watch)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while self._goes_on and os.getppid() == self._parent:
            for key, _events in self._selector.select(_TICK_S):
                key.data(key.fileobj)
            self._end_late()
            self._start_waiting()
        for running in list(self._running):
            os.kill(running.pid, signal.SIGKILL)
            os.waitpid(running.pid, 0)

    def _stop(self, _number: int, _frame: object) -> None:
        self._goes_on = False

    def _watch(self, watched: Any) -> None:
        if not os.read(watched, _CHUNK):
            self._goes_on = False

    def _accept(self, _listener: Any) -> None:
        with contextlib.suppress(OSError):
            connection, _address = self._listener.accept()
            connection.settimeout(0)
            asker = Asker(connection, time.monotonic() + _REQUEST_S)
            self._askers.add(asker)
            self._selector.register(
                connection, selectors.EVENT_READ, lambda _socket: self._hear(asker)
            )

    def _hear(self, asker: Asker) -> None:
        """Take what came: more of the request, or the news that the asker has gone."""
        try:
            data, descriptors = receive_some(asker.connection, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        asker.descriptors += descriptors
        if not data or asker.request is not None or len(asker.descriptors) > MOST_DESCRIPTORS:
            self._forget(asker)
            return
        asker.received += data
        try:
            asker.request = request_in(asker)
        except ProtocolError:
            self._forget(asker)
            return
        if asker.request is not None:
            self._queue(asker)

    def _queue(self, asker: Asker) -> None:
        if len(self._waiting) >= self._queue_length:
            self._answer(asker, {"outcome": "busy"})
            return
        asker.deadline = float("inf")
        self._waiting.append(asker)

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < self._concurrency:
            asker = self._waiting.popleft()
            try:
                self._start(asker)
            except OSError as error:
                self._put_off(asker, error)
                return

    def _put_off(self, asker: Asker, error: OSError) -> None:
        """No process could be made: try again at the next tick, for a few seconds."""
        tell({"event": "jail-cannot-fork", "errno": error.errno})
        asker.start_by = min(asker.start_by, time.monotonic() + _FORK_S)
        if time.monotonic() >= asker.start_by:
            self._answer(asker, {"outcome": "busy"})
        else:
            self._waiting.appendleft(asker)

    def _start(self, asker: Asker) -> None:
        request = asker.request
        if request is None:
            return
        read_end, write_end = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            os.close(read_end)
            os.close(write_end)
            raise
        if pid == 0:
            run_child(
                request,
                answer=write_end,
                parent=self._pid,
                walls=self._walls,
                registry=self._registry,
            )
        os.close(write_end)
        close_all(asker.descriptors)
        wall_s = min(request.timeout_s, self._walls.limits.wall_s)
        running = Running(pid, asker, read_end, time.monotonic() + wall_s)
        self._running.add(running)
        self._selector.register(read_end, selectors.EVENT_READ, lambda _fd: self._collect(running))

    def _collect(self, running: Running) -> None:
        data = os.read(running.pipe, _CHUNK)
        running.answer += data
        if data and len(running.answer) <= LONGEST_ANSWER + LENGTH_BYTES:
            return
        status = self._reap(running)
        outcome = outcome_of(running, status)
        if outcome["outcome"] == "crashed":
            tell_death(running, status, outcome)
        if running.asker in self._askers:
            self._answer(running.asker, outcome)

    def _reap(self, running: Running) -> int:
        self._selector.unregister(running.pipe)
        os.close(running.pipe)
        self._running.discard(running)
        os.kill(running.pid, signal.SIGKILL)
        return os.waitpid(running.pid, 0)[1]

    def _end_late(self) -> None:
        now = time.monotonic()
        for running in self._running:
            if now > running.deadline and not running.is_late:
                running.is_late = True
                os.kill(running.pid, signal.SIGKILL)
        for asker in [asker for asker in self._askers if now > asker.deadline]:
            self._forget(asker)

    def _answer(self, asker: Asker, outcome: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):
            asker.connection.settimeout(_SEND_S)
            asker.connection.sendall(framed(outcome, longest=LONGEST_ANSWER))
        self._forget(asker)

    def _forget(self, asker: Asker) -> None:
        """Close a connection; what it asked for is dropped or killed."""
        if asker not in self._askers:
            return
        self._askers.discard(asker)
        self._selector.unregister(asker.connection)
        asker.connection.close()
        close_all(asker.descriptors)
        if asker in self._waiting:
            self._waiting.remove(asker)
        for running in self._running:
            if running.asker is asker:
                os.kill(running.pid, signal.SIGKILL)
