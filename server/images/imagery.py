"""What the doors of images share in one process."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from server.dicomweb.room import Room
from server.images.allowance import Allowance
from server.images.leavings import Leavings
from server.images.pictures import Pictures
from server.images.searches import Searches
from server.images.viewing import Viewings
from server.intake.keystock import KeyStock
from server.intake.spool import Spool, Turns
from server.keys import UNITS
from server.looks.calm import Calm
from server.receiving.grouping import Filings
from server.settings import Settings
from server.threads import in_thread

_RENDERED_AT_ONCE: Final = 4
_INGESTED_AT_ONCE: Final = 4
_LOOKED_AT_ONCE: Final = 2
"""First looks wait for no intake: a whole archive of pictures is one of those."""


@dataclass(slots=True)
class Imagery:
    """Spool and turns of uploads, pictures kept, what to write down, and bounds on work at once."""

    spool: Spool
    stock: KeyStock
    calm: Calm = field(default_factory=Calm)
    filings: Filings = field(default_factory=Filings)
    turns: Turns = field(default_factory=Turns)
    pictures: Pictures = field(default_factory=Pictures)
    viewings: Viewings = field(default_factory=Viewings)
    leavings: Leavings = field(default_factory=Leavings)
    searches: Searches = field(default_factory=Searches)
    room: Room = field(default_factory=Room)
    renders: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_RENDERED_AT_ONCE))
    intakes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_INGESTED_AT_ONCE))
    looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LOOKED_AT_ONCE))
    plain: Allowance = field(default_factory=Allowance)
    resumed: asyncio.Event = field(default_factory=asyncio.Event)
    described: asyncio.Event = field(default_factory=asyncio.Event)
    working: set[str] = field(default_factory=set)
    zones: set[str] = field(default_factory=set)


IMAGERY = web.AppKey("imagery", Imagery)


def furnish_imagery(app: web.Application, settings: Settings) -> None:
    """Give the application what its doors of images use."""
    spool = Spool(settings.data_dir / "spool")
    app[IMAGERY] = Imagery(spool, KeyStock(spool))


async def close_imagery(app: web.Application) -> None:
    """The last act before the doors close."""
    await flush_viewings(app)
    await in_thread(app[IMAGERY].stock.close)


async def flush_viewings(app: web.Application) -> None:
    """Standing job: write down what was looked at."""
    await app[IMAGERY].viewings.flush(app[UNITS])
    await app[IMAGERY].searches.flush(app[UNITS])
    await app[IMAGERY].leavings.flush(app[UNITS])
