"""No handle is left in a Janus that refuses what we wished by it."""

from pathlib import Path
from typing import Any

import pytest

from server.media.errors import RoomRefusal
from server.media.janus.client import JanusHandle, JanusRefusedError
from server.media.janus.places import JanusPlaces
from server.media.limits import load_media_rules
from tests.makers.house import ROOT

_THERE_ALREADY, _NO_SUCH_ROOM = 427, 426


class Refusing:
    """A Janus that answers each wish of a handle with this error of its own."""

    def __init__(self, error: int) -> None:
        self.error = error
        self.handles: list[int] = []

    async def attach(self) -> JanusHandle:
        """One handle more."""
        self.handles.append(len(self.handles) + 1)
        return JanusHandle(self, self.handles[-1])  # type: ignore[arg-type]

    async def detach(self, handle: JanusHandle) -> None:
        """One fewer."""
        self.handles.remove(handle.number)

    async def ask(self, *_: object, **__: object) -> dict[str, Any]:
        """What the plugin says."""
        return {"plugindata": {"data": {"error_code": self.error}}}


def places_with(error: int) -> tuple[JanusPlaces, Refusing]:
    rules, _ = load_media_rules(ROOT / "config")
    places, client = JanusPlaces(Path("nowhere.sock"), rules), Refusing(error)
    places.client = client  # type: ignore[assignment]
    return places, client


async def test_a_room_that_is_not_made_leaves_no_handle() -> None:
    places, client = places_with(_NO_SUCH_ROOM)
    with pytest.raises(RoomRefusal):
        await places.enter("call")
    assert client.handles == []


async def test_a_room_that_is_not_ended_leaves_no_handle() -> None:
    places, client = places_with(_NO_SUCH_ROOM)
    await places.end("call")
    assert client.handles == []


async def test_whoever_enters_a_room_that_is_there_keeps_the_handle() -> None:
    places, client = places_with(_THERE_ALREADY)
    handle = await places.enter("call")
    assert client.handles == [handle.number]


async def test_a_refusal_of_janus_is_one_of_ours() -> None:
    places, _ = places_with(_NO_SUCH_ROOM)
    handle = await places.client.attach()
    with pytest.raises(JanusRefusedError):
        await handle.ask({"request": "create"})
