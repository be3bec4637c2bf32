"""Where in Janus a room of ours is, and a track: its feed, and the section of that."""

import contextlib
import hashlib
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from server.media.errors import RoomRefusal
from server.media.janus.client import JanusClient, JanusHandle, JanusRefusedError
from server.media.limits import RoomRules
from server.media.track import Track

_THERE_ALREADY: Final = 427
_NUMBER_BYTES: Final = 6  # JSON's numbers are exact up to 53 bits


class JanusPlaces:
    """Janus's numbers for ours, and how its rooms are made."""

    def __init__(self, socket: Path, rules: RoomRules) -> None:
        self.client = JanusClient(socket)
        self.of: WeakKeyDictionary[Track, tuple[int, str]] = WeakKeyDictionary()
        self._rules = rules

    def number_of(self, room: str) -> int:
        """Janus's number for a room; two rooms have one by chance once in 10 million million."""
        return int.from_bytes(hashlib.sha256(room.encode()).digest()[:_NUMBER_BYTES], "big")

    async def enter(self, room: str) -> JanusHandle:
        """A handle for a room, which there is afterwards. Raises RoomRefusal."""
        try:
            handle = await self.client.attach()
            try:
                await self._make(handle, room)
            except BaseException:  # nobody else knows of it
                await handle.detach()
                raise
        except JanusRefusedError:
            raise RoomRefusal("engine-broken") from None
        return handle

    async def check(self) -> None:
        """Whether Janus answers, and has its plugin for rooms. Raises RoomRefusal."""
        try:
            await (await self.client.attach()).detach()
        except JanusRefusedError:
            raise RoomRefusal("engine-broken") from None

    async def end(self, room: str) -> None:
        """Nobody is in it any more; where Janus is away, the room is gone with it."""
        with contextlib.suppress(JanusRefusedError, RoomRefusal):
            handle = await self.client.attach()
            try:
                await handle.ask({"request": "destroy", "room": self.number_of(room)})
            finally:
                await handle.detach()

    async def _make(self, handle: JanusHandle, room: str) -> None:
        try:
            await handle.ask(
                {
                    "request": "create",
                    "room": self.number_of(room),
                    "permanent": False,
                    "is_private": True,
                    "publishers": self._rules.most_room_tracks,
                    "bitrate": self._rules.ceilings.two,
                    "audiocodec": "opus",
                    "opus_fec": True,
                    "videocodec": "vp8,h264",
                    "fir_freq": 0,
                }
            )
        except JanusRefusedError as refused:
            if refused.number != _THERE_ALREADY:
                raise
