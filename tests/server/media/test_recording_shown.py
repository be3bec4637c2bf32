"""What was looked at together is on record: picture, hands and lines, when each of them was."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from server.media.recording.shown import SHOWN, Said, ShownTap
from server.media.tokens import Sight
from server.recordings.clusters import read_shown
from tests.makers import clips
from tests.makers.media_house import MediaHouse
from tests.makers.recorded_rooms import Recorded, recorded
from tests.makers.recordings import OpenedPart
from tests.makers.together import IMAGE, stroke, view

_EMPTY = {"presenter": "", "view": None, "strokes": []}
_SHOWING = {"presenter": "ann", "view": {"image": IMAGE}, "strokes": []}


def said_in(part: OpenedPart) -> list[tuple[int, Any]]:
    """What the only track of it holds."""
    (track,) = part.tracks["", SHOWN]
    assert track.facts["codec"] == "webvtt"
    return read_shown([track.path.read_bytes()])


@pytest.mark.server
async def test_picture_hands_and_lines_are_on_record_but_nothing_of_a_pause(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann", "bob", sight=Sight.SHOW) as room:
        ann, bob = room.peers
        ann.say(say="present", person="ann")
        ann.say(say="view", view=view())
        await bob.hear("view")
        await room.start("ann", "bob")
        await room.everyone_heard("on")
        bob.say(say="point", image=IMAGE, frame=1, at=[7, 8])
        assert (await ann.hear("point"))["by"] == "bob"
        await draws_in_a_pause(room)
        bob.say(say="stroke", **stroke("said"))
        await ann.hear("stroke")
        await bob.leave()
        while len((await ann.hear("people"))["people"]) > 1:
            pass
        part = await room.stop()
    said = said_in(part)
    assert [each["told"] for _, each in said] == ["showing", "point", "showing", "stroke", "point"]
    begun, hand, resumed, line, gone = (each for _, each in said)
    assert (begun["showing"]["view"]["image"], hand["at"]) == (IMAGE, [7.0, 8.0])
    assert (resumed["showing"]["strokes"], line["stroke"]) == ([], "said")
    assert (gone["by"], gone["at"]) == ("bob", None)
    times = [at_ms for at_ms, _ in said]
    assert times == sorted(times)
    assert "unsaid" not in json.dumps(said)


async def draws_in_a_pause(room: Recorded) -> None:
    """A line that comes and goes while nothing is recorded."""
    ann, bob = room.peers
    await room.ask("record-pause")
    await room.everyone_heard("paused")
    bob.say(say="stroke", **stroke("unsaid"))
    await ann.hear("stroke")
    ann.say(say="erase")
    await bob.hear("erased")
    await room.ask("record-resume")
    await room.everyone_heard("on")


@pytest.mark.server
async def test_a_call_in_which_nobody_shows_anything_has_no_such_track(
    media: MediaHouse, tmp_path: Path
) -> None:
    async with recorded(media, tmp_path, "ann", sight=Sight.SHOW) as room:
        await room.start("ann")
        await room.everyone_heard("on")
        part = await room.stop()
    assert ("", SHOWN) not in part.tracks


@pytest.mark.server
async def test_a_file_of_it_is_one_that_others_read(media: MediaHouse, tmp_path: Path) -> None:
    async with recorded(media, tmp_path, "ann", sight=Sight.SHOW) as room:
        await room.start("ann")
        await room.everyone_heard("on")
        room.peers[0].say(say="present", person="ann")
        await room.peers[0].hear("showing")
        part = await room.stop()
    (track,) = part.tracks["", SHOWN]
    (stream,) = clips.probe(track.path)["streams"]
    assert stream["codec_name"] == "webvtt"


def gather(tap: ShownTap) -> list[tuple[float, Mapping[str, Any]]]:
    return [(at_s, json.loads(said)) for at_s, _, said in tap.take()]


def point(by: str, column: float) -> Said:
    return {"told": "point", "by": by, "at": [column, 1]}


def test_a_hand_is_kept_twenty_times_a_second_and_where_it_came_to_rest() -> None:
    tap = ShownTap()
    tap.is_open = True
    tap.begin(0.0, lambda: _SHOWING)
    for step in range(100):
        tap.note(1 + step / 1000, point("ann", step), lambda: _SHOWING)
        tap.note(1 + step / 1000, point("bob", -step), lambda: _SHOWING)
    (_, first), *hands = gather(tap)
    assert first["told"] == "showing"
    assert len(hands) == 4
    assert {each["by"]: each["at"][0] for _, each in hands} == {"ann": 99, "bob": -99}


def test_nothing_is_gathered_before_it_is_recorded_and_the_whole_comes_first() -> None:
    tap = ShownTap()
    tap.note(0.0, point("ann", 1), lambda: _SHOWING)
    tap.is_open = True
    tap.begin(1.0, lambda: _EMPTY)
    assert gather(tap) == []
    tap.note(2.0, {"told": "view", "view": {"image": IMAGE}}, lambda: _SHOWING)
    assert gather(tap) == [(2.0, {"told": "showing", "showing": _SHOWING})]


def test_where_too_much_waits_for_the_disk_the_whole_is_told_anew() -> None:
    tap = ShownTap()
    tap.is_open = True
    tap.begin(0.0, lambda: _SHOWING)
    told = {"told": "erased", "strokes": ["a"]}
    for number in range(20_000):
        tap.note(1.0 + number, told, lambda: _SHOWING)
    tap.note(30_000.0, told, lambda: _SHOWING)
    tap.note(30_001.0, told, lambda: _SHOWING)
    assert gather(tap) == [
        (30_000.0, {"told": "showing", "showing": _SHOWING}),
        (30_001.0, told),
    ]
