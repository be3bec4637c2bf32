"""A DICOM door of its own in the test's process, behind which nobody lives."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from imaging.dimse.associate import Associate
from imaging.dimse.association import Bounds
from imaging.dimse.house import Guest, Held, Place, Reference, Stored
from imaging.dimse.identifier import Attributes
from imaging.dimse.incoming import Incoming
from imaging.dimse.line import Patience
from imaging.dimse.listener import Limits, Listener, Outcome
from imaging.dimse.sending import Outward, Requestor
from tests.makers.databases import free_port

PATIENCE = Patience(artim_s=20, idle_s=60, unit_s=60)
BOUNDS = Bounds(1 << 24, 1 << 18, PATIENCE)
_LIMITS = Limits(most_associations=8, most_of_one_title=8, most_silent=8)


class OpenHouse:
    """A house that lets everybody in and holds what it is told to hold."""

    def __init__(
        self, folder: Path, *, may_query: bool = True, held: Sequence[tuple[Held, bytes]] = ()
    ) -> None:
        self.folder = folder
        self.questions = 0
        self.names: frozenset[str] = frozenset()
        self.place: Place | None = None
        self._may_query = may_query
        self._held = held

    async def admit(self, asked: Associate, address: str, names: frozenset[str]) -> Guest:
        """Everybody, and remember the certificate."""
        self.names = names
        return Guest("1", asked.calling, address=address, may_store=True, may_query=self._may_query)

    async def store(self, _guest: Guest, _incoming: Incoming) -> Stored:
        """Thrown away."""
        return Stored(0)

    async def find(
        self, _guest: Guest, _model: str, _question: Attributes, *, is_combined: bool
    ) -> list[Attributes]:
        """Nothing, but it was asked."""
        del is_combined
        self.questions += 1
        return []

    async def list_held(self, _guest: Guest, _model: str, _question: Attributes) -> list[Held]:
        """All of it."""
        self.questions += 1
        return [held for held, _ in self._held]

    async def fetch(self, _guest: Guest, held: Held, _syntax: str) -> Path:
        """A copy."""
        path = self.folder / f"out-{held.id}"
        path.write_bytes(dict(self._held)[held])
        return path

    async def list_kept(self, _guest: Guest, _asked: Sequence[Reference]) -> list[Reference]:
        """Nothing."""
        return []

    async def find_home(self, _guest: Guest) -> Place | None:
        """Nowhere."""
        return None

    async def find_place(self, _guest: Guest, _title: str) -> Place | None:
        """The one that the test has chosen."""
        return self.place


@dataclass
class Door:
    """Where it listens, and how each association ended."""

    port: int
    ended: list[Outcome] = field(default_factory=list)

    async def connect(self, *kinds: tuple[str, str]) -> Requestor:
        """Associate as a camera; each kind is a class and a transfer syntax."""
        return await Requestor.connect(
            Place("LIANZHEN", "127.0.0.1", self.port),
            calling="CAMERA",
            proposals=kinds,
            outward=Outward(PATIENCE, 1 << 17),
        )


@asynccontextmanager
async def open_plain_door(
    house: OpenHouse, *, secure: ssl.SSLContext | None = None
) -> AsyncIterator[Door]:
    """A listener without TLS; `secure` is how it goes out to a machine that has it."""
    door = Door(free_port())
    listener = Listener(house, bounds=BOUNDS, limits=_LIMITS, note=door.ended.append, secure=secure)
    server = await listener.listen("127.0.0.1", door.port)
    try:
        yield door
    finally:
        server.close()
        await listener.close()
