"""What a media process takes on follows from what was measured: its way, and what is recorded."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.media.limits import load_media_rules
from server.media.process import bound_rooms
from server.media.settled import Settled
from tests.makers.house import ROOT
from tests.makers.media_house import open_media

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("way", "set_rooms", "most"),
    [
        ("c3", 40, 40),
        ("c3", 5, 5),
        ("c1", 40, 8),
        ("c1", 5, 5),
        ("janus", 40, 40),
        ("", 40, 40),
    ],
)
def test_the_long_way_carries_as_many_rooms_as_were_measured(
    way: str, set_rooms: int, most: int
) -> None:
    rules, _ = load_media_rules(ROOT / "config")
    other: Any = SimpleNamespace()
    settled = Settled(rules, (), "", set_rooms, is_short=True, recording=other, engine=other)
    found = bound_rooms(settled, way)
    assert (found.most_rooms, found.is_short) == (most, way == "c3")


async def test_a_recorded_call_costs_more_and_is_refused_where_the_process_is_full(
    tmp_path: Path,
) -> None:
    async with open_media(tmp_path / "house", media_rooms="2") as house:
        one, other = await house.open_room("one"), await house.open_room("other")
        wish = {"recording": "rec", "key": "0" * 64, "consented": ["ann"]}
        told = await house.desk.ask("record", room=one, **wish)
        assert told["refused"] == "rooms-full"
        assert (await house.desk.ask("close", room=other))["closed"]
        assert (await house.desk.ask("record", room=one, **wish))["recording"]["state"] == "on"
        # who agrees later, and a pause, change nothing of what it costs
        both = {**wish, "consented": ["ann", "bob"]}
        assert (await house.desk.ask("record", room=one, **both))["recording"]["state"] == "on"
        assert "recording" in await house.desk.ask("record-pause", room=one)
        told = await house.desk.ask("open", room="third", key="0" * 64)
        assert told["refused"] == "rooms-full"
        assert "recording" in await house.desk.ask("record-stop", room=one)
        assert (await house.desk.ask("open", room="third", key="0" * 64))["opened"]
