"""From one received DICOM file to a filed instance without a case: for STOW-RS and the network.

Its bytes are encrypted as they come and durable before the unit that files them. An ordinary object
is filed by what its head says, and its picture is looked at behind the answer (decision 0165);
into every other one the jail looks before anybody is answered.
"""

import os
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiohttp import web

from consult.blobs.store import BlobRef, Saving
from consult.kernel.ids import InstitutionId
from consult.kernel.work import SYSTEM, Actor, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies import receipt
from consult.studies import service as studies
from consult.studies.errors import InstanceRacedError
from consult.studies.index.model import LONGEST_METADATA, Indexed
from consult.studies.model import NOT_LOOKED_AT, Ingested, Part, Received
from consult.studies.quotas.errors import QuotaFullError
from imaging.fragments import Fragments
from imaging.glance import Glance, glance
from imaging.walk import HEAD_BYTES
from server.imagery import IMAGERY
from server.imagestore import plain_file, read_memory
from server.intake_file import captured_of, describe_dicom, uids_of
from server.keys import BLOBS, JAIL, UNITS, VAULT
from server.picture_check import check_of
from server.spool import memory_files
from server.threads import in_thread
from server.transactions import as_system, read_as, write_as

_RACES: Final = 5
_AT_ONCE: Final = 50
_BATCH_BYTES: Final = 1 << 20
_NOBODY_KNOWS: Final = 1 << 62
"""The size of an object that is still coming."""


@dataclass(slots=True)
class Place:
    """The institution that receives, and the keys of new bytes that no row names yet."""

    institution_id: InstitutionId
    zone: str
    wrapped_key: bytes
    doubtful: set[str] = field(default_factory=set)
    settled: list[str] = field(default_factory=list)

    def name(self, keys: Collection[str]) -> None:
        """Rows name these by now, or a job that removes them does."""
        self.doubtful.difference_update(keys)
        self.settled.extend(keys)


async def find_place(app: web.Application, institution_id: InstitutionId) -> Place:
    """Where files of this institution go."""
    return await read_as(app[UNITS], SYSTEM, _place_of, institution_id)


def _place_of(work: Work, institution_id: InstitutionId) -> Place:
    """Its zone is read from the system's tables here, where that may take its time."""
    institution = organisations.get_institution(work, institution_id)
    institution.local_day(work.now)
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


class Taking:
    """One file on its way in; whoever begins one ends it by `finish` or `drop`."""

    def __init__(self, app: web.Application, place: Place) -> None:
        self._app, self._place = app, place
        self._pending = bytearray()
        self._saving: Saving | None = None
        self._glance: Glance | None = None
        self._fragments: Fragments | None = None
        self.head = b""
        self.size_bytes = 0
        self.received_bytes = 0

    async def add(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._pending += piece
        self.received_bytes += len(piece)
        if len(self._pending) >= _BATCH_BYTES:
            batch, self._pending = self._pending, bytearray()
            await in_thread(self._pass_on, batch)

    async def finish(self) -> Received:
        """What it is, with its bytes stored.

        Raises JailRefusedError when it is not taken, and every other JailError.
        """
        return await self._judge(await in_thread(self._finish))

    async def take_file(self, open_file: Callable[[], int]) -> Received:
        """The same for a whole file that lies somewhere; raises what opening it does."""
        return await self._judge(await in_thread(self._take_file, open_file))

    async def drop(self) -> None:
        """Forget it; after `finish` nothing happens."""
        if self._saving is not None:
            await in_thread(self._saving.drop)

    def _take_file(self, open_file: Callable[[], int]) -> BlobRef:
        descriptor = open_file()
        try:
            while batch := os.pread(descriptor, _BATCH_BYTES, self.size_bytes):
                self._pass_on(batch)
        finally:
            os.close(descriptor)
        return self._finish()

    async def _judge(self, blob: BlobRef) -> Received:
        if self._is_ordinary():
            return self._by_its_head(blob)
        async with self._app[IMAGERY].intakes, plain_file(self._app, blob) as descriptor:
            return await look_into(self._app, self._place, descriptor, blob)

    def _pass_on(self, batch: bytes | bytearray) -> None:
        if self._saving is None:
            self._saving = _begin(self._app, self._place)
        if not self.head:
            self._look_at_head(bytes(batch[:HEAD_BYTES]))
        if self._fragments is not None:
            self._fragments.pass_by(memoryview(batch), self.size_bytes)
        self._saving.add(batch)
        self.size_bytes += len(batch)

    def _look_at_head(self, head: bytes) -> None:
        self.head, self._glance = head, glance(head, total_bytes=_NOBODY_KNOWS)
        if self._glance is not None and self._glance.has_fragments:
            self._fragments = Fragments(self._glance.pixels.value_at)

    def _finish(self) -> BlobRef:
        batch, self._pending = self._pending, bytearray()
        if batch or self._saving is None:
            self._pass_on(batch)
        if self._saving is None:
            raise LookupError("nothing was begun")
        try:
            return self._saving.finish()
        finally:
            self._saving.drop()

    def _is_ordinary(self) -> bool:
        if self._glance is None:
            return False
        if self._fragments is not None:
            return self._fragments.end_at(self.size_bytes)
        return self._glance.end_bytes == self.size_bytes

    def _by_its_head(self, blob: BlobRef) -> Received:
        if self._glance is None:
            raise LookupError("the head says nothing")
        facts = self._glance.facts
        captured = captured_of(facts, zone=self._place.zone)
        return Received(
            uids=uids_of(facts),
            source_sha256=blob.sha256,
            description=describe_dicom(facts, captured, NOT_LOOKED_AT),
            blobs={Part.ORIGINAL: blob},
            indexed=Indexed(self._glance.index),
        )


async def look_into(app: web.Application, place: Place, descriptor: int, blob: BlobRef) -> Received:
    """What the jail says of a stored object; its pictures are stored as well.

    Raises JailRefusedError when it is not taken, and every other JailError.
    """
    with memory_files(3) as outputs:
        told = await app[JAIL].run("receive", {}, inputs=[descriptor], outputs=outputs)
        facts: dict[str, Any] = told["facts"]
        packed = await in_thread(read_memory, outputs[2])
        blobs = {Part.ORIGINAL: blob}
        if told["verdict"] == "accepted":
            blobs[Part.PREVIEW] = await in_thread(_save, app, place, outputs[0])
            blobs[Part.THUMBNAIL] = await in_thread(_save, app, place, outputs[1])
    described = describe_dicom(facts, captured_of(facts, zone=place.zone), told["reason"])
    return Received(
        uids=uids_of(facts),
        source_sha256=blob.sha256,
        description=replace(described, quality=check_of(app, facts)),
        blobs=blobs,
        indexed=Indexed(told["index"], packed if len(packed) <= LONGEST_METADATA else None),
    )


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
    for start in range(0, len(received), _AT_ONCE):
        some = received[start : start + _AT_ONCE]
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
    for start in range(0, len(received), _AT_ONCE):
        some = received[start : start + _AT_ONCE]
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
    for attempt in range(_RACES):
        try:
            return await write_as(
                app[UNITS],
                actor,
                receipt.receive_all,
                some,
                institution_id=place.institution_id,
                way=came[0],
                source=came[1],
            )
        except InstanceRacedError:
            if attempt == _RACES - 1:
                raise
    raise LookupError("never tried")


def _begin(app: web.Application, place: Place) -> Saving:
    key = app[IMAGERY].stock.take(place.institution_id)
    place.doubtful.add(key)
    return Saving(app[BLOBS], app[VAULT], key=key, institution_key=place.wrapped_key)


def _save(app: web.Application, place: Place, descriptor: int) -> BlobRef:
    """Store a small picture."""
    saving = _begin(app, place)
    try:
        saving.add(read_memory(descriptor))
        return saving.finish()
    finally:
        saving.drop()
