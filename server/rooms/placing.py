"""Rooms in the media processes: opened with the key of their record, closed, people put out."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiohttp import web

from consult.kernel.errors import ConflictError, UnavailableError
from consult.rooms import service_stay
from consult.rooms.model import Place
from server.keys import MEDIA
from server.media.asking import MediaAwayError
from server.rooms.desks import MediaDesks
from server.transactions import as_system

log = structlog.get_logger()
_REFUSALS: Final[Mapping[str, str]] = {
    "rooms-full": "rooms-full",
    "engine-broken": "rooms-broken",
}
_ELSEWHERE: Final = frozenset(_REFUSALS)
"""Why another process may take a room that its own does not."""
_COMES_AGAIN_S: Final = 2.5  # a page gives a try up after three
_ASKED_EVERY_S: Final = 0.1


class RoomsOffError(ConflictError):
    """Video is not turned on in the settings."""

    def __init__(self) -> None:
        super().__init__("rooms-off")


class RoomRefusedError(ConflictError):
    """No media process takes a further room."""


class RoomsAwayError(UnavailableError):
    """No media process answers."""

    def __init__(self) -> None:
        super().__init__("rooms-away")


def desk_of(app: web.Application) -> MediaDesks:
    """Where the media processes are asked; raises RoomsOffError."""
    if MEDIA not in app:
        raise RoomsOffError
    return app[MEDIA]


async def place_room(app: web.Application, room_id: str, key: bytes, *, apart_from: int = 0) -> int:
    """Have the room open in the media process that has the most to spare; the process's number.

    Raises RoomsOffError, RoomsAwayError, RoomRefusedError.
    """
    desk = desk_of(app)
    try:
        number, told = await desk.place("open", room=room_id, key=key.hex(), apart_from=apart_from)
    except MediaAwayError:
        raise RoomsAwayError from None
    _check(room_id, told)
    return number


async def reopen(app: web.Application, place: Place) -> int:
    """Have a room open that is on record: where its record says, or else in another process.

    Media processes that have died are waited for: they are there again in a second or so. The
    process's number; raises as `place_room`.
    """
    until_s = time.monotonic() + _COMES_AGAIN_S
    while True:
        try:
            return await _open_again(app, place)
        except RoomsAwayError:
            if time.monotonic() > until_s:
                raise
        await asyncio.sleep(_ASKED_EVERY_S)


async def _open_again(app: web.Application, place: Place) -> int:
    room, desk = place.room, desk_of(app)
    told: Mapping[str, Any] | None = None
    with contextlib.suppress(MediaAwayError):
        told = await desk.open_at(room.process, room=room.id, key=place.key.hex())
    if told is None or told.get("refused") in _ELSEWHERE:
        try:
            return await _move(app, place)
        except RoomsAwayError:
            if told is None:
                raise
    _check(room.id, told or {})
    return room.process


async def _move(app: web.Application, place: Place) -> int:
    """Place it anew and write where; where somebody was first, it is where that one says."""
    room, desk = place.room, desk_of(app)
    found = await place_room(app, room.id, place.key, apart_from=room.process)
    holds = await as_system(
        app, service_stay.move, room_id=room.id, before=room.process, process=found
    )
    if holds != found:
        with contextlib.suppress(MediaAwayError):
            await desk.close_at(found, room.id)
        try:
            _check(room.id, await desk.open_at(holds, room=room.id, key=place.key.hex()))
        except MediaAwayError:
            raise RoomsAwayError from None
        return holds
    log.warning("room moved", object_id=room.id, count=found)
    return found


def _check(room_id: str, told: Mapping[str, Any]) -> None:
    refused = told.get("refused")
    if refused is not None:
        log.warning("room not opened", object_id=room_id, code=str(refused))
        raise RoomRefusedError(_REFUSALS.get(str(refused), "rooms-broken"))


async def close_room(app: web.Application, room_id: str) -> None:
    """End it in the media process; where that is away, the room is gone with it."""
    with contextlib.suppress(RoomsOffError, RoomsAwayError):
        await _ask(app, "close", room=room_id)


async def put_out(app: web.Application, room_id: str, person_id: str) -> None:
    """Have a person out of the room, with every device."""
    with contextlib.suppress(RoomsOffError, RoomsAwayError):
        await _ask(app, "remove", room=room_id, person=person_id)


async def _ask(app: web.Application, wish: str, **facts: object) -> Mapping[str, Any]:
    desk = desk_of(app)
    try:
        return await desk.ask(wish, **facts)
    except MediaAwayError:
        raise RoomsAwayError from None


async def ask_media(app: web.Application, wish: str, **facts: object) -> Mapping[str, Any]:
    """Any wish about a room's recording, and its answer; raises RoomsOffError, RoomsAwayError."""
    return await _ask(app, wish, **facts)
