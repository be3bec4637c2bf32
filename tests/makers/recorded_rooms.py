"""A room of light peers that is recorded, as web would have it."""

import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.media.tokens import Sight
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse
from tests.makers.recordings import OpenedPart, take_parts


@dataclass
class Recorded:
    """A room, who is in it, and its recording."""

    media: MediaHouse
    room: str
    peers: list[LightPeer]
    into: Path
    name: str = field(default_factory=lambda: f"recording-{secrets.token_hex(4)}")
    key: str = field(default_factory=lambda: secrets.token_hex(32))

    async def start(self, *consented: str) -> dict[str, Any]:
        """Begin, or take another list."""
        return dict(await self.ask("record", consented=list(consented)))

    async def ask(self, wish: str, **facts: object) -> Any:
        """Any wish about it."""
        told = {"room": self.room, "recording": self.name, "key": self.key, **facts}
        return await self.media.desk.ask(wish, **told)

    async def parts(self) -> list[OpenedPart]:
        """What web would take."""
        into = self.into / secrets.token_hex(4)
        return await take_parts(self.media, self.name, self.key, into)

    async def stop(self) -> OpenedPart:
        """End it, and open its only part."""
        assert (await self.ask("record-stop"))["recording"]["state"] == "off"
        (part,) = await self.parts()
        return part

    async def everyone_heard(self, state: str, code: str = "") -> None:
        """Until each was told so."""
        for peer in self.peers:
            told = await peer.hear("recording")
            while (told["state"], told["code"]) != (state, code):
                told = await peer.hear("recording")

    async def written_bytes(self) -> int:
        """How much lies in the outbox for it at present."""
        folder = self.media.data_dir / "media" / "outbox"
        return sum(each.stat().st_size for each in folder.glob("*/*.sealed"))


@contextlib.asynccontextmanager
async def recorded(
    media: MediaHouse, into: Path, *people: str, sight: Sight = Sight.NONE
) -> AsyncIterator[Recorded]:
    """These people in a room, each sending sound and picture."""
    room = await media.open_room()
    tokens = [media.token(room, person, sight=sight) for person in people]
    peers = [LightPeer(media.desk, room, token) for token in tokens]
    try:
        for peer in peers:
            await peer.join()
            assert (await peer.hear("welcome"))["recording"]["state"] == "off"
            await peer.publish()
        yield Recorded(media, room, peers, into)
    finally:
        for peer in peers:
            await peer.close()


def is_off(peer: LightPeer) -> bool:
    """Whether it was told that nothing is recorded any more."""
    return any(each["told"] == "recording" and each["state"] == "off" for each in peer.told)
