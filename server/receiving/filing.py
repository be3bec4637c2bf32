"""Rows for what was taken: in few units, and where there is room."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from consult.kernel.work import Actor
from consult.studies.errors import InstanceRacedError
from consult.studies.model import Ingested, Received
from consult.studies.quotas.errors import QuotaFullError
from server.images.imagery import IMAGERY
from server.keys import UNITS
from server.receiving.grouping import MOST_AT_ONCE, Sender
from server.receiving.place import Place, settle_names
from server.threads import in_thread

_RACES: Final = 5


async def file_all(
    app: web.Application,
    actor: Actor,
    place: Place,
    received: Sequence[Received],
    *,
    way: str,
    source: str,
) -> list[Ingested]:
    """File them in few units, in their order; the answer comes after the COMMIT.

    Raises QuotaFullError: of the last fifty none was filed.
    """
    found: list[Ingested] = []
    for start in range(0, len(received), MOST_AT_ONCE):
        some = received[start : start + MOST_AT_ONCE]
        if place.unnamed:
            await in_thread(settle_names, app, place)
        found += await _file_some(app, actor, place, some, (way, source))
        place.name([blob.key for each in some for blob in each.blobs.values()])
        app[IMAGERY].calm.note_new()
    return found


async def file_each(
    app: web.Application,
    actor: Actor,
    place: Place,
    received: Sequence[Received],
    *,
    way: str,
    source: str,
) -> list[Ingested | None]:
    """The same; None for one that the institution has no room for, while others are filed."""
    found: list[Ingested | None] = []
    for start in range(0, len(received), MOST_AT_ONCE):
        some = received[start : start + MOST_AT_ONCE]
        try:
            found += await file_all(app, actor, place, some, way=way, source=source)
        except QuotaFullError:
            found += [await _file_one(app, actor, place, each, (way, source)) for each in some]
    return found


async def _file_one(
    app: web.Application, actor: Actor, place: Place, received: Received, came: tuple[str, str]
) -> Ingested | None:
    way, source = came
    try:
        return (await file_all(app, actor, place, [received], way=way, source=source))[0]
    except QuotaFullError:
        return None


async def _file_some(
    app: web.Application,
    actor: Actor,
    place: Place,
    some: Sequence[Received],
    came: tuple[str, str],
) -> list[Ingested]:
    sender = Sender(actor, place.institution_id, *came)
    for attempt in range(_RACES):
        try:
            return await app[IMAGERY].filings.file(app[UNITS], sender, some)
        except InstanceRacedError:
            if attempt == _RACES - 1:
                raise
    raise LookupError("never tried")
