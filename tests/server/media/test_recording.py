"""What was said and shown is on record: as it was, in step, of those who agreed, of no others."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.makers import clips
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually
from tests.makers.recordings import OpenedPart, OpenedTrack, Player, take_parts

pytestmark = pytest.mark.server
_IN_STEP_S = 0.06


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
async def recorded(media: MediaHouse, into: Path, *people: str) -> AsyncIterator[Recorded]:
    room = await media.open_room()
    peers = [LightPeer(media.desk, room, media.token(room, person)) for person in people]
    try:
        for peer in peers:
            await peer.join()
            assert (await peer.hear("welcome"))["recording"]["state"] == "off"
            await peer.publish()
        yield Recorded(media, room, peers, into)
    finally:
        for peer in peers:
            await peer.close()


def wall(track: OpenedTrack, marks_s: list[float]) -> list[float]:
    """When something was, since 1970."""
    return [track.first_s + each for each in marks_s]


async def test_both_sides_are_recorded_and_in_step(media: MediaHouse, tmp_path: Path) -> None:
    async with recorded(media, tmp_path, "ann", "bob") as room:
        await room.start("ann", "bob")
        await room.everyone_heard("on")
        # her sound leaves 300 ms after the picture of the same moment, his at once
        players = [
            Player(peer, late_s=late) for peer, late in zip(room.peers, (0.3, 0), strict=True)
        ]
        shown, heard = clips.pictures(4), clips.sound(4)
        async with asyncio.TaskGroup() as group:
            for player in players:
                group.create_task(player.play(shown, heard))
        part = await room.stop()
        await room.everyone_heard("off", "stopped")
    assert part.manifest["code"] == "stopped"
    assert part.manifest["consented"] == ["ann", "bob"]
    for player in players:
        camera = part.track(player.peer.name, "camera")
        sound = part.track(player.peer.name, "microphone")
        assert clips.probe(camera.path)["streams"][0]["codec_name"] == "vp8"
        assert clips.probe(sound.path)["streams"][0]["codec_name"] == "opus"
        assert len(clips.probe(camera.path)["frames"]) == len(shown) == camera.facts["frames"]
        assert sound.facts["frames"] == len(heard)
        assert abs(sound.facts["length_ms"] - 4000) <= 100
        assert abs(camera.facts["length_ms"] - 3960) <= 100
        for times in (
            wall(camera, clips.flashes_s(camera.path)),
            wall(sound, clips.tones_s(sound.path)),
        ):
            assert len(times) >= 3
            for second, at_s in enumerate(times[-3:], 1):
                assert abs(at_s - player.began_s - second) <= _IN_STEP_S


async def test_without_reports_what_comes_late_is_late(media: MediaHouse, tmp_path: Path) -> None:
    """The reports it is that keep sound and picture in step."""
    async with recorded(media, tmp_path, "ann") as room:
        await room.start("ann")
        player = Player(room.peers[0], late_s=0.3, reports=False)
        await player.play(clips.pictures(2), clips.sound(2))
        part = await room.stop()
    camera, sound = part.track("ann/first", "camera"), part.track("ann/first", "microphone")
    (flash,) = wall(camera, clips.flashes_s(camera.path))
    (tone,) = wall(sound, clips.tones_s(sound.path))[-1:]
    assert tone - flash > _IN_STEP_S


async def test_a_picture_that_changes_its_size_stays_one_file(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann") as room:
        await room.start("ann")
        player = Player(room.peers[0])
        small = clips.pictures(1, size="160x120")
        await player.play(clips.pictures(1))
        await player.play([clips.Piece(1 + each.at_s, each.data) for each in small])
        part = await room.stop()
    camera = part.track("ann/first", "camera")
    sizes = [(each["width"], each["height"]) for each in camera.facts["sizes"]]
    assert sizes == [(320, 240), (160, 120)]
    shown = [(each["width"], each["height"]) for each in clips.probe(camera.path)["frames"]]
    assert shown == [(320, 240)] * 25 + [(160, 120)] * 25


async def test_h264_is_recorded_as_it_came(media: MediaHouse, tmp_path: Path) -> None:
    async with recorded(media, tmp_path, "ann") as room:
        await room.start("ann")
        await Player(room.peers[0], codec="h264").play(clips.pictures(2, codec="h264"))
        part = await room.stop()
    camera = part.track("ann/first", "camera")
    told = clips.probe(camera.path)
    assert told["streams"][0]["codec_name"] == "h264"
    assert len(told["frames"]) == 50
    assert camera.facts["sizes"] == [{"at_ms": 0, "width": 320, "height": 240}]
    assert len(clips.flashes_s(camera.path)) == 1


async def test_what_is_lost_leaves_a_gap_until_the_next_whole_picture(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann") as room:
        await room.start("ann")
        before = room.peers[0].keyframes_asked
        player = Player(room.peers[0], lose=frozenset({30}))
        await player.play(clips.pictures(4))
        await eventually(lambda: room.peers[0].keyframes_asked > before)
        part = await room.stop()
    camera = part.track("ann/first", "camera")
    told = clips.probe(camera.path)  # nothing in it fails to decode
    assert len(told["frames"]) == 100 - 20, "left out: from the lost picture to the next whole one"
    assert camera.facts["lost"] >= 1
    times = [float(each["pts_time"]) for each in told["frames"]]
    longest_s = max(after - before for before, after in pairwise(times))
    assert abs(longest_s - 0.84) < _IN_STEP_S


async def test_a_pause_leaves_nothing_of_what_was_between(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann", "bob") as room:
        ann, bob = room.peers
        await room.start("ann", "bob")
        heard = ("ann/first", "microphone")
        await ann.send_until(lambda: b"before" in bob.texts(*heard), text=b"before")
        assert (await room.ask("record-pause"))["recording"]["state"] == "paused"
        await room.everyone_heard("paused")
        await ann.send_until(lambda: b"undressing" in bob.texts(*heard), text=b"undressing")
        size = await room.written_bytes()
        await ann.send_until(lambda: b"still so" in bob.texts(*heard), text=b"still so")
        assert await room.written_bytes() == size
        await room.ask("record-resume")
        await room.everyone_heard("on")
        await ann.send_until(lambda: b"after" in bob.texts(*heard), text=b"after")
        part = await room.stop()
    plain = part.track(*heard).path.read_bytes()
    assert b"before" in plain
    assert b"after" in plain
    assert b"undressing" not in plain
    assert b"still so" not in plain
    (gap,) = part.manifest["gaps"]
    assert gap["from_at"] < gap["to_at"]
    assert gap["code"] == "paused"


async def test_who_has_not_agreed_is_not_written_and_a_refusal_ends_it(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann", "bob") as room:
        ann, bob = room.peers
        told = await room.start("ann")
        assert told["recording"] == {"state": "on", "code": "", "people": ["ann"]}
        late = LightPeer(media.desk, room.room, media.token(room.room, "cat"))
        await late.join()
        assert (await late.hear("welcome"))["recording"]["people"] == ["ann"]
        for peer, other in ((ann, bob), (bob, ann)):
            seen = (peer.name, "microphone")
            await peer.send_until(
                lambda other=other, seen=seen: b"hm" in other.texts(*seen), text=b"hm"
            )
        await room.start("ann", "bob")
        await bob.send_until(lambda: b"yes" in ann.texts("bob/first", "microphone"), text=b"yes")
        await room.ask("record-refuse", person="bob")
        await room.everyone_heard("off", "refused")
        assert (await room.start("ann"))["refused"] == "recording-refused"
        (part,) = await room.parts()
        assert part.manifest["code"] == "refused"
        assert b"hm" in part.track("ann/first", "microphone").path.read_bytes()
        of_bob = part.track("bob/first", "microphone").path.read_bytes()
        assert b"yes" in of_bob
        assert b"hm" not in of_bob
        assert (await room.start("ann", "bob"))["recording"]["state"] == "on", "he agreed again"
        await room.ask("record-stop")
        await late.close()


async def test_a_killed_process_loses_a_second_at_most_and_a_second_part_follows(
    media_own: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media_own, tmp_path, "ann") as room:
        await room.start("ann")
        player = Player(room.peers[0])
        playing = asyncio.create_task(player.play(clips.pictures(6), clips.sound(6)))
        await eventually(lambda: room.peers[0].keyframes_asked)
        await asyncio.sleep(3)  # of talk
        killed_s = await media_own.kill()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        (part,) = await room.parts()
        assert part.manifest["code"] == "broken-off"
        for source in ("camera", "microphone"):
            track = part.track("ann/first", source)
            assert not track.is_whole
            frames = clips.probe(track.path)["frames"]
            last_s = track.first_s + float(frames[-1]["pts_time"])
            assert 0 <= killed_s - last_s <= 1.0
            assert abs(track.facts["length_ms"] / 1000 - float(frames[-1]["pts_time"])) < 0.1
    async with recorded(media_own, tmp_path, "ann") as again:
        again.name, again.key = room.name, room.key
        await again.start("ann")
        await Player(again.peers[0]).play(clips.pictures(1))
        await again.ask("record-stop")
        first, second = await again.parts()
    assert first.manifest["sequence"] < second.manifest["sequence"]
    assert len(clips.probe(second.track("ann/first", "camera").path)["frames"]) == 25


async def test_a_full_disk_ends_the_recording_and_not_the_conversation(
    media_own: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media_own, tmp_path, "ann", "bob") as room:
        ann, bob = room.peers
        await room.start("ann", "bob")
        media_own.limit_files(64 * 1024)
        player = Player(ann)
        playing = asyncio.create_task(player.play(heard=clips.sound(6)))
        text = secrets.token_bytes(1000)
        await bob.send_until(lambda: room_is_off(bob), text=text, sources=["microphone"])
        await room.everyone_heard("off", "disk-full")
        await playing
        await ann.send_until(lambda: b"go on" in bob.texts(ann.name, "microphone"), text=b"go on")
        (part,) = await eventually(room.parts)
        assert part.manifest["code"] == "disk-full"
        cut = part.track("bob/first", "microphone")
        assert not cut.is_whole
        assert cut.facts["bytes"] <= 64 * 1024
        assert text in cut.path.read_bytes()
        assert part.track("ann/first", "microphone").is_whole


def room_is_off(peer: LightPeer) -> bool:
    return any(each["told"] == "recording" and each["state"] == "off" for each in peer.told)


@pytest.mark.parametrize(
    ("bound", "value", "code"),
    [
        ("most_bytes", 30_000, "recording-too-large"),
        ("most_s", 1, "recording-too-long"),
    ],
)
async def test_a_recording_ends_at_its_bounds(
    tmp_path: Path, bound: str, value: int, code: str, make_bounded: Any
) -> None:
    async with make_bounded(**{bound: value}) as media:
        async with recorded(media, tmp_path, "ann") as room:
            await room.start("ann")
            ann = room.peers[0]
            await ann.send_until(lambda: room_is_off(ann), text=bytes(900), sources=["microphone"])
            await room.everyone_heard("off", code)
            (part,) = await eventually(room.parts)
            assert part.manifest["code"] == code
            assert part.track("ann/first", "microphone").is_whole
            assert (await room.start("ann"))["refused"] == code, "it counts for the room"


async def test_nothing_is_recorded_where_the_disk_is_nearly_full(
    tmp_path: Path, make_bounded: Any
) -> None:
    async with make_bounded(least_free_bytes=1 << 60) as media:
        async with recorded(media, tmp_path, "ann") as room:
            assert (await room.start("ann"))["refused"] == "disk-full"
            assert not await room.parts()


async def test_a_part_waits_until_web_has_it_and_goes_once(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann") as room:
        await room.start("ann")
        await room.peers[0].send("microphone", b"words")
        outbox = await media.desk.ask("outbox")
        running = max(
            int(each.name)
            for each in (media.data_dir / "media" / "outbox").iterdir()
            if each.name.isdigit()
        )
        early = await media.desk.ask("acknowledge", source=outbox["source"], sequence=running)
        assert early["refused"] == "part-not-closed"
        assert running not in {each["sequence"] for each in outbox["parts"]}
        part = await room.stop()
        sequence, source = part.manifest["sequence"], part.manifest["source"]
        assert (sequence, source) == (running, outbox["source"])
        strange = await media.desk.ask("acknowledge", source="another", sequence=sequence)
        assert strange["refused"] == "another-outbox"
        for _ in range(2):
            told = await media.desk.ask("acknowledge", source=source, sequence=sequence)
            assert told["acknowledged"]
        assert not await room.parts()
        await room.start("ann")
        assert (await room.stop()).manifest["sequence"] > sequence, "no number is used again"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recording": "../../etc"}, "recording-malformed"),
        ({"recording": 7}, "recording-malformed"),
        ({"key": "00"}, "key-malformed"),
        ({"consented": "ann"}, "consent-malformed"),
        ({"consented": ["x"] * 65}, "consent-malformed"),
        ({"consented": []}, "nobody-consented"),
        ({"consented": [7]}, "person-malformed"),
        ({"room": "another"}, "no-such-room"),
    ],
)
async def test_a_wish_that_is_not_one_is_refused(
    media: MediaHouse, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    async with recorded(media, tmp_path, "ann") as room:
        assert (await room.ask("record", **{"consented": ["ann"], **changes}))["refused"] == code
        assert (await room.ask("record-pause"))["refused"] == "not-recording"
        assert (await room.ask("record-stop"))["recording"]["state"] == "off"
        await room.start("ann")
        other = await room.ask("record", recording="another", consented=["ann"])
        assert other["refused"] == "recording-runs"
