"""What the network door asks of whoever it belongs to; it knows neither people nor tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imaging.dimse.associate import Associate
from imaging.dimse.identifier import Attributes
from imaging.dimse.incoming import Incoming, ObjectName


class HouseAwayError(Exception):
    """Nobody answers at this moment: the peer may try again later."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A peer that was let in, and what it may do here."""

    id: str
    title: str
    may_store: bool
    may_query: bool
    charset: str = "ISO_IR 192"
    address: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer listens, and who must be there; a certificate counts over TLS alone."""

    title: str
    host: str
    port: int
    over_tls: bool = False
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An object that may be sent to a guest."""

    id: str
    name: ObjectName


@dataclass(frozen=True, slots=True)
class Stored:
    """The status of the answer to a C-STORE (PS3.4 B.2.3), and a word why."""

    status: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that a peer asks to be kept (PS3.4 J.3.2)."""

    sop_class_uid: str
    sop_instance_uid: str


class House(Protocol):
    """Whose door it is; every step but `remove` raises HouseAwayError."""

    @property
    def folder(self) -> Path:
        """Where objects lie on their way in and out."""

    async def admit(self, asked: Associate, address: str, names: frozenset[str]) -> Guest:
        """Let a peer in that comes from there with these names in its certificate.

        Raises RefusedAssociationError.
        """

    async def store(self, guest: Guest, incoming: Incoming) -> Stored:
        """Take an object."""

    async def find(
        self, guest: Guest, model: str, question: Attributes, *, is_combined: bool
    ) -> Sequence[Attributes]:
        """What matches and may be seen; raises QuestionError.

        `is_combined`: a date and a time are one moment (PS3.4 C.2.2.2.5).
        """

    async def list_held(self, guest: Guest, model: str, question: Attributes) -> Sequence[Held]:
        """Which objects a retrieval names; raises QuestionError."""

    async def fetch(self, guest: Guest, held: Held, syntax: str) -> Path | None:
        """An object as a file in this transfer syntax, or None; the caller removes the file."""

    async def list_kept(self, guest: Guest, asked: Sequence[Reference]) -> Sequence[Reference]:
        """Which of these objects are safely stored."""

    async def find_place(self, guest: Guest, title: str) -> Place | None:
        """Where a peer of the same institution listens, or None."""

    async def find_home(self, guest: Guest) -> Place | None:
        """Where a peer itself listens, or None."""


class QuestionError(Exception):
    """A question cannot be answered; `status` says why (PS3.4 C.4.1.1.4)."""

    def __init__(self, status: int) -> None:
        super().__init__(hex(status))
        self.status = status
