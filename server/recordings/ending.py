"""Recordings whose period is over are told of, and deleted by rule, hour by hour."""

from typing import Final

from aiohttp import web

from consult.rooms.recordings import deletion
from server.keys import RULES
from server.transactions import as_system, as_system_read

END_EVERY_S: Final = 3600.0


async def end_kept(app: web.Application) -> None:
    """Standing: each recording that is old enough, in a unit of its own (VID-07)."""
    rule, after = app[RULES].retention.recordings, ""
    if not rule.is_deleted:
        return
    while found := await as_system_read(app, deletion.list_old, rule=rule, after=after):
        for after in found:
            await as_system(app, deletion.end_kept, recording_id=after, rule=rule)
