"""What lies in the folder of the network door while web makes a copy of an object."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imaging.dimse.house import Guest, Held, HouseAwayError
from imaging.dimse.incoming import ObjectName
from server.dimse.desk import Desk
from server.dimse.wire import pack, receive

GUEST = Guest("1", "CAMERA", may_store=True, may_query=True)
HELD = Held("1", ObjectName("1.2", "1.2.3", "1.2.840.10008.1.2"))


@asynccontextmanager
async def fetching(
    folder: Path,
) -> AsyncIterator[tuple[asyncio.Task[Path | None], asyncio.StreamWriter, int]]:
    """A copy has been asked for: its task, the web's end, and the question's number."""
    (folder / "spool").mkdir()
    desk = Desk(folder / "spool")
    server = await desk.listen(folder / "socket")
    reader, writer = await asyncio.open_unix_connection(folder / "socket")
    task = asyncio.create_task(desk.fetch(GUEST, HELD, "1.2.840.10008.1.2"))
    asked = await receive(reader)
    assert asked is not None
    assert [each.name for each in files(folder)] == [asked["file"]]
    try:
        yield task, writer, asked["number"]
    finally:
        writer.close()
        server.close()


def files(folder: Path) -> list[Path]:
    """What lies in the spool."""
    return list((folder / "spool").iterdir())


async def test_a_copy_that_was_made_is_handed_over(tmp_path: Path) -> None:
    async with fetching(tmp_path) as (task, web, number):
        web.write(pack({"number": number, "file": files(tmp_path)[0].name}))
        assert [await task] == files(tmp_path)


@pytest.mark.parametrize("told", [{"away": True}, {"file": None}], ids=["failed", "not there"])
async def test_a_copy_that_failed_leaves_nothing(tmp_path: Path, told: dict[str, object]) -> None:
    async with fetching(tmp_path) as (task, web, number):
        web.write(pack({"number": number, **told}))
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert outcome is None or isinstance(outcome, HouseAwayError)
        assert files(tmp_path) == []


async def test_a_copy_for_a_peer_that_has_gone_leaves_nothing(tmp_path: Path) -> None:
    async with fetching(tmp_path) as (task, _web, _number):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert files(tmp_path) == []
