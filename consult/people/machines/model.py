"""A machine that works for an institution: another archive, a camera's computer, an agent."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from consult.kernel.ids import InstitutionId

SEEN_EVERY: Final = timedelta(minutes=5)


class Right(enum.StrEnum):
    """What a machine's token opens; everything else is shut to it."""

    STORE_IMAGES = "images.store"
    SEARCH_IMAGES = "images.search"
    READ_IMAGES = "images.read"
    SEND_PICTURES = "pictures.send"


class Trouble(enum.StrEnum):
    """What a camera's computer may say that keeps it from its work."""

    FOLDER_MISSING = "folder-missing"
    FOLDER_UNREADABLE = "folder-unreadable"
    SPOOL_FULL = "spool-full"
    SERVER_AWAY = "server-away"
    SERVER_FULL = "server-full"
    CERTIFICATE = "certificate"
    PROXY = "proxy"
    OTHER = "other"


def trouble_of(code: str) -> str:
    """The trouble of a code; a program newer than this server may know more of them."""
    if not code:
        return ""
    return code if code in set(Trouble) else Trouble.OTHER.value


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the computer of a camera last said of itself; `error` is a code, never a file's name."""

    told_at: datetime
    version: str
    waiting: int
    waiting_bytes: int
    oldest_at: datetime | None
    refused: int
    error: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, and when its token was last used."""

    id: str
    institution_id: InstitutionId
    name: str
    rights: frozenset[Right]
    added_at: datetime
    expires_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None

    def is_let_in(self, now: datetime) -> bool:
        """Whether its token opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
