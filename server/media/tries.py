"""Rooms for testing a line: few at once, and each ends by itself, whoever forgot it."""

import asyncio
import contextlib
from typing import Final

from server.media.errors import RoomRefusal
from server.media.rooms import Rooms

_LONGEST_S: Final = 600


class Tries:
    """The test rooms of this process; web says how many and how long (config/connection.toml)."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._ends: dict[str, asyncio.Task[None]] = {}

    def open(self, room_id: object, key_hex: object, *, most: object, life_s: object) -> None:
        """Open one more. Raises RoomRefusal."""
        if not isinstance(most, int) or not isinstance(life_s, int) or not 0 < life_s <= _LONGEST_S:
            raise RoomRefusal("room-malformed")
        self._forget_closed()
        if len(self._ends) >= most:
            raise RoomRefusal("tries-full")
        self._rooms.open(room_id, key_hex)
        name = str(room_id)
        ending = asyncio.get_running_loop().create_task(self._end(name, life_s), name="try")
        self._ends[name] = ending

    def _forget_closed(self) -> None:
        for name, ending in list(self._ends.items()):
            if not self._is_open(name):
                ending.cancel()
                del self._ends[name]

    def _is_open(self, name: str) -> bool:
        with contextlib.suppress(RoomRefusal):
            self._rooms.get(name)
            return True
        return False

    async def _end(self, name: str, life_s: int) -> None:
        await asyncio.sleep(life_s)
        with contextlib.suppress(RoomRefusal):
            await self._rooms.close(name)
