"""A camera's folder, its computer's agent, and the line between it and the house."""

import io
import random
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from pydicom.uid import generate_uid

from consult.studies.model import Uids
from edge.agent import Agent, open_agent
from edge.settings import Settings
from tests.makers.pictures import make_jpeg, make_png, own_copy
from tests.makers.tiny_images import tiny_dicom

KINDS = ("jpeg", "png", "dicom", "jpeg")
_QUIET_S = 3.0


@dataclass
class Clock:
    """A clock that a test turns."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


def make_picture(kind: str, chance: random.Random) -> bytes:
    """A small picture that nobody has seen before."""
    if kind == "dicom":
        uids = Uids(generate_uid(), generate_uid(), generate_uid())
        return tiny_dicom(uids, name="", number="", laterality="R")
    if kind == "jpeg":
        return own_copy(make_jpeg(quality=chance.randrange(50, 95)))
    coded = io.BytesIO()
    with Image.open(io.BytesIO(make_png())) as image:
        pixel = tuple(chance.randrange(256) for _ in range(3))
        image.putpixel((chance.randrange(96), chance.randrange(64)), pixel)
        image.putpixel((chance.randrange(96), chance.randrange(64)), pixel)
        image.save(coded, "PNG" if kind == "png" else "TIFF")
    return coded.getvalue()


@dataclass
class Watch:
    """An agent whose steps a test takes one by one."""

    agent: Agent
    clock: Callable[[], float]
    folder: Path

    def look(self) -> int:
        """Look twice, with the rest between that a file must have had."""
        before = self.agent.watcher.look()
        if isinstance(self.clock, Clock):
            self.clock.now += _QUIET_S + 1
        return before + self.agent.watcher.look()

    def send(self) -> int:
        """Send all that is due."""
        count = 0
        while self.agent.sender.send_next():
            count += 1
        return count

    def beat(self) -> bool:
        """One heartbeat."""
        return self.agent.sender.beat(trouble=self.agent.watcher.trouble)

    def left(self) -> int:
        """How much of the spool the server has not said to keep or to refuse."""
        return self.agent.store.depth().waiting


@contextmanager
def open_watch(
    folder: Path,
    *,
    server: str,
    token: str | None,
    clock: Callable[[], float] | None = None,
    is_there: bool = True,
    **more: object,
) -> Iterator[Watch]:
    """An agent on a folder, with its state beside it."""
    if is_there:
        folder.mkdir(parents=True, exist_ok=True)
    clock = clock or Clock()
    settings = Settings(
        folders=(folder,),
        server=server,
        state=folder.with_name(f"{folder.name}-state"),
        token=token,
        **{"everything": True, "proxy": "none", "quiet_s": _QUIET_S, **more},
    )
    agent = open_agent(settings, clock=clock)
    try:
        yield Watch(agent, clock, folder)
    finally:
        agent.close()


@dataclass
class Gate:
    """A port that leads to a house while it is open; shut, nobody answers there."""

    target: int
    port: int = 0
    _listener: socket.socket | None = None
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def address(self) -> str:
        """What the agent is told."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Let connections through, on the same port each time."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Cut everything."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for each in self._open:
            each.close()
        self._open.clear()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                inner, _ = listener.accept()
            except OSError:
                return
            outer = socket.create_connection(("127.0.0.1", self.target))
            self._open += [inner, outer]
            threading.Thread(target=_carry, args=(inner, outer), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until an end is closed."""
    ways = {one: other, other: one}
    try:
        while True:
            ready, _, _ = select.select(list(ways), [], [])
            for source in ready:
                data = source.recv(1 << 16)
                if not data:
                    return
                ways[source].sendall(data)
    except (OSError, ValueError):
        return
    finally:
        one.close()
        other.close()
