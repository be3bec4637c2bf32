"""Forty uploads of 50 MB and one of 2 GB at the same time: the house stays small (L5).

Every file that is acknowledged is stored as it was sent; nobody waits for it with its pages.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.studies.tables import InstanceBlobRow
from imaging.jail.client import Jail
from server.settings import Settings
from tests.campaigns.seeds import is_whole
from tests.makers.big_images import BigImage
from tests.makers.image_house import ImageHouse, Sender, open_image_house
from tests.makers.memory import Memory

AT_ONCE, ROWS = (40, 10_000) if is_whole() else (6, 1000)  # of 5,000 columns: 50 MB, 5 MB
LARGEST_FRAMES, LARGEST_ROWS = (40, 10_000) if is_whole() else (4, 1000)  # 2 GB, 20 MB
MOST_MIB = 200
_LAST_WITHIN_S = 1200
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 300)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("big") / "house") as opened:
        yield opened


async def test_many_large_uploads_at_once_cost_little_memory(house: ImageHouse) -> None:
    images = [BigImage(ROWS, seed=number) for number in range(AT_ONCE)]
    images.append(BigImage(LARGEST_ROWS, frames=LARGEST_FRAMES, seed=AT_ONCE))
    memory, started = Memory(house.house.process.pid), time.monotonic()
    async with Sender(house.house.base, language="en") as sender:
        await sender.arrive()
        await asyncio.gather(*(_send(house, sender, BigImage(10)) for _ in range(4)))
        await asyncio.to_thread(_load_typesetter, house)
        async with memory.watched():
            waited = asyncio.ensure_future(_keep_reading(sender))
            results = await asyncio.gather(*(_send(house, sender, image) for image in images))
            waited.cancel()
    stored = house.clinic.system(_stored_hashes)
    missing = [image.size for image in images if image.sha256 not in stored]
    reads = sorted(await _reads_of(waited))
    print(  # noqa: T201 - the campaign's answer
        f"big uploads: {AT_ONCE} of {images[0].size / 1e6:.0f} MB and one of"
        f" {images[-1].size / 1e6:.0f} MB in {time.monotonic() - started:.0f} s, memory"
        f" + {memory.rise:.0f} MiB (before {memory.before}, most {memory.most}),"
        f" results {results[0]} … {results[-1]}, pages meanwhile"
        f" {statistics.median(reads):.0f} ms, at most {reads[-1]:.0f} ms"
    )
    assert missing == []
    assert memory.rise <= MOST_MIB


def test_bytes_that_are_kept_would_be_seen() -> None:
    """Here the process that is looked at is the test itself."""
    memory = Memory(os.getpid())
    memory.look()
    kept = bytearray(b"x") * (MOST_MIB << 20)
    memory.look()
    assert memory.rise > 0.9 * len(kept) / (1 << 20)


def _load_typesetter(house: ImageHouse) -> None:
    """What it loads with the first report, or after a while, is no upload's memory."""
    socket = Settings(data_dir=house.house.data_dir).typesetter_socket
    Jail(socket, restart_s=60).run_blocking("ping", {})


_read_ms: list[float] = []


async def _keep_reading(sender: Sender) -> None:
    """Somebody else's page, again and again."""
    while True:
        started = time.monotonic()
        status, _told = await sender.get("/api/cases")
        assert status == 200
        _read_ms.append((time.monotonic() - started) * 1000)
        await asyncio.sleep(0.2)


async def _reads_of(task: "asyncio.Future[None]") -> list[float]:
    await asyncio.gather(task, return_exceptions=True)
    return list(_read_ms)


async def _send(house: ImageHouse, sender: Sender, image: BigImage) -> str:
    """One file into a case of its own; what became of it."""
    case: Case = await asyncio.to_thread(house.draft)
    answer = await sender.create(case.id, image.size, "OD.dcm")
    assert answer.status == 201, await answer.text()
    url = answer.headers["Location"]
    for offset, piece in image.pieces():
        assert await sender.patch(url, offset, piece) == 204
    async with asyncio.timeout(_LAST_WITHIN_S):
        while True:
            status, told = await sender.get(f"{url}/result")
            assert status == 200, told
            if told["status"] in {"done", "refused"}:
                return str(told["files"])
            await asyncio.sleep(0.5)


def _stored_hashes(work: Work) -> set[str]:
    return set(work.session.scalars(select(InstanceBlobRow.sha256)))
