"""One connection of a browser with Janus, as a room watches it."""

import asyncio
from collections.abc import Mapping
from typing import Final

from server.media.descriptions import is_candidate_tried
from server.media.errors import RoomRefusal
from server.media.janus.client import JanusHandle, JanusRefusedError
from server.media.limits import RoomRules

_LONGEST: Final = 1024


class JanusConnection:
    """What is known of it; its handle comes with the first description."""

    def __init__(self, rules: RoomRules) -> None:
        self.handle: JanusHandle | None = None
        self._rules = rules
        self._made_s = asyncio.get_running_loop().time()
        self._candidates = 0

    @property
    def is_connected(self) -> bool:
        """Whether Janus says that it is up."""
        return self.handle is not None and self.handle.is_up and not self.handle.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether it will never carry anything again."""
        return self.handle is not None and self.handle.has_ended

    def beat(self) -> None:
        """Janus tells by itself."""

    def silent_s(self) -> float:
        """How long nothing has come, in seconds; before it stands, since it was begun."""
        now_s = asyncio.get_running_loop().time()
        if self.handle is None or not self.is_connected:
            return now_s - self._made_s
        return self.handle.silent_s(now_s)

    def strangers(self) -> int:
        """Janus does not count them."""
        return 0

    async def add_candidate(self, told: object) -> None:
        """One more of the peer's addresses, as browsers tell it; raises RoomRefusal."""
        if self.handle is None or not isinstance(told, Mapping):
            raise RoomRefusal("candidate-malformed")
        text = str(told.get("candidate", ""))
        self._candidates += 1
        if self._candidates > self._rules.most_candidates:
            raise RoomRefusal("too-many-candidates")
        line = text.removeprefix("candidate:")
        if not line.isascii() or len(line) > _LONGEST or not is_candidate_tried(line):
            return
        named = {"candidate": f"candidate:{line}", "sdpMid": str(told.get("sdpMid", "0"))[:16]}
        try:
            await self.handle.trickle({**named, "sdpMLineIndex": 0})
        except JanusRefusedError:
            raise RoomRefusal("candidate-malformed") from None

    async def close(self) -> None:
        """End it."""
        if self.handle is not None:
            await self.handle.detach()
