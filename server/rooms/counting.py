"""The media processes' own counters of each line, asked now and then and added to the record."""

from typing import Final

from aiohttp import web

from consult.rooms import counting, service_stay
from server.keys import LINE_COUNTS, MEDIA
from server.media.asking import MediaAwayError
from server.rooms.line_counts import read_counted
from server.transactions import as_system, as_system_read

COUNTED_EVERY_S: Final = 15.0


async def count_lines(app: web.Application) -> None:
    """Ask what every open room counted, and add it to the record."""
    if MEDIA not in app:
        return
    counts = app[LINE_COUNTS]
    open_ids = await as_system_read(app, service_stay.list_open_ids)
    counts.forget_all_but(open_ids)
    for room_id in open_ids:
        try:
            told = await app[MEDIA].ask("stats", room=room_id)
        except MediaAwayError:
            continue
        participants = told.get("stats", {}).get("participants", ())
        is_known = room_id in counts.rooms
        found = {each["participant"]: read_counted(each) for each in participants}
        news = counts.news_of(room_id, found)
        if news:
            await as_system(
                app, counting.add_counted, room_id=room_id, counted=news, is_known=is_known
            )
