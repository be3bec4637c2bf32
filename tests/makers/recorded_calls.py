"""A call of two people through web's door that is recorded, for tests."""

import asyncio
import contextlib
import html
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from consult.kernel.work import Role
from server.media.asking import MediaAwayError, MediaDesk
from tests.makers import clips
from tests.makers.media_house import eventually
from tests.makers.recordings import Player
from tests.makers.room_visitors import WebPeer
from tests.makers.together import stroke, view
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

_PORTS = 200
_LINK = re.compile(r'/recordings/([0-9a-f-]{32,36})"')
_SHOWN = re.compile(r'data-url="([^"]+)" data-tracks="([^"]+)"')
_TRACK = re.compile(
    r'data-track="([a-z-]+)" data-src="([^"]+)" data-starts-ms="(-?\d+)" data-length-ms="(\d+)"'
)


@contextlib.contextmanager
def open_recording_house(place: Path, **settings: str) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + _PORTS - 1}"
    with open_world(place, media="true", media_ports=ports, **settings) as opened:
        yield opened


@dataclass(frozen=True)
class PlayedFile:
    """One track as the page of the recording names it."""

    kind: str
    path: str
    starts_ms: int
    length_ms: int


@dataclass
class RecordedCall:
    """The physician who called, the expert whom she let in, and each one's line."""

    house: WorldHouse
    host: Visitor
    guest: Visitor
    peers: tuple[WebPeer, WebPeer]

    @property
    def case_id(self) -> str:
        """The case on which they talk."""
        return self.house.world.things["case"]

    @property
    def path(self) -> str:
        """Where the recording of the call is asked about."""
        return f"/api/cases/{self.case_id}/room/recording"

    async def told(self, visitor: Visitor) -> dict[str, Any]:
        """What this person knows of it."""
        status, found = await visitor.get(self.path)
        assert status == 200, found
        return dict(found)

    async def step(
        self, visitor: Visitor, word: str = "", body: object = None, *, status: int = 200
    ) -> dict[str, Any]:
        """Ask, answer, pause, resume or stop."""
        path = f"{self.path}/{word}" if word else self.path
        have, found = await visitor.send(path, body)
        assert have == status, found
        return dict(found)

    async def agree(self, visitor: Visitor) -> dict[str, Any]:
        """Agree to be recorded."""
        return await self.step(visitor, "answer", {"agreed": True})

    async def refuse(self, visitor: Visitor, *, status: int = 200) -> dict[str, Any]:
        """Refuse, or take back."""
        return await self.step(visitor, "answer", {"agreed": False}, status=status)

    async def begin(self) -> None:
        """Both agree, and it is recorded."""
        await self.step(self.host)
        await self.agree(self.guest)
        await self.is_in(self.host, "on")

    async def is_in(self, visitor: Visitor, state: str) -> dict[str, Any]:
        """Wait until it stands so."""

        async def look() -> dict[str, Any] | None:
            found = await self.told(visitor)
            return found if found["state"] == state else None

        found: dict[str, Any] = await eventually(look)
        return found

    async def everyone_told(self, state: str) -> None:
        """Until each line was told so by the media process."""
        for peer in self.peers:
            await eventually(partial(_was_told, peer, state))

    async def talk(self, length_s: int = 2) -> None:
        """Both show and say something; it is made beside, so that no line is taken for dead."""
        shown = await asyncio.to_thread(clips.pictures, length_s)
        heard = await asyncio.to_thread(clips.sound, length_s)
        async with asyncio.TaskGroup() as group:
            for peer in self.peers:
                group.create_task(Player(peer).play(shown, heard))

    async def recordings(self, visitor: Visitor) -> list[str]:
        """The recordings that the page of the case names, the newest first."""
        status, page = await visitor.page(f"/cases/{self.case_id}")
        assert status == 200
        return _LINK.findall(page)

    async def files(self, visitor: Visitor, recording_id: str) -> list[PlayedFile]:
        """What the page of a recording plays."""
        status, page = await visitor.page(f"/cases/{self.case_id}/recordings/{recording_id}")
        assert status == 200, page
        return [
            PlayedFile(kind, path, int(starts), int(length))
            for kind, path, starts, length in _TRACK.findall(page)
        ]

    async def taken(self, visitor: Visitor, count: int) -> list[PlayedFile]:
        """Wait until the newest recording has so many tracks, and nothing waits in the outbox."""

        async def look() -> list[PlayedFile] | None:
            recording_id = (await self.recordings(visitor))[0]
            found = await self.files(visitor, recording_id)
            return found if len(found) >= count and not self.waiting() else None

        found: list[PlayedFile] = await eventually(look)
        return found

    def waiting(self) -> list[Path]:
        """The parts that lie in the outbox."""
        outbox = self.house.house.data_dir / "media" / "outbox"
        return sorted(each.parent for each in outbox.glob("*/manifest.json"))

    async def fetch(self, visitor: Visitor, file: PlayedFile, into: Path) -> Path:
        """The whole track, by ranges as a player asks for it."""
        data, size = b"", 1
        while len(data) < size:
            headers = {"Range": f"bytes={len(data)}-"}
            async with visitor.raw.get(f"{visitor.base}{file.path}", headers=headers) as answer:
                assert answer.status in {200, 206}, answer.status
                told = answer.headers.get("Content-Range", "")
                piece = await answer.read()
                size = int(told.rpartition("/")[2]) if told else len(piece)
                data += piece
        path = into / f"{secrets.token_hex(4)}.webm"
        path.write_bytes(data)
        return path


async def shows_and_points(call: RecordedCall) -> None:
    """The physician shows the picture of the case; the expert's hand and line are on it."""
    host, guest = call.peers
    image = call.house.world.things["image"]
    person = call.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    shown = view(image=image, centre=[8.0, 8.0], field=[1.0, 1.0], window=None)

    def is_shown() -> bool:
        host.say(say="present", person=person.id)
        host.say(say="view", view=shown)
        return any(each["told"] == "view" for each in guest.told)

    await eventually(is_shown)
    guest.say(say="point", image=image, frame=1, at=[4, 5])
    await host.hear("point")
    guest.say(say="stroke", **stroke("drawn", (2.0, 2.0), (9.0, 9.0), (2.0, 12.0), image=image))
    await host.hear("stroke")


async def replay_of(call: RecordedCall, visitor: Visitor) -> list[str]:
    """Where the newest recording's page asks what was looked at."""
    recording_id = (await call.recordings(visitor))[0]
    status, page = await visitor.page(f"/cases/{call.case_id}/recordings/{recording_id}")
    assert status == 200
    found = _SHOWN.search(page)
    if found is None:
        return []
    tracks = json.loads(html.unescape(found[2]))
    return [f"{found[1]}/{each['id']}/shown" for each in tracks]


async def media_is_there(house: WorldHouse) -> dict[str, Any] | None:
    """What the media process says of itself; None while it does not answer."""
    desk = MediaDesk(house.house.data_dir / "run" / "media.sock")
    try:
        return dict(await desk.ask("health"))
    except MediaAwayError:
        return None
    finally:
        desk.close()


async def _was_told(peer: WebPeer, state: str) -> bool:
    """Whether the last that its line said is this; a line that a busy machine cut comes again."""
    await peer.come_back()
    words = {"recording", "welcome"}
    told = [each.get("recording", each) for each in peer.told if each["told"] in words]
    return bool(told) and told[-1]["state"] == state


@contextlib.asynccontextmanager
async def recorded_call(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    """Both are in the call, and each sends sound and picture; afterwards the call is over."""
    person = house.world.person
    physician = person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = person(Side.LEAD, Role.EXPERT)
    case_id = house.world.things["case"]
    room = f"/api/cases/{case_id}/room"
    async with house.visitor(physician) as host, house.visitor(expert) as guest:
        await eventually(lambda: media_is_there(house))
        assert (await host.send(room))[0] == 200
        assert (await guest.send(f"{room}/knock"))[0] == 200
        body = {"person_id": expert.id, "admitted": True}
        assert (await host.send(f"{room}/answer", body))[0] == 200
        peers = WebPeer(host, case_id), WebPeer(guest, case_id)
        try:
            for peer in peers:
                await peer.join()
                await peer.publish()
            yield RecordedCall(house, host, guest, peers)
        finally:
            for peer in peers:
                await peer.close()
            await host.send(f"{room}/end")
