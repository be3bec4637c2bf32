"""Keys of blobs, announced on the disk many at a time: an object costs no fsync of its own for it.

A ledger names what may lie in the store without a row. It goes when each of its keys is settled:
named by a row, or its bytes are gone. After a death the next start settles what is left.
"""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from consult.kernel.ids import new_id
from server.intake.spool import Spool

_ANNOUNCED_AT_ONCE: Final = 32
_TOGETHER: Final = 2
"""The digits that name a blob's folder: blobs of one request mostly share one, and its fsync."""
_LONGEST_S: Final = 600.0
"""Far less than after which the sweep takes a ledger for a dead process's."""


@dataclass(slots=True)
class _Ledger:
    id: str
    began_s: float
    spare: list[str]
    open: set[str] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        """Whether each of its keys was given out and settled."""
        return not self.spare and not self.open


class KeyStock:
    """The keys that this process has announced; any thread may call."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._lock = threading.Lock()
        self._current: dict[str, _Ledger] = {}
        self._ledger_of: dict[str, _Ledger] = {}

    def take(self, institution_id: str) -> str:
        """A key of this institution that the disk knows of; whoever takes one settles it.

        Blocks now and then.
        """
        with self._lock:
            ledger = self._current.get(institution_id)
            if ledger is None or not ledger.spare or time.monotonic() > ledger.began_s + _LONGEST_S:
                self._retire(ledger)
                ledger = self._announce(institution_id)
            key = ledger.spare.pop()
            ledger.open.add(key)
            self._ledger_of[key] = ledger
            return key

    def settle(self, keys: Collection[str]) -> list[str]:
        """A row names each of these by now, or its bytes are gone; this one method never blocks.

        The ledgers that are done with are given back, for `forget`.
        """
        done = []
        with self._lock:
            for key in keys:
                ledger = self._ledger_of.pop(key, None)
                if ledger is not None:
                    ledger.open.discard(key)
                    if ledger.is_done:
                        done.append(ledger.id)
        return done

    def forget(self, ledgers: Collection[str]) -> None:
        """Remove ledgers that are done with."""
        for each in ledgers:
            self._spool.close_ledger(each)

    def close(self) -> None:
        """Let go of what was announced and is not used."""
        with self._lock:
            ledgers, self._current = list(self._current.values()), {}
            for ledger in ledgers:
                self._retire(ledger)

    def _announce(self, institution_id: str) -> _Ledger:
        ends = new_id()[-_TOGETHER:]
        keys = [
            f"{institution_id}/{new_id()[:-_TOGETHER]}{ends}" for _ in range(_ANNOUNCED_AT_ONCE)
        ]
        ledger = _Ledger(new_id(), time.monotonic(), keys)
        self._spool.note_key(ledger.id, *keys)
        self._current[institution_id] = ledger
        return ledger

    def _retire(self, ledger: _Ledger | None) -> None:
        if ledger is not None:
            ledger.spare.clear()
            if ledger.is_done:
                self._spool.close_ledger(ledger.id)
