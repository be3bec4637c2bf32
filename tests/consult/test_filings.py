"""Objects that one sender brings at once share a unit, and each request has its own answer."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar, cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.db.base import Base
from consult.db.unit import Units
from consult.people.machines.tables import MachineRow
from consult.people.organisations.tables import InstitutionRow
from consult.studies.index.model import Indexed
from consult.studies.model import Ingested, Origin, Received, Verdict
from consult.studies.peers.tables import PeerRow
from consult.studies.quotas import service as quotas
from consult.studies.quotas.errors import QuotaFullError
from consult.studies.tables import InstanceRow
from server.receiving.grouping import MOST_AT_ONCE, Filings, Sender
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival

T = TypeVar("T")
_LASTING = {table.__tablename__ for table in (InstitutionRow, MachineRow, PeerRow)}


def object_of(world: Consortium, number: int, data: bytes = b"one") -> Received:
    """A new object of one study."""
    arrival = make_arrival(world, data=data, uid=f"1.2.{number}", origin=Origin.DICOM)
    told = Indexed({"00080020": {"vr": "DA", "Value": ["20260105"]}})
    return Received(
        arrival.received.uids,
        arrival.received.source_sha256,
        arrival.received.description,
        arrival.received.blobs,
        indexed=told,
    )


def sender_of(world: Consortium, source: str = "CAMERA") -> Sender:
    """A device of the centre."""
    return Sender(world.photographer, world.centre_id, "dimse", source)


def count(session: Session) -> int:
    """How many instances there are."""
    return session.scalar(select(func.count()).select_from(InstanceRow)) or 0


@contextlib.contextmanager
def busy(units: Units) -> Iterator[None]:
    """Nothing is written while inside, so that all who ask meanwhile wait together."""
    over = threading.Event()
    first = units.write(lambda _session: over.wait(60))
    try:
        yield
    finally:
        over.set()
        first.result(60)


async def file_each(
    filings: Filings, world: Consortium, objects: Sequence[Received], *, sender: Sender
) -> list[list[Ingested] | BaseException]:
    """Each object by a request of its own, all at once."""
    units = world.clinic.units
    asked = [filings.file(units, sender, [each]) for each in objects]
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_each_request_is_answered_for_its_own_objects(world: Consortium) -> None:
    objects = [object_of(world, number) for number in range(MOST_AT_ONCE + 10)]
    filed = await file_each(Filings(), world, objects, sender=sender_of(world))
    for each, answer in zip(objects, filed, strict=True):
        assert isinstance(answer, list)
        assert [one.instance.uids for one in answer] == [each.uids]
        assert answer[0].verdict is Verdict.STORED
    lines = [line for line in world.clinic.lines() if line.kind == "image.stored"]
    assert [line.object_id for line in lines] == [
        one.instance.id for answer in filed if isinstance(answer, list) for one in answer
    ]
    assert {line.codes["source"] for line in lines} == {"CAMERA"}


class Counted:
    """Units that know how many were asked to write."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self.count = 0

    def write(self, unit: Callable[[Session], T], *, only_files: bool) -> "Future[T]":
        """Pass it on."""
        self.count += 1
        return self._units.write(unit, only_files=only_files)


async def test_requests_of_one_sender_share_units_and_those_of_two_do_not(
    world: Consortium,
) -> None:
    counted, filings = Counted(world.clinic.units), Filings()
    units, objects = cast("Units", counted), [object_of(world, number) for number in range(9)]
    one, two = sender_of(world, "ONE"), sender_of(world, "TWO")
    await asyncio.gather(*(filings.file(units, one, [each]) for each in objects[:5]))
    assert counted.count == 2  # the first alone, then who came meanwhile
    asked = [filings.file(units, sender, [objects[at]]) for at, sender in ((5, one), (6, two))]
    await asyncio.gather(*asked)
    assert counted.count == 4


async def test_what_fails_together_is_tried_one_by_one(world: Consortium) -> None:
    _bound(world, most_instances=4)
    objects = [object_of(world, number) for number in range(7)]
    filed = await file_each(Filings(), world, objects, sender=sender_of(world))
    assert sum(isinstance(each, QuotaFullError) for each in filed) == 3
    assert sum(isinstance(each, list) for each in filed) == 4
    assert world.clinic.units.read(count).result(60) == 4


async def test_the_same_object_twice_at_once_is_stored_once(world: Consortium) -> None:
    objects = [object_of(world, 7), object_of(world, 7), object_of(world, 7, b"other")]
    filed = await file_each(Filings(), world, objects, sender=sender_of(world))
    verdicts = [each[0].verdict for each in filed if isinstance(each, list)]
    assert verdicts == [Verdict.STORED, Verdict.KNOWN, Verdict.CONFLICT]


async def test_whoever_goes_away_before_it_has_begun_leaves_nothing(world: Consortium) -> None:
    filings, units = Filings(), world.clinic.units
    with busy(units):
        stays = asyncio.create_task(
            filings.file(units, sender_of(world), [object_of(world, 1)]), name="stays"
        )
        await asyncio.sleep(0)
        goes = asyncio.create_task(filings.file(units, sender_of(world), [object_of(world, 2)]))
        await asyncio.sleep(0)
        goes.cancel()
        with pytest.raises(asyncio.CancelledError):
            await goes
    assert [each.verdict for each in await stays] == [Verdict.STORED]
    assert units.read(count).result(60) == 1


def _bound(world: Consortium, *, most_instances: int) -> None:
    world.clinic.system(
        quotas.set_bounds,
        institution_id=world.centre_id,
        most_bytes=None,
        most_instances=most_instances,
    )


async def test_filing_writes_nothing_that_lasting_facts_rest_on(world: Consortium) -> None:
    first = [object_of(world, number) for number in range(3)]
    again = [*first, object_of(world, 1, b"other")]
    before = world.clinic.units.read(contents).result(60)
    for objects in (first, again):
        await file_each(Filings(), world, objects, sender=sender_of(world))
    after = world.clinic.units.read(contents).result(60)
    written = {name for name, rows in after.items() if rows != before[name]}
    assert {"instances", "studies", "storage_usage", "image_conflicts"} <= written
    assert not written & _LASTING


def contents(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {
        name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for name, table in Base.metadata.tables.items()
    }
