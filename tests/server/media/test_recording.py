"""What was said and shown is on record: as it was, and in step."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from tests.makers import clips
from tests.makers.media_house import MediaHouse, eventually
from tests.makers.recorded_rooms import recorded
from tests.makers.recordings import OpenedTrack, Player

pytestmark = pytest.mark.server
_IN_STEP_S = 0.06


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


async def test_the_slower_way_is_recorded_alike(media_slow: MediaHouse, tmp_path: Path) -> None:
    async with recorded(media_slow, tmp_path, "ann") as room:
        await room.start("ann")
        await Player(room.peers[0]).play(clips.pictures(1), clips.sound(1))
        part = await room.stop()
    assert len(clips.probe(part.track("ann/first", "camera").path)["frames"]) == 25
    assert part.track("ann/first", "microphone").facts["frames"] == len(clips.sound(1))


async def test_a_device_that_comes_back_goes_on_in_its_file_and_another_codec_has_its_own(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann") as room:
        ann = room.peers[0]
        await room.start("ann")
        await Player(ann).play(clips.pictures(1))
        await ann.publish()  # by another connection, with other numbers and times
        await Player(ann).play(clips.pictures(1))
        await Player(ann, codec="h264").play(clips.pictures(1, codec="h264"))
        part = await room.stop()
    one, other = part.tracks["ann/first", "camera"]
    assert (one.facts["codec"], other.facts["codec"]) == ("vp8", "h264")
    assert len(clips.probe(one.path)["frames"]) == 50
    assert len(clips.probe(other.path)["frames"]) == 25
    assert one.first_s + one.facts["length_ms"] / 1000 <= other.first_s


async def test_a_whole_picture_is_asked_for_when_it_begins_and_when_it_goes_on(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann") as room:  # nobody else is there who would ask
        ann = room.peers[0]
        assert ann.keyframes_asked == 0
        await room.start("ann")
        await eventually(lambda: ann.keyframes_asked == 1)
        await room.ask("record-pause")
        await room.ask("record-resume")
        await eventually(lambda: ann.keyframes_asked == 2)
        await ann.send("camera", b"no whole picture")
        await eventually(lambda: ann.keyframes_asked == 3)
        told = await media.desk.ask("stats", room=room.room)
        assert told["stats"]["recording"]["state"] == "on"


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
