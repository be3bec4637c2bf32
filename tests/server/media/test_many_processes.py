"""Several media processes, one a core: rooms are placed whole, and each room is found again."""

import contextlib
import os
import secrets
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.media.asking import MediaAwayError
from server.media.tokens import Device
from server.rooms.desks import MediaDesks
from server.settings import SettingsRefusedError, load_settings
from server.supervisor.children import make_specs
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually, open_media

pytestmark = pytest.mark.server
_KEY = "0" * 64


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[MediaHouse]:
    """Two processes, each with room for two calls of two."""
    more = {"media_processes": "2", "media_rooms": "2"}
    async with open_media(tmp_path / "many", **more) as house:
        yield house


@contextlib.asynccontextmanager
async def asked_by_web(many: MediaHouse) -> AsyncIterator[MediaDesks]:
    """What a web process has, new at each start: it knows no room."""
    run = many.data_dir / "run"
    desks = MediaDesks([run / "media.sock", run / "med-2.sock"])

    async def answers() -> bool:
        await desks.watch()
        return all(desks.healths())

    try:
        await eventually(answers)
        yield desks
    finally:
        for desk in desks.desks:
            desk.close()


async def place(desks: MediaDesks, room: str) -> int:
    """Open a room; by which process."""
    number, told = await desks.place("open", room=room, key=_KEY)
    assert told.get("opened") or told.get("refused") == "rooms-full", told
    return number


def peer_of(desks: MediaDesks, many: MediaHouse, room: str, person: str, **more: Any) -> LightPeer:
    many.keys[room] = bytes.fromhex(_KEY)
    return LightPeer(desks, room, many.token(room, person, **more))  # type: ignore[arg-type]


async def test_rooms_are_placed_where_most_is_to_spare_and_none_beyond_is_opened(
    many: MediaHouse,
) -> None:
    async with asked_by_web(many) as desks:
        placed = [await place(desks, f"room-{each}") for each in range(5)]
        assert sorted(placed) == [0, 1, 1, 2, 2], "one too many is refused, none is squeezed in"
        assert placed[-1] == 0
        assert placed[0] != placed[1]
        assert (await desks.ask("close", room="room-1"))["closed"]
        assert await place(desks, "room-5") == placed[1], "there is a place again"
        assert (await desks.ask("stats", room="room-1"))["refused"] == "no-such-room"


async def test_a_room_that_grows_is_refused_what_its_process_does_not_carry(
    many: MediaHouse,
) -> None:
    async with asked_by_web(many) as desks:
        room, other = "growing", "beside"
        assert (await desks.open_at(1, room=room, key=_KEY))["opened"]
        assert (await desks.open_at(1, room=other, key=_KEY))["opened"]
        peers = [peer_of(desks, many, room, person) for person in ("ann", "bob")]
        for peer in peers:
            await peer.join()
            await peer.hear("welcome")
        third = peer_of(desks, many, room, "cat")
        assert (await first_words(third))["code"] == "rooms-full"
        phone = peer_of(desks, many, room, "ann", device=Device.COMPANION)
        assert (await first_words(phone))["code"] == "rooms-full"
        peers[0].drop_line()
        await peers[0].join()  # who is there already has her place
        assert (await desks.ask("close", room=other))["closed"]
        assert (await first_words(third))["told"] == "welcome", "alone it may grow"
        told = await desks.open_at(1, room=other, key=_KEY)
        assert told["refused"] == "rooms-full", "three cost more than two rooms of two"
        for peer in [*peers, third, phone]:
            await peer.close()


async def first_words(peer: LightPeer) -> dict[str, Any]:
    before = len(peer.told)
    await peer.join()
    await eventually(lambda: len(peer.told) > before)
    return peer.told[before]


async def test_people_meet_in_either_process_each_at_ports_of_its_own(many: MediaHouse) -> None:
    settings = load_settings(settings_of(many))
    async with asked_by_web(many) as desks:
        for number in (1, 2):
            room = f"at-{number}"
            assert (await desks.open_at(number, room=room, key=_KEY))["opened"]
            async with asked_by_web(many) as restarted:  # it has never heard of the room
                peers = [peer_of(restarted, many, room, person) for person in ("ann", "bob")]
                for peer in peers:
                    await peer.join()
                    await peer.hear("welcome")
                    await peer.publish()
                ann, bob = peers
                await ann.send_until(lambda a=ann, b=bob: b"hm" in b.texts(a.name), text=b"hm")
                assert ann.media_port() in settings.media_ports_of(number)
                assert (await restarted.ask("stats", room=room))["stats"]["room"] == room
                for peer in peers:
                    await peer.close()


def settings_of(many: MediaHouse) -> dict[str, str]:
    prefix = "LIANZHEN_"
    told = many.environment.items()
    return {name.removeprefix(prefix).lower(): text for name, text in told if prefix in name}


async def test_a_process_that_died_loses_its_own_rooms_alone(many: MediaHouse) -> None:
    async with asked_by_web(many) as desks:
        for number in (1, 2):
            assert (await desks.open_at(number, room=f"of-{number}", key=_KEY))["opened"]
        born = [(each or {})["born"] for each in desks.healths()]
        os.kill(born[1], signal.SIGKILL)

        async def is_back() -> bool:
            await desks.watch()
            return (desks.healths()[1] or {}).get("born") not in {None, born[1]}

        await eventually(is_back)
        assert (await desks.ask("stats", room="of-2"))["refused"] == "no-such-room"
        assert (await desks.ask("stats", room="of-1"))["stats"]["room"] == "of-1"
        assert (desks.healths()[0] or {})["born"] == born[0]


async def test_where_no_process_answers_nothing_is_placed(tmp_path: Path) -> None:
    desks = MediaDesks([tmp_path / "media.sock", tmp_path / "med-2.sock"])
    for asked in (
        desks.place("open", room="a", key=_KEY),
        desks.open_at(3, room="a", key=_KEY),
        desks.ask("close", room="a"),
        desks.ask("outbox"),
        desks.join("a", "token"),
    ):
        with pytest.raises(MediaAwayError):
            await asked


async def record_at(desks: MediaDesks, many: MediaHouse, number: int) -> None:
    """Somebody is recorded for a moment in this process."""
    room = f"kept-{number}"
    assert (await desks.open_at(number, room=room, key=_KEY))["opened"]
    peer = peer_of(desks, many, room, "ann")
    await peer.join()
    await peer.hear("welcome")
    await peer.publish()
    wish = {"recording": f"rec-{number}", "key": secrets.token_hex(32)}
    told = await desks.ask("record", room=room, consented=["ann"], **wish)
    assert told["recording"]["state"] == "on", told
    await desks.ask("record-stop", room=room)
    await peer.close()


async def test_each_process_keeps_its_recordings_and_web_has_them_all(many: MediaHouse) -> None:
    async with asked_by_web(many) as desks:
        for number in (1, 2):
            await record_at(desks, many, number)
        taken: dict[str, str] = {}

        async def takes() -> bool:
            told = await desks.ask("outbox")
            for part in told["parts"]:
                taken[part["recording"]] = told["source"]
                done = {"source": told["source"], "sequence": part["sequence"]}
                assert (await desks.ask("acknowledge", **done))["acknowledged"]
            return len(taken) == 2

        await eventually(takes)
        assert set(taken) == {"rec-1", "rec-2"}
        assert len(set(taken.values())) == 2, "an outbox of its own each"
        assert not (await desks.ask("outbox"))["parts"]
        stray = await desks.ask("acknowledge", source="0" * 32, sequence=1)
        assert stray["refused"] == "another-outbox"


def test_the_processes_share_the_ports_and_none_has_anothers(tmp_path: Path) -> None:
    told = {"data_dir": str(tmp_path), "media": True, "media_ports": "42000-42099"}
    settings = load_settings({**told, "media_processes": 3})
    shares = [settings.media_ports_of(number) for number in (1, 2, 3)]
    assert [port for share in shares for port in share] == list(range(42000, 42100))
    assert all(len(share) >= 16 for share in shares)
    specs = [each for each in make_specs(settings, locks=()) if each.name.startswith("media")]
    assert [each.name for each in specs] == ["media-1", "media-2", "media-3"]
    assert [each.argv[-1] for each in specs] == ["media", "2", "3"]
    assert len({settings.media_socket(number) for number in (1, 2, 3)}) == 3
    assert len({settings.media_outbox(number) for number in (1, 2, 3)}) == 3
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings({**told, "media_processes": 7})
    assert [each.code for each in refused.value.problems] == ["media-ports-few"]
