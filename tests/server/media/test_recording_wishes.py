"""Recorded is who agreed, while it is wished, as long as there is room; web takes what was."""

from pathlib import Path
from typing import Any

import pytest

from tests.makers import clips
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually
from tests.makers.recorded_rooms import is_off, recorded
from tests.makers.recordings import Player

pytestmark = pytest.mark.server


async def test_who_has_not_agreed_is_not_written(media: MediaHouse, tmp_path: Path) -> None:
    async with recorded(media, tmp_path, "ann", "bob") as room:
        ann, bob = room.peers
        told = await room.start("ann")
        assert told["recording"] == {"state": "on", "code": "", "people": ["ann"]}
        late = LightPeer(media.desk, room.room, media.token(room.room, "cat"))
        await late.join()
        assert (await late.hear("welcome"))["recording"]["people"] == ["ann"]
        await late.close()
        await say(ann, bob, b"hm")
        await say(bob, ann, b"hm")
        await room.start("ann", "bob")
        await say(bob, ann, b"yes")
        await room.start("ann")
        await say(bob, ann, b"no more")
        part = await room.stop()
    assert b"hm" in part.track("ann/first", "microphone").path.read_bytes()
    of_bob = part.track("bob/first", "microphone").path.read_bytes()
    assert b"yes" in of_bob
    assert b"hm" not in of_bob
    assert b"no more" not in of_bob


async def test_one_refusal_ends_it_until_that_person_agrees(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann", "bob") as room:
        ann, bob = room.peers
        await room.start("ann", "bob")
        await say(ann, bob, b"before")
        await room.ask("record-refuse", person="bob")
        await room.everyone_heard("off", "refused")
        await say(ann, bob, b"after")
        (part,) = await room.parts()
        assert part.manifest["code"] == "refused"
        plain = part.track("ann/first", "microphone").path.read_bytes()
        assert b"before" in plain
        assert b"after" not in plain
        assert (await room.start("ann"))["refused"] == "recording-refused"
        assert (await room.start("ann", "bob"))["recording"]["state"] == "on", "he agreed again"
        assert (await room.ask("record-stop"))["recording"]["people"] == []


async def say(speaker: LightPeer, listener: LightPeer, text: bytes) -> None:
    """Until it was heard."""
    heard = (speaker.name, "microphone")
    await speaker.send_until(lambda: text in listener.texts(*heard), text=text)


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
            await ann.send_until(lambda: is_off(ann), text=bytes(900), sources=["microphone"])
            await room.everyone_heard("off", code)
            (part,) = await eventually(room.parts)
            assert part.manifest["code"] == code
            assert part.track("ann/first", "microphone").is_whole
            assert (await room.start("ann"))["refused"] == code, "it counts for the room"


async def test_too_many_files_end_it_and_too_many_pauses_leave_it_paused(
    tmp_path: Path, make_bounded: Any
) -> None:
    async with make_bounded(most_files=1, most_pauses=1) as media:
        async with recorded(media, tmp_path, "ann") as room:
            ann = room.peers[0]
            await room.start("ann")
            await ann.send("microphone", b"words")
            await room.ask("record-pause")
            assert (await room.ask("record-resume"))["refused"] == "too-many-pauses"
            assert (await room.stop()).track("ann/first", "microphone").is_whole
            await room.start("ann")
            await Player(ann).play(clips.pictures(1), clips.sound(1))
            await room.everyone_heard("off", "too-many-files")


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
