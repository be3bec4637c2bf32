"""Between the network door and web: copies of objects, and files that are handed over."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imaging.dimse.house import Guest, Held, HouseAwayError
from imaging.dimse.incoming import Incoming, ObjectName, file_meta
from imaging.dimse.line import Patience
from imaging.dimse.sending import Outward
from server.dimse.desk import Desk
from server.dimse.wire import HANDED, Wire, connect

GUEST = Guest("1", "CAMERA", may_store=True, may_query=True)
NAME = ObjectName("1.2", "1.2.3", "1.2.840.10008.1.2")
HELD = Held("1", NAME)


@asynccontextmanager
async def fetching(
    folder: Path,
) -> AsyncIterator[tuple[asyncio.Task[Path | None], Wire, int]]:
    """A copy has been asked for: its task, the web's end, and the question's number."""
    async with open_desk(folder) as (desk, web):
        task = asyncio.create_task(desk.fetch(GUEST, HELD, "1.2.840.10008.1.2"))
        asked = await web.receive()
        assert asked is not None
        assert [each.name for each in files(folder)] == [asked["file"]]
        yield task, web, asked["number"]


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[tuple[Desk, Wire]]:
    """The desk of a door, and web at the other end of the socket."""
    (folder / "spool").mkdir()
    outward = Outward(Patience(artim_s=60, idle_s=60, unit_s=60), 1 << 17)
    desk = Desk(folder / "spool", outward)
    async with desk.listen(folder / "socket"):
        web = await connect(folder / "socket")
        try:
            yield desk, web
        finally:
            web.close()


def files(folder: Path) -> list[Path]:
    """What lies in the spool."""
    return list((folder / "spool").iterdir())


async def test_a_copy_that_was_made_is_handed_over(tmp_path: Path) -> None:
    async with fetching(tmp_path) as (task, web, number):
        web.send({"number": number, "file": files(tmp_path)[0].name})
        assert [await task] == files(tmp_path)


@pytest.mark.parametrize("told", [{"away": True}, {"file": None}], ids=["failed", "not there"])
async def test_a_copy_that_failed_leaves_nothing(tmp_path: Path, told: dict[str, object]) -> None:
    async with fetching(tmp_path) as (task, web, number):
        web.send({"number": number, **told})
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert outcome is None or isinstance(outcome, HouseAwayError)
        assert files(tmp_path) == []


async def test_a_copy_for_a_peer_that_has_gone_leaves_nothing(tmp_path: Path) -> None:
    async with fetching(tmp_path) as (task, _web, _number):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert files(tmp_path) == []


@pytest.mark.parametrize("megabytes", [0, 3], ids=["small", "large"])
async def test_an_object_is_handed_over_whole_and_without_a_name(
    tmp_path: Path, megabytes: int
) -> None:
    data = os.urandom(5000) + bytes(megabytes << 20)
    async with open_desk(tmp_path) as (desk, web):
        incoming = Incoming(desk.folder, NAME, longest_bytes=1 << 30)
        for start in range(0, len(data), 1 << 16):
            await incoming.add(data[start : start + (1 << 16)])
        await incoming.finish()
        task = asyncio.create_task(desk.store(GUEST, incoming))
        asked = await web.receive()
        assert asked is not None
        with asked[HANDED] as file:
            assert files(tmp_path) == []
            assert os.pread(file.fileno(), asked["size_bytes"], 0) == file_meta(NAME) + data
        web.send({"number": asked["number"], "status": 0, "comment": ""})
        assert (await task).status == 0
        await incoming.remove()


async def test_files_come_with_the_lines_that_they_were_sent_with(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, web):
        tasks = []
        for number in range(20):
            incoming = Incoming(desk.folder, NAME, longest_bytes=1 << 30)
            await incoming.add(b"%02d" % number)
            guest = Guest(f"{number:02d}", "x" * 5000, may_store=True, may_query=True)
            tasks.append(asyncio.create_task(desk.store(guest, incoming)))
        for _ in tasks:
            asked = await web.receive()
            assert asked is not None
            with asked[HANDED] as file:
                held = os.pread(file.fileno(), asked["size_bytes"], 0)
            assert held[-2:].decode() == asked["guest"]
            web.send({"number": asked["number"], "status": 0, "comment": "x" * 100_000})
        assert len(await asyncio.gather(*tasks)) == len(tasks)


async def test_what_was_handed_over_before_is_no_part_of_a_shorter_object(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, web):
        for data in (b"long" * 1000, b"short"):
            incoming = Incoming(desk.folder, NAME, longest_bytes=1 << 30)
            await incoming.add(data)
            task = asyncio.create_task(desk.store(GUEST, incoming))
            asked = await web.receive()
            assert asked is not None
            with asked[HANDED] as file:
                held = os.pread(file.fileno(), asked["size_bytes"], 0)
            assert held == file_meta(NAME) + data
            web.send({"number": asked["number"], "status": 0, "comment": ""})
            await task


async def test_a_web_that_goes_leaves_nobody_waiting(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, web):
        incoming = Incoming(desk.folder, NAME, longest_bytes=1 << 30)
        task = asyncio.create_task(desk.store(GUEST, incoming))
        asked = await web.receive()
        assert asked is not None
        asked[HANDED].close()
        web.close()
        with pytest.raises(HouseAwayError):
            await task


@pytest.mark.parametrize("line", [b"[]\n", b"nonsense\n", b'{"has_file":true}\n'])
async def test_nonsense_ends_the_connection(tmp_path: Path, line: bytes) -> None:
    async with open_desk(tmp_path) as (_desk, web):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
        writer.write(line)
        assert await reader.read() == b""
        writer.close()
        web.send({"number": 1})


async def test_a_file_for_somebody_who_has_gone_is_closed(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (_desk, web):
        web.close()
        file = os.memfd_create("object")
        web.send({"number": 1}, file=file)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(file)
