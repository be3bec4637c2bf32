"""Whose datagrams a socket takes in: those of the peer that was agreed on."""

from collections.abc import Sequence
from typing import Final, Protocol

Address = tuple[str, int]
_PAST_STUN: Final = 4  # RFC 7983 section 7
_LOOK_EVERY_S: Final = 0.02


class Candidate(Protocol):
    """One of the peer's addresses."""

    host: str
    port: int


class Agreed(Protocol):
    """What aioice's connection says in public of both sides."""

    @property
    def remote_candidates(self) -> Sequence[Candidate]:
        """The peer's addresses; one that was not told is here once its check was genuine."""

    @property
    def local_username(self) -> str:
        """The name without which no check is genuine (RFC 8445 7.2.2)."""


class Sources:
    """A filter before any parsing (T22): strangers cost one look into a set."""

    def __init__(self, agreed: Agreed) -> None:
        self.strangers = 0
        self._agreed = agreed
        self._known: frozenset[Address] = frozenset()
        self._looked_s = -1.0

    def admit(self, data: bytes, address: Address, now_s: float) -> bool:
        """Whether to read it: from a known address, or a check that knows our name for it."""
        if address in self._known:
            return True
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now_s
            found = self._agreed.remote_candidates
            self._known = frozenset((each.host, each.port) for each in found)
            if address in self._known:
                return True
        if data[0] < _PAST_STUN and f"{self._agreed.local_username}:".encode() in data:
            return True
        self.strangers += 1
        return False
