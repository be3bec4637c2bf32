"""What is written of a line's stay while it lasts, and how it ended."""

import asyncio
import contextlib
from typing import Final, Protocol

from aiohttp import web

from consult.kernel.errors import UnavailableError
from consult.rooms import service_stay
from consult.rooms.model import Place, Seen, StayEnd
from server.transactions import as_system

DATABASE_AWAY: Final = (UnavailableError, TimeoutError)
_COMES_AGAIN_S: Final = 5.0  # a page that is cut is back within three seconds or so


class Staying(Protocol):
    """A line, as far as its stay is written: it was seen up to then, and ended so."""

    request: web.Request
    place: Place
    seen: Seen | None
    ended: StayEnd
    is_taken_over: bool


async def note_seen(line: Staying) -> None:
    """That the line is there; nothing where another line goes on with its stay."""
    if line.seen is None:
        return
    app, (stay_id, at) = line.request.app, (line.seen.stay_id, line.seen.at)
    with contextlib.suppress(*DATABASE_AWAY):
        found = await as_system(app, service_stay.mark_seen, stay_id=stay_id, before=at)
        line.seen = found or line.seen


async def note_gone(line: Staying) -> None:
    """That it has ended, and how; whoever comes again in a moment goes on with her stay.

    What cannot be written now is written by the clock (`server/rooms/clocks.py`).
    """
    if line.seen is None or line.is_taken_over:
        return
    if line.ended is StayEnd.LOST:
        await note_seen(line)
        await asyncio.sleep(_COMES_AGAIN_S)
    with contextlib.suppress(*DATABASE_AWAY):
        await as_system(
            line.request.app,
            service_stay.go,
            case_id=line.place.room.case_id,
            stay_id=line.seen.stay_id,
            how=line.ended,
            seen_at=line.seen.at,
        )
