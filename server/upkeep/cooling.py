"""What is old is moved to the colder store, a little at a time; it is read there as before."""

from dataclasses import dataclass
from typing import Final

import structlog

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.blobs.tiers import TieredStore
from consult.db.unit import Units
from consult.kernel.work import SYSTEM
from consult.storage import service as storage
from consult.storage.model import Named, PassName, StorageRules, is_cold
from server.threads import in_thread
from server.transactions import read_as, utc_now, write_as

log = structlog.get_logger()
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Cooling:
    """What a pass moves, and between which stores."""

    units: Units
    blobs: TieredStore
    rules: StorageRules

    async def go_on(self) -> bool:
        """Move some more of a pass that is under way or due; False when there is none now."""
        under_way = await write_as(
            self.units, SYSTEM, storage.begin_due, name=PassName.COOLING, rules=self.rules
        )
        if under_way is None:
            return False
        waiting = await read_as(
            self.units, SYSTEM, storage.list_next, position=under_way.position, limit=_AT_ONCE
        )
        if not waiting:
            await write_as(self.units, SYSTEM, storage.end_cooling, rules=self.rules)
            return True
        before = utc_now() - self.rules.cold_after
        moved = [each for each in waiting if is_cold(each, before=before)]
        count = sum([await self._move(each) for each in moved])
        await write_as(
            self.units,
            SYSTEM,
            storage.note_moved,
            position=waiting[-1].blob.key,
            looked_at=len(waiting),
            moved=count,
        )
        return True

    async def _move(self, named: Named) -> bool:
        """A blob that was removed or is damaged is the scrub's to tell, and stays where it is."""
        try:
            return await in_thread(self.blobs.make_cold, named.blob.key)
        except (BlobMissingError, BlobDamagedError) as fault:
            log.warning("not moved", code=fault.code, object_id=named.object_id)
            return False
