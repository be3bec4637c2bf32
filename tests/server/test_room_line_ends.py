"""A browser that goes while it is brought into a room leaves no line to the media behind."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from server.rooms import lines


class Inner:
    """A line to the media process that says this, or nothing."""

    def __init__(self, *told: dict[str, Any]) -> None:
        self.told = list(told)
        self.has_ended = False

    async def receive(self) -> dict[str, Any]:
        """What it says next."""
        if not self.told:
            await asyncio.Event().wait()
        return self.told.pop(0)

    def end(self) -> None:
        """Hang up."""
        self.has_ended = True


class Gone:
    """A browser's WebSocket whose other side is not there any more."""

    async def send_json(self, _told: object) -> None:
        """Nobody hears it."""
        raise ConnectionResetError


def line_to(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> Any:
    async def join(_room: str, _token: str) -> Inner:
        return inner

    monkeypatch.setattr(lines, "desk_of", lambda _app: SimpleNamespace(join=join))
    monkeypatch.setattr(lines, "_seal", lambda _line: "")
    place = SimpleNamespace(room=SimpleNamespace(id="call"))
    return SimpleNamespace(request=SimpleNamespace(app={}), place=place, outer=Gone())


async def test_a_request_that_is_cut_before_the_welcome_ends_its_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inner = Inner()
    coming = asyncio.ensure_future(lines.serve_line(line_to(inner, monkeypatch)))
    for _ in range(5):
        await asyncio.sleep(0)
    coming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await coming
    assert inner.has_ended


async def test_a_browser_that_has_gone_before_the_welcome_ends_its_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inner = Inner({"told": "welcome"})
    with pytest.raises(ConnectionResetError):
        await lines.serve_line(line_to(inner, monkeypatch))
    assert inner.has_ended
