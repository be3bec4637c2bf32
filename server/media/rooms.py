"""The rooms of this process: opened and closed by web, never more than were measured."""

import asyncio
import math
import re
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog

from server.media.errors import RoomRefusal
from server.media.participant import Participant
from server.media.recording.recorder import OFF
from server.media.room import Room
from server.media.settled import Settled

log = structlog.get_logger()
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_KEY_HEX: Final = re.compile(r"[0-9a-f]{64}")
_LEAST_DEVICES: Final = 2


class Rooms:
    """All of them, by name."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self._rooms: dict[str, Room] = {}

    def open(self, room_id: object, key_hex: object) -> None:
        """Open a room, or find it open with the same key. Raises RoomRefusal."""
        if not isinstance(room_id, str) or _ID.fullmatch(room_id) is None:
            raise RoomRefusal("room-malformed")
        if not isinstance(key_hex, str) or _KEY_HEX.fullmatch(key_hex) is None:
            raise RoomRefusal("key-malformed")
        key = bytes.fromhex(key_hex)
        known = self._rooms.get(room_id)
        if known is not None:
            if known.key != key:
                raise RoomRefusal("room-has-another-key")
            return
        if self._streams() + streams_of(_LEAST_DEVICES) > self._most_streams:
            raise RoomRefusal("rooms-full")
        self._rooms[room_id] = Room(room_id, key, self.settled)

    def enter(self, room_id: object, token: object) -> tuple[Room, Participant]:
        """Let somebody into a room, as far as the process carries one more. Raises RoomRefusal."""
        room = self.get(room_id)
        return room, room.join(token, unix_now_s(), most_devices=self._most_devices(room))

    def get(self, room_id: object) -> Room:
        """A room that is open; raises RoomRefusal."""
        room = self._rooms.get(room_id) if isinstance(room_id, str) else None
        if room is None:
            raise RoomRefusal("no-such-room")
        return room

    def check_recorded(self, room: Room) -> None:
        """Whether the process carries this room also while it is recorded. Raises RoomRefusal."""
        if len(self._rooms) == 1 or room.recorder.state != OFF:
            return
        others = self._streams() - self._cost_of(room)
        cost = streams_of(len(room.participants)) * self.settled.rules.recorded_costs
        if others + cost > self._most_streams:
            raise RoomRefusal("rooms-full")

    async def close(self, room_id: object) -> None:
        """End a room; raises RoomRefusal."""
        room = self.get(room_id)
        del self._rooms[room.id]
        await room.close()
        await self.settled.engine.close_room(room.id)

    async def close_all(self) -> None:
        """The process ends, once every peer that can be told was told."""
        rooms = list(self._rooms.values())
        for room in rooms:
            await self.close(room.id)
        await asyncio.gather(*(room.finish() for room in rooms))

    def beat(self) -> None:
        """Once a second; a room that fails takes nobody else's."""
        for room in list(self._rooms.values()):
            try:
                room.beat()
            except Exception as error:  # noqa: BLE001 - the outermost point of a room's second
                log.warning("task failed", task="room", error=type(error).__name__)

    @property
    def is_calm(self) -> bool:
        """Whether nobody is in any room."""
        return not any(room.participants for room in self._rooms.values())

    def load(self) -> Mapping[str, Any]:
        """How much is going on: by this whole rooms are placed."""
        return {
            "rooms": len(self._rooms),
            "most_rooms": self.settled.most_rooms,
            "streams": round(self._streams()),
            "most_streams": self._most_streams,
            "participants": sum(len(room.participants) for room in self._rooms.values()),
        }

    @property
    def _most_streams(self) -> int:
        return self.settled.most_rooms * streams_of(_LEAST_DEVICES)

    def _streams(self) -> float:
        return sum(self._cost_of(room) for room in self._rooms.values())

    def _cost_of(self, room: Room) -> float:
        return streams_of(len(room.participants)) * self._times(room)

    def _times(self, room: Room) -> float:
        """So many times what it costs is a room that is recorded, or will go on after a pause."""
        return 1.0 if room.recorder.state == OFF else self.settled.rules.recorded_costs

    def _most_devices(self, room: Room) -> int | None:
        """How many devices the others leave a room; a room by itself has the whole process."""
        if len(self._rooms) == 1:
            return None
        left = (self._most_streams - self._streams() + self._cost_of(room)) / self._times(room)
        return max(_LEAST_DEVICES, math.isqrt(max(0, math.floor(left))))

    def stats(self, room_id: object) -> Mapping[str, Any]:
        """Counters of one room; raises RoomRefusal."""
        return self.get(room_id).stats()


def streams_of(devices: int) -> int:
    """What a room costs: a stream in for each device, and one out to each other.

    Counted for two at the least, who are expected. By this 40 rooms of two, as was measured, are
    10 of four, as is reckoned from a single one of four (docs/performance.md).
    """
    return max(devices, _LEAST_DEVICES) ** 2


def unix_now_s() -> float:
    """Seconds since 1970: what tokens are dated by."""
    return time.time()
