"""Bytes that no row names are taken away: what a refused step or a dead process left in the store.

Never bytes that a row is about to name. Whoever stores bytes notes their key in a ledger first, and
closes it when the row is committed. The sweep lists the store, then reads the ledgers, then asks
the rows: a key that was listed and stands in no ledger is named by a committed row, or by nobody
ever. The grace is for whoever writes ledgers that this machine does not see.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import structlog

from consult.blobs.cipher import stored_size
from consult.blobs.errors import BlobMissingError
from consult.blobs.store import BlobStore
from consult.db.unit import Units
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.storage import service as storage
from consult.storage.model import PassName, StorageRules, is_left_over
from server.threads import in_thread
from server.transactions import read_as, utc_now, write_as

log = structlog.get_logger()
_AT_ONCE: Final = 400


@dataclass(slots=True)
class Sweep:
    """What a sweep looks at; `noted_keys` are those of every open ledger."""

    units: Units
    blobs: BlobStore
    rules: StorageRules
    noted_keys: Callable[[], frozenset[str]]
    orphans: list[str] = field(default_factory=list)
    listed: int = 0

    async def run(self) -> bool:
        """One whole sweep where it is due; whether it was."""
        due = await write_as(
            self.units, SYSTEM, storage.begin_due, name=PassName.SWEEP, rules=self.rules
        )
        if due is None:
            return False
        self.orphans, self.listed = [], 0
        known = await read_as(self.units, SYSTEM, _institution_ids)
        before = utc_now() - self.rules.grace
        async for keys in self._pages():
            old = {key for key in keys if is_left_over(key, known=known, before=before)}
            self.orphans += await self._unnamed(old)
        removed, removed_bytes = 0, 0
        if self.rules.may_remove(len(self.orphans), of=self.listed):
            removed, removed_bytes = await self._remove()
        elif self.orphans:
            log.error("too many orphans to be removed", count=len(self.orphans))
        await write_as(
            self.units,
            SYSTEM,
            storage.end_sweep,
            rules=self.rules,
            listed=self.listed,
            orphans=len(self.orphans),
            removed=removed,
            removed_bytes=removed_bytes,
        )
        return True

    async def _pages(self) -> AsyncIterator[list[str]]:
        keys = self.blobs.list_keys()
        while page := await in_thread(_some, keys):
            self.listed += len(page)
            yield page

    async def _unnamed(self, keys: set[str]) -> list[str]:
        """In this order: the ledgers, then a unit behind all that have begun."""
        if not keys:
            return []
        keys = keys - await in_thread(self.noted_keys)
        return sorted(await write_as(self.units, SYSTEM, storage.unnamed_keys, keys))

    async def _remove(self) -> tuple[int, int]:
        """Each page is asked about once more, for it may have been restored meanwhile."""
        removed, removed_bytes = 0, 0
        for start in range(0, len(self.orphans), _AT_ONCE):
            for key in await self._unnamed(set(self.orphans[start : start + _AT_ONCE])):
                removed_bytes += await in_thread(self._delete, key)
                removed += 1
                log.warning("orphan removed", object_id=key)
        return removed, removed_bytes

    def _delete(self, key: str) -> int:
        try:
            size = self.blobs.size(key)
        except BlobMissingError:
            return 0
        self.blobs.delete(key)
        return max(size - stored_size(0), 0)


def _some(keys: Iterator[str]) -> list[str]:
    return list(islice(keys, _AT_ONCE))


def _institution_ids(work: Work) -> frozenset[str]:
    return frozenset(each.id for each in organisations.list_institutions(work))
