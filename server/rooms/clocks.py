"""What the clocks do with rooms: the next is rung, lost stays end, rooms are over."""

from typing import Final

from aiohttp import web

from consult.rooms import hosts, service_stay
from consult.rooms.ringing import service as ringing
from consult.rooms.turns import service as turns
from server.keys import MEDIA, RULES
from server.rooms.placing import close_room
from server.transactions import as_system

ROOMS_EVERY_S: Final = 3.0


async def end_rooms(app: web.Application) -> None:
    """End what has ended by itself, in the record first and then in the media process."""
    if MEDIA not in app:
        return
    limits = app[RULES].rooms.limits
    await as_system(app, ringing.advance, rules=app[RULES].ringing)
    await as_system(app, service_stay.end_lost, limits=limits)
    await as_system(app, hosts.change_hosts, limits=limits)
    await as_system(app, turns.end_absent, limits=limits)
    for room_id in await as_system(app, service_stay.end_over, limits=limits):
        await close_room(app, room_id)
