"""Everything that is stored is read back, a little at a time (OPS-04, F24)."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from consult.blobs.errors import BlobDamagedError, BlobMissingError, BlobsAwayError
from consult.blobs.store import BlobStore, verify_pieces
from consult.db.unit import Units
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import is_id
from consult.kernel.keys import Vault
from consult.kernel.work import SYSTEM
from consult.people.organisations import service as organisations
from consult.storage import service as storage
from consult.storage.model import Checked, FaultKind, Named, Pass, PassName, StorageRules
from server.threads import in_thread
from server.transactions import read_as, utc_now, write_as

log = structlog.get_logger()
_AT_ONCE: Final = 50
_SAVED_EVERY_S: Final = 10.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = "~"  # behind every id
_STAMP_DIGITS: Final = 12  # RFC 9562 section 5.7: milliseconds since 1970, 48 bits
_READ_BYTES: Final = 4 << 20
"""Read before the pace is looked at again."""


@dataclass(slots=True)
class Scrub:
    """What a pass reads from and writes to; it needs no web application."""

    units: Units
    blobs: BlobStore
    vault: Vault
    rules: StorageRules
    _keys: dict[str, bytes] = field(default_factory=dict)

    async def go_on(self) -> bool:
        """Read some more of a pass that is under way or due; False when there is none now."""
        under_way = await write_as(
            self.units, SYSTEM, storage.begin_due, name=PassName.SCRUB, rules=self.rules
        )
        if under_way is None:
            return False
        waiting = await self._list_next(under_way)
        if not waiting:
            await write_as(self.units, SYSTEM, storage.end_scrub, rules=self.rules)
            return True
        await self._read(under_way, waiting)
        return True

    async def _list_next(self, under_way: Pass) -> list[Named]:
        """What a pass has still to read: what is stored while it runs is left to the next one.

        So it ends, however fast objects come. Within an institution keys are in the order of their
        time (`new_id`); one from a clock that was wrong lies after now, and is read.
        """
        position, begun_at = under_way.position, under_way.begun_at or utc_now()
        while True:
            found = await read_as(
                self.units, SYSTEM, storage.list_next, position=position, limit=_AT_ONCE
            )
            now = utc_now()
            old = [each for each in found if not begun_at < _stored_at(each) <= now]
            if old or not found:
                return old
            position = f"{found[-1].blob.institution_id}/{_LAST}"

    async def _read(self, under_way: Pass, waiting: list[Named]) -> None:
        """Whatever ends this, what was read up to the last note is not read again."""
        rules = self.rules
        pace = rules.asked_bytes_per_s if under_way.is_asked else rules.scrub_bytes_per_s
        checked: list[Checked] = []
        read_bytes, begun_s = 0, time.monotonic()
        for named in waiting:
            kind = await self._check(named, pace)
            checked.append(Checked(named, kind))
            read_bytes += named.blob.size_bytes
            if kind is not None:
                log.error("stored object not whole", code=kind, object_id=named.object_id)
            if time.monotonic() - begun_s > _SAVED_EVERY_S:
                await self._note(checked, read_bytes)
                checked, read_bytes, begun_s = [], 0, time.monotonic()
        if checked:
            await self._note(checked, read_bytes)

    async def _note(self, checked: list[Checked], read_bytes: int) -> None:
        await write_as(
            self.units, SYSTEM, storage.note_checked, checked=checked, read_bytes=read_bytes
        )

    async def _check(self, named: Named, pace: int) -> FaultKind | None:
        """What is wrong with one object; raises UnavailableError where the store is away."""
        try:
            key = await self._institution_key(named.blob.institution_id)
            pieces = verify_pieces(self.blobs, self.vault, named.blob, institution_key=key)
            begun_s = time.monotonic()
            while read_bytes := await in_thread(_advance, pieces):
                rest_s = read_bytes / pace - (time.monotonic() - begun_s)
                await asyncio.sleep(max(rest_s, 0))
                begun_s = time.monotonic()
        except BlobMissingError:
            return FaultKind.MISSING
        except (BlobDamagedError, NotFoundError):
            return FaultKind.DAMAGED
        except BlobsAwayError:
            raise
        except OSError:
            return FaultKind.UNREADABLE
        return None

    async def _institution_key(self, institution_id: str) -> bytes:
        if institution_id not in self._keys:
            found = await read_as(self.units, SYSTEM, organisations.get_institution, institution_id)
            self._keys[institution_id] = found.wrapped_key
        return self._keys[institution_id]


def _stored_at(named: Named) -> datetime:
    name = named.blob.key.rpartition("/")[2]
    stamp_ms = int(name[:_STAMP_DIGITS], 16) if is_id(name) else 0
    return _EPOCH + timedelta(milliseconds=stamp_ms)


def _advance(pieces: Iterator[int]) -> int:
    """Read on for a while; 0 at the end."""
    read_bytes = 0
    for piece in pieces:
        read_bytes += piece
        if read_bytes >= _READ_BYTES:
            break
    return read_bytes
