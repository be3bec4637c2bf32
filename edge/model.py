"""What the agent knows of a file: how it was seen, how far it has come, what keeps it from work."""

import enum
from dataclasses import dataclass, field


class State(enum.StrEnum):
    """How far a file of the spool has come."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


class Trouble(enum.StrEnum):
    """What keeps the agent from its work; the server has words for each."""

    FOLDER_MISSING = "folder-missing"
    FOLDER_UNREADABLE = "folder-unreadable"
    SPOOL_FULL = "spool-full"
    SERVER_AWAY = "server-away"
    SERVER_FULL = "server-full"
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - a word for a trouble, no secret
    CERTIFICATE = "certificate"
    PROXY = "proxy"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file of a watched folder at one look; names of people stand in paths."""

    path: str = field(repr=False)
    size: int
    mtime_ns: int

    def is_as(self, other: "Sighting") -> bool:
        """Whether nothing has been written in between."""
        return (self.size, self.mtime_ns) == (other.size, other.mtime_ns)


@dataclass(frozen=True, slots=True)
class NewItem:
    """A file that was just laid into the spool."""

    id: str
    content: str
    name: str = field(repr=False)
    size: int
    modified_ms: int | None
    seen_at: float
    written_at: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the spool on its way to the server."""

    id: str
    name: str = field(repr=False)
    size: int
    modified_ms: int | None
    seen_at: float
    written_at: float | None
    state: State
    url: str
    tries: int
    next_at: float


@dataclass(frozen=True, slots=True)
class Depth:
    """What lies in the spool."""

    waiting: int
    waiting_bytes: int
    oldest_at: float | None
    refused: int
    held_bytes: int
