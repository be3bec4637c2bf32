"""Whoever is put out is gone at once, also where her browser does not help to end its lines."""

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from server.media.limits import load_media_rules
from server.media.room import Room
from server.media.tokens import Claims, Device, Sight, seal_token
from tests.makers.house import ROOT

_KEY = bytes(32)
_AT_ONCE_S = 2.0


class Hung:
    """A connection whose end is waited for in vain until the test lets it go."""

    def __init__(self) -> None:
        self.is_closing = asyncio.Event()
        self.may_go = asyncio.Event()

    async def close(self) -> None:
        """End it, some time."""
        self.is_closing.set()
        await self.may_go.wait()


@pytest.fixture
async def hung() -> AsyncIterator[Hung]:
    made = Hung()
    yield made
    made.may_go.set()


def room_with(hung: Hung) -> Room:
    """Ann is in it; what she sends comes by that connection."""
    rules, _ = load_media_rules(ROOT / "config")
    settled: Any = SimpleNamespace(rules=rules, engine=None, recording=None)
    room = Room("call", _KEY, settled)
    room.join(token_of("ann"), time.time()).publishing = hung  # type: ignore[assignment]
    return room


def token_of(person: str) -> str:
    now_s = int(time.time())
    claims = Claims(
        room="call",
        person=person,
        role="host",
        device=Device.FIRST,
        issued_s=now_s,
        expires_s=now_s + 60,
        sight=Sight.NONE,
    )
    return seal_token(claims, _KEY)


async def test_who_is_put_out_is_gone_while_her_browser_hangs(hung: Hung) -> None:
    room = room_with(hung)
    assert room.remove("ann", time.time()) == 1
    assert room.participants == {}
    async with asyncio.timeout(_AT_ONCE_S):
        await hung.is_closing.wait()


async def test_a_call_ends_for_everybody_while_one_browser_hangs(hung: Hung) -> None:
    room = room_with(hung)
    room.join(token_of("bob"), time.time())
    async with asyncio.timeout(_AT_ONCE_S):
        await room.close()
    assert room.participants == {}


async def test_the_end_of_the_process_waits_until_peers_were_told(hung: Hung) -> None:
    room = room_with(hung)
    await room.close()
    waiting = asyncio.ensure_future(room.finish())
    await hung.is_closing.wait()
    assert not waiting.done()
    hung.may_go.set()
    async with asyncio.timeout(_AT_ONCE_S):
        await waiting
