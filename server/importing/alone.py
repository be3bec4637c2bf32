"""The house without a door to the network, for an import while no server runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from server import keys
from server.anchors import anchor_head
from server.settings import Settings
from server.supervisor.lone import wait_for
from server.wiring import furnish


@asynccontextmanager
async def furnished(settings: Settings) -> AsyncIterator[web.Application]:
    """Everything that files need on their way in; the caller holds the data folder and a jail."""
    app = web.Application()
    await furnish(app, settings)
    try:
        await wait_for(app[keys.JAIL])
        yield app
        await anchor_head(app)
    finally:
        app[keys.UNITS].close()
        app[keys.PASSWORDS].close()
        app[keys.JAIL].close()
        app[keys.TYPESETTER].close()
