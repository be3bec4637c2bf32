"""Rooms for testing a line: few at once, none for ever, and none in the way of a consultation."""

import asyncio
import secrets
from typing import Any

import pytest

from server.media.asking import MediaAwayError
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server


async def try_one(media: MediaHouse, *, most: object = 3, life_s: object = 60) -> tuple[str, Any]:
    """A test room, as web asks for it, and the answer."""
    room = f"try-{secrets.token_hex(6)}"
    key = secrets.token_bytes(32).hex()
    return room, await media.desk.ask("try", room=room, key=key, most=most, life_s=life_s)


async def test_there_are_few_at_once_and_a_closed_one_makes_place(media_slow: MediaHouse) -> None:
    opened = [await try_one(media_slow) for _ in range(3)]
    assert [answer.get("opened") for _, answer in opened] == [True] * 3
    assert (await try_one(media_slow))[1]["refused"] == "tries-full"
    consultation = await media_slow.open_room()  # is no test
    for room, _ in opened:
        assert (await media_slow.desk.ask("close", room=room))["closed"]
    room, answer = await try_one(media_slow)
    assert answer["opened"]
    for each in (room, consultation):
        await media_slow.desk.ask("close", room=each)


async def test_one_that_web_forgot_ends_by_itself(media_slow: MediaHouse) -> None:
    room, answer = await try_one(media_slow, life_s=1)
    assert answer["opened"]

    async def is_gone() -> bool:
        told = await media_slow.desk.ask("stats", room=room)
        return told.get("refused") == "no-such-room"

    await eventually(is_gone)
    another, answer = await try_one(media_slow, most=1)
    assert answer["opened"]
    await media_slow.desk.ask("close", room=another)


@pytest.mark.parametrize("told", [{"life_s": 0}, {"life_s": 601}, {"life_s": "1"}, {"most": None}])
async def test_bounds_that_are_none_open_nothing(media_slow: MediaHouse, told: Any) -> None:
    assert (await try_one(media_slow, **told))[1]["refused"] == "room-malformed"


async def test_a_wish_that_was_given_up_does_not_spoil_the_next(media_slow: MediaHouse) -> None:
    """Its answer came late, was taken for the next one's, and the process seemed to be away."""
    for _ in range(5):
        asked = asyncio.get_running_loop().create_task(media_slow.desk.ask("health"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises((asyncio.CancelledError, MediaAwayError)):
            await asked
        assert (await media_slow.desk.ask("health"))["way"] == "c1"
