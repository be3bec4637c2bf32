"""A media process that hangs holds up no recording of a room that another one carries."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from server.keys import MEDIA, RECORDINGS
from server.recordings import settling
from server.recordings.locks import RoomLocks

_SOON_S = 5.0


@dataclass(frozen=True)
class Web:
    """A web process whose two recordings are to be settled, of which one has been."""

    app: web.Application
    is_settled: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> Web:
    """The media process of the room "hung" never answers."""
    made = Web(web.Application())
    made.app[RECORDINGS] = RoomLocks()
    made.app[MEDIA] = object()  # type: ignore[misc]

    async def read(_app: web.Application, step: Callable[..., object], **facts: str) -> Any:
        is_list = step is settling.recordings.list_live_rooms
        return ["hung", "well"] if is_list else facts["room_id"]

    async def do(_app: web.Application, room_id: str) -> bool:
        if room_id == "hung":
            await asyncio.Event().wait()
        made.is_settled.set()
        return True

    monkeypatch.setattr(settling, "as_system_read", read)
    monkeypatch.setattr(settling, "_step", do)
    return made


async def test_a_pause_for_privacy_waits_for_no_other_room(house: Web) -> None:
    hung = asyncio.ensure_future(settling.settle(house.app, "hung"))
    await asyncio.sleep(0)
    async with asyncio.timeout(_SOON_S):
        await settling.settle(house.app, "well")
    assert house.is_settled.is_set()
    assert not hung.done()
    hung.cancel()
    await asyncio.gather(hung, return_exceptions=True)


async def test_all_recordings_are_settled_beside_one_that_hangs(house: Web) -> None:
    everything = asyncio.ensure_future(settling.settle_all(house.app))
    async with asyncio.timeout(_SOON_S):
        await house.is_settled.wait()
    assert not everything.done()
    everything.cancel()
    await asyncio.gather(everything, return_exceptions=True)


async def test_one_rooms_recording_is_settled_by_one_at_a_time() -> None:
    locks = RoomLocks()
    lock = locks.of("call")
    async with lock:
        assert locks.of("call") is lock
        assert locks.of("call").locked()
        assert not locks.of("other").locked()
