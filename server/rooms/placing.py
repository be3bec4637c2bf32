"""Rooms in the media process: opened with the key of their record, closed, people put out."""

import contextlib
from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiohttp import web

from consult.kernel.errors import ConflictError, UnavailableError
from consult.rooms.model import Place
from server.keys import MEDIA
from server.media.asking import MediaAwayError, MediaDesk

log = structlog.get_logger()
_REFUSALS: Final[Mapping[str, str]] = {
    "rooms-full": "rooms-full",
    "engine-broken": "rooms-broken",
}


class RoomsOffError(ConflictError):
    """Video is not turned on in the settings."""

    def __init__(self) -> None:
        super().__init__("rooms-off")


class RoomRefusedError(ConflictError):
    """The media process takes no further room."""


class RoomsAwayError(UnavailableError):
    """The media process does not answer."""

    def __init__(self) -> None:
        super().__init__("rooms-away")


def desk_of(app: web.Application) -> MediaDesk:
    """Where the media process is asked; raises RoomsOffError."""
    if MEDIA not in app:
        raise RoomsOffError
    return app[MEDIA]


async def place_room(app: web.Application, room_id: str, key: bytes) -> None:
    """Have the room open in the media process, anew where that was started again.

    Raises RoomsOffError, RoomsAwayError, RoomRefusedError.
    """
    told = await _ask(app, "open", room=room_id, key=key.hex())
    refused = told.get("refused")
    if refused is not None:
        log.warning("room not opened", object_id=room_id, code=str(refused))
        raise RoomRefusedError(_REFUSALS.get(str(refused), "rooms-broken"))


async def reopen(app: web.Application, place: Place) -> None:
    """The same for a room that is on record; raises the same."""
    await place_room(app, place.room.id, place.key)


async def close_room(app: web.Application, room_id: str) -> None:
    """End it in the media process; where that is away, the room is gone with it."""
    with contextlib.suppress(RoomsOffError, RoomsAwayError):
        await _ask(app, "close", room=room_id)


async def put_out(app: web.Application, room_id: str, person_id: str) -> None:
    """Have a person out of the room, with every device."""
    with contextlib.suppress(RoomsOffError, RoomsAwayError):
        await _ask(app, "remove", room=room_id, person=person_id)


async def _ask(app: web.Application, wish: str, **facts: object) -> Mapping[str, Any]:
    """Ask twice: the first question after the process was started again finds the old line."""
    desk = desk_of(app)
    with contextlib.suppress(MediaAwayError):
        return await desk.ask(wish, **facts)
    try:
        return await desk.ask(wish, **facts)
    except MediaAwayError:
        raise RoomsAwayError from None


async def ask_media(app: web.Application, wish: str, **facts: object) -> Mapping[str, Any]:
    """Any wish about a room's recording, and its answer; raises RoomsOffError, RoomsAwayError."""
    return await _ask(app, wish, **facts)
