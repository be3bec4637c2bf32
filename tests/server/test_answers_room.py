"""Answers that lie in memory have a bound together, and whoever waits is let in by turns."""

import asyncio

import pytest

from server.dicomweb.room import Room
from server.dicomweb.wishes import Levels, Region, Wish

PIECE = 1 << 20


async def test_an_answer_waits_until_there_is_room_for_it() -> None:
    room, order = Room(4 * PIECE, wait_s=60), []

    async def answer(name: str, size: int, until: asyncio.Event) -> None:
        async with room.hold(size * PIECE):
            order.append(name)
            await until.wait()

    first, later = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(answer("large", 3, first))
        group.create_task(answer("second", 2, later))
        group.create_task(answer("small, behind it", 1, later))
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == ["large"]
        first.set()
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == ["large", "second", "small, behind it"]
        later.set()
    async with room.hold(4 * PIECE):
        pass


async def test_whoever_waits_too_long_is_told_so_and_leaves_nothing_behind() -> None:
    room = Room(2 * PIECE, wait_s=0.01)
    async with room.hold(2 * PIECE):
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with room.hold(PIECE):
                    raise AssertionError
    async with room.hold(2 * PIECE) as held:
        held.shrink(PIECE)
        async with room.hold(PIECE):
            pass


async def test_an_answer_longer_than_all_room_has_all_of_it() -> None:
    room = Room(2 * PIECE, wait_s=60)
    async with room.hold(100 * PIECE) as held:
        assert held.size_bytes == 2 * PIECE


def test_the_stored_preview_answers_for_a_small_picture_and_for_no_other_wish() -> None:
    whole = Wish(frame=1, viewport=None, quality=None, window=None)
    assert whole.is_preview_of((512, 512))
    assert not whole.is_preview_of((2048, 1536))
    assert not Wish(frame=2, viewport=None, quality=None, window=None).is_preview_of((512, 512))
    assert not Wish(frame=1, viewport=None, quality=40, window=None).is_preview_of((512, 512))
    assert not Wish(frame=1, viewport=(64, 64), quality=None, window=None).is_preview_of((512, 512))
    assert not whole.is_preview_of((0, 0))
    part = Wish(1, (1024, 1024), None, None, Region(0, 0, 64, 64))
    assert not part.is_preview_of((2048, 1536))
    assert not part.is_whole((512, 512))
    assert Wish(frame=1, viewport=(4096, 4096), quality=None, window=None).is_whole((2048, 1536))
    assert not Wish(1, None, None, Levels(40, 400)).is_whole((2048, 1536))
