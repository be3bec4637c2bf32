"""Where a request stores, and what becomes of bytes that no row names at its end."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from consult.blobs.store import BlobRef, Saving
from consult.kernel.ids import InstitutionId
from consult.kernel.work import SYSTEM
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies import service as studies
from server.images.imagery import IMAGERY
from server.images.imagestore import read_memory
from server.keys import BLOBS, UNITS, VAULT
from server.threads import in_thread
from server.transactions import as_system, recall_as, utc_now


@dataclass(slots=True)
class Place:
    """The institution that receives, and the keys of new bytes that no row names yet."""

    institution_id: InstitutionId
    zone: str
    wrapped_key: bytes
    doubtful: set[str] = field(default_factory=set)
    settled: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    """Blobs whose bytes are durable, and whose names are not yet."""

    def name(self, keys: Collection[str]) -> None:
        """Rows name these by now, or a job that removes them does."""
        self.doubtful.difference_update(keys)
        self.settled.extend(keys)


async def find_place(app: web.Application, institution_id: InstitutionId) -> Place:
    """Where files of this institution go; its zone is read from the system's tables once."""
    institution = await recall_as(app[UNITS], SYSTEM, organisations.get_institution, institution_id)
    zones = app[IMAGERY].zones
    if institution.zone not in zones:
        await in_thread(institution.local_day, utc_now())
        zones.add(institution.zone)
    return place_at(institution)


def place_at(institution: Institution) -> Place:
    """A place for one request at an institution whose zone was read already."""
    return Place(institution.id, institution.zone, institution.wrapped_key)


@asynccontextmanager
async def receiving(app: web.Application, place: Place) -> AsyncIterator[Place]:
    """A request stores; what may wait is not done meanwhile."""
    app[IMAGERY].calm.begin()
    try:
        async with settling(app, place):
            yield place
    finally:
        app[IMAGERY].calm.end()


@asynccontextmanager
async def settling(app: web.Application, place: Place) -> AsyncIterator[Place]:
    """Bytes that no row names are gone at the end."""
    try:
        yield place
    finally:
        await _settle(app, place)


async def _settle(app: web.Application, place: Place) -> None:
    if place.doubtful:
        # behind every unit that might name one: units run one after the other
        for key in sorted(await as_system(app, studies.unnamed_keys, sorted(place.doubtful))):
            await in_thread(app[BLOBS].delete, key)
    done = app[IMAGERY].stock.settle([*place.settled, *place.doubtful])
    if done:
        await in_thread(app[IMAGERY].stock.forget, done)


def begin_saving(app: web.Application, place: Place) -> Saving:
    """Begin to store bytes under a key that is doubtful until a row names it."""
    key = app[IMAGERY].stock.take(place.institution_id)
    place.doubtful.add(key)
    return Saving(app[BLOBS], app[VAULT], key=key, institution_key=place.wrapped_key)


def settle_names(app: web.Application, place: Place) -> None:
    """Have the names of all its blobs durable; blocks."""
    unnamed, place.unnamed = place.unnamed, []
    if unnamed:
        app[BLOBS].settle(unnamed)


def save_picture(app: web.Application, place: Place, descriptor: int) -> BlobRef:
    """Store a small picture."""
    saving = begin_saving(app, place)
    try:
        saving.add(read_memory(descriptor))
        return saving.finish()
    finally:
        saving.drop()
