"""A courier stumbles over one dispatch or one destination, or is kept long: others are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from consult.kernel.work import Work
from consult.reports.destinations.model import Destination, DispatchWay
from consult.reports.destinations.tables import DestinationRow
from consult.reports.dispatches.model import DispatchState
from consult.studies import service as studies
from tests.makers.databases import free_port
from tests.makers.image_house import until
from tests.makers.sending import SendingHouse, open_sending_house
from tests.makers.web_archive import just, keep, open_archive

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


def files_of(house: SendingHouse, destination: Destination) -> list[Path]:
    """The stored files of what waits there first."""
    ids = [each.instance_id for each in house.dispatches(destination)[0].objects]
    found = house.images.clinic.system(studies.list_instances, ids=ids)
    blobs = house.images.house.data_dir / "blobs"
    return [next(blobs.rglob(each.original.key.rpartition("/")[2])) for each in found.values()]


def spoil_token(house: SendingHouse, destination: Destination) -> None:
    """What nobody has the key to any more."""

    def step(work: Work) -> None:
        work.session.execute(
            update(DestinationRow)
            .where(DestinationRow.id == destination.id)
            .values(token=b"no token")
        )

    house.images.clinic.system(step)


async def test_a_report_whose_stored_file_cannot_be_read_at_all_stops_no_other(
    house: SendingHouse,
) -> None:
    async with open_archive(just(500)) as archive:
        destination = house.send_to(DispatchWay.STOW, url=archive.url)
        await house.sign()
        await house.until_failed(destination)
        for file in files_of(house, destination):
            file.rename(file.with_suffix(".aside"))
            file.mkdir()
        await until(lambda: house.dispatches(destination)[0].failure == "house-failed", seconds=120)
        archive.answer = keep
        await house.sign()
        (arrived,) = await house.until_state(destination, DispatchState.SENT)
        first, second = house.dispatches(destination)
        assert (first.state, second.id) == (DispatchState.WAITING, arrived.id)
        for file in files_of(house, destination):
            file.rmdir()
            file.with_suffix(".aside").rename(file)
        await house.until_state(destination, DispatchState.SENT, number=2)


async def test_a_destination_at_which_we_stumble_ourselves_rests_says_so_and_can_be_mended(
    house: SendingHouse,
) -> None:
    async with open_archive() as archive, house.browser() as admin:
        destination = house.send_to(DispatchWay.STOW, url=archive.url, token="for-them")
        spoil_token(house, destination)
        await house.sign()
        await until(lambda: house.line(destination).line.tries > 0, seconds=120)
        line = house.line(destination).line
        assert (line.failure, line.failing_since is not None) == ("house-failed", True)
        place = f"/api/admin/destinations/{destination.id}"
        told = {"name": "归档", "scope": "everything", "url": archive.url, "is_on": True}
        status, answer = await admin.send(place, {**told, "token": "anew", "revision": 1})
        assert status == 200, answer
        await house.until_state(destination, DispatchState.SENT)
        assert [each["Authorization"] for each in archive.headers] == ["Bearer anew"]


@asynccontextmanager
async def silence() -> AsyncIterator[str]:
    """Where a connection is taken and nothing ever said."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    port = free_port()
    silent = await asyncio.start_server(hold, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        silent.close()


async def test_slow_destinations_take_turns_with_others_where_few_are_served_at_once(
    tmp_path: Path,
) -> None:
    """Two reports wait for each slow one, so that something is always due there."""
    rules = {"at_once": "1", "round_s": "1", "answer_s": "5"}
    with open_sending_house(tmp_path, rules=rules) as house:
        async with silence() as one, silence() as other, open_archive() as archive:
            slow = [house.send_to(DispatchWay.STOW, url=url) for url in (one, other)]
            await house.sign()
            await house.sign()
            for each in slow:
                await house.until_failed(each)
            well = house.send_to(DispatchWay.STOW, url=archive.url)
            await house.sign()
            await house.until_state(well, DispatchState.SENT)
            assert {len(house.dispatches(each)) for each in slow} == {3}
        house.stop_all()
