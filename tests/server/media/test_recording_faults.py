"""A process that dies and a disk that is full take little of a recording, and nothing of a room."""

import asyncio
import secrets
from pathlib import Path

import pytest

from tests.makers import clips
from tests.makers.media_house import MediaHouse, eventually, open_media
from tests.makers.recorded_rooms import is_off, recorded
from tests.makers.recordings import OpenedTrack, Player, open_part

pytestmark = pytest.mark.server


async def test_a_killed_process_loses_a_second_at_most_and_a_second_part_follows(
    media_own: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media_own, tmp_path, "ann") as room:
        await room.start("ann")
        player = Player(room.peers[0])
        playing = asyncio.create_task(player.play(clips.pictures(6), clips.sound(6)))
        await eventually(lambda: min(player.sent_s.values()) > 3)
        sent_s = dict(player.sent_s)
        await media_own.kill()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        (part,) = await room.parts()
        assert part.manifest["code"] == "broken-off"
        for source in ("camera", "microphone"):
            track = part.track("ann/first", source)
            assert sent_s[source] - kept_s(track, player) <= 1.0
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
        await bob.send_until(lambda: is_off(bob), text=text, sources=["microphone"])
        await room.everyone_heard("off", "disk-full")
        await playing
        await ann.send_until(lambda: b"go on" in bob.texts(ann.name, "microphone"), text=b"go on")
        (part,) = await eventually(room.parts)
        assert part.manifest["code"] == "disk-full"
        cut = part.track("bob/first", "microphone")
        assert not cut.is_whole
        assert cut.facts["bytes"] <= 64 * 1024
        assert cut.path.read_bytes().count(text) == cut.facts["frames"] > 0
        assert part.track("ann/first", "microphone").is_whole


async def test_a_process_that_is_told_to_end_ends_its_recordings(
    media_own: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media_own, tmp_path, "ann") as room:
        await room.start("ann")
        await Player(room.peers[0]).play(heard=clips.sound(1))
        media_own.process.terminate()
        await room.everyone_heard("off", "closed")
        await asyncio.to_thread(media_own.process.wait, 60)
    (folder,) = (media_own.data_dir / "media" / "outbox").glob("0*")
    part = open_part(folder, room.key, tmp_path / "opened")
    assert part.manifest["code"] == "closed"
    assert part.track("ann/first", "microphone").is_whole


async def test_rooms_are_held_where_nothing_can_be_recorded(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "media").write_bytes(b"a file in the place of the folder")
    async with open_media(data_dir) as media, recorded(media, tmp_path, "ann", "bob") as room:
        ann, bob = room.peers
        assert (await room.start("ann"))["refused"] == "disk-failed"
        assert (await media.desk.ask("outbox"))["refused"] == "disk-failed"
        await ann.send_until(lambda: b"words" in bob.texts(ann.name), text=b"words")
        (data_dir / "media").unlink()
        assert (await room.start("ann"))["recording"]["state"] == "on"
        assert (await room.stop()).manifest["sequence"] == 1


def kept_s(track: OpenedTrack, player: Player) -> float:
    """Until when of what was played a file goes that was cut off."""
    assert not track.is_whole
    length_s = float(clips.probe(track.path)["frames"][-1]["pts_time"])
    assert abs(track.facts["length_ms"] / 1000 - length_s) < 0.1
    return track.first_s + length_s - player.began_s
