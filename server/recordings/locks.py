"""One at a time for each room's recording, and nobody waits for another room's."""

import asyncio
from weakref import WeakValueDictionary


class RoomLocks:
    """A lock a room, while anybody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, room_id: str) -> asyncio.Lock:
        """The lock of this room; whoever has it keeps it alive."""
        lock = self._locks.get(room_id)
        if lock is None:
            lock = self._locks[room_id] = asyncio.Lock()
        return lock
