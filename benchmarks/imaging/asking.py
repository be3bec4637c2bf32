"""Kept-alive connections that cost the client little, and jobs that several of them share."""

import http.client
import queue
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Final

from benchmarks.imaging.pair import Server

_PATIENCE_S: Final = 300
Job = Callable[["Connection"], None]


class Connection:
    """One connection to one of the servers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open = http.client.HTTPConnection("127.0.0.1", server.host_port, timeout=_PATIENCE_S)
        self._open.connect()
        self._open.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(
        self, method: str, path: str, *, headers: dict[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Status and answer below the server's root."""
        told = self._server.headers | headers
        self._open.request(method, self._server.root + path, body=body, headers=told)
        answer = self._open.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        """Let it go."""
        self._open.close()


def share(server: Server, jobs: Iterable[Job], *, connections: int) -> None:
    """Have the jobs done over so many connections; the first failure is raised at the end."""
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    failures: list[BaseException] = []
    threads = [
        threading.Thread(target=_work, args=(server, waiting, failures)) for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _work(server: Server, waiting: "queue.SimpleQueue[Job]", failures: list[BaseException]) -> None:
    connection = Connection(server)
    try:
        while True:
            waiting.get_nowait()(connection)
    except queue.Empty:
        return
    except Exception as error:  # noqa: BLE001 - told by whoever started the thread
        failures.append(error)
    finally:
        connection.close()
