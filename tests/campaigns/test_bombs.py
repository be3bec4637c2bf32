"""Bombs through every door, with ordinary uploads beside them: each gets its answer, nobody dies.

The slice sends fifteen bombs and five mutants of real files through a door each, chosen by the
seed; whole, every bomb goes through every door, and 400 mutants through one.
"""

import asyncio
import io
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from consult.studies import receipt
from imaging.dimse.incoming import ObjectName
from imaging.elements import BytesSource
from imaging.walk import HEAD_BYTES, TRANSFER_SYNTAX_UID, read_file_meta
from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.bombs import BOMBS, DICOM_BOMBS, numbered
from tests.makers.dicom_house import DicomHouse, open_dicom_house
from tests.makers.hostile import SECONDARY_CAPTURE
from tests.makers.image_house import Sender, until
from tests.makers.memory import Memory
from tests.makers.mutants import mutate
from tests.makers.pictures import make_jpeg
from tests.makers.seedlings import Seedling, read_corpus

WITHIN_S = 30.0
MOST_MIB = 2048
ORDINARY = 10
AT_ONCE = 3
SLICE = 15
MUTANTS = 400 if is_whole() else 5
Sending = tuple[str, str, Callable[[], bytes]]
_TAKEN = frozenset({"accepted", "accepted-retake", "accepted-without-picture"})
_BOUNDARY = "tear-here"
_SEEN_WITHIN_S = 600
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 300)]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomHouse]:
    """A house of this module's own, with every door open."""
    with open_dicom_house(tmp_path_factory.mktemp("bombs") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(door: DicomHouse) -> AsyncIterator[Sender]:
    """The physician of the centre."""
    async with Sender(door.images.house.base, language="en") as one:
        yield await one.arrive()


@dataclass
class Bombing:
    """Sends bombs and keeps what was said of each."""

    door: DicomHouse
    sender: Sender
    folder: Path
    answers: dict[str, tuple[str, float]] = field(default_factory=dict)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def send(self, name: str, way: str, make: Callable[[], bytes]) -> None:
        """One file through one door."""
        doors: dict[str, Callable[[bytes], Awaitable[str]]] = {
            "browser": self.by_browser,
            "stow": self.by_stow,
            "network": self.by_network,
        }
        async with self._turns:
            data = await asyncio.to_thread(make)
            started = time.monotonic()
            said = await doors[way](data)
            self.answers[f"{name} by {way}"] = said, time.monotonic() - started

    async def by_browser(self, data: bytes) -> str:
        """As a page sends it; the verdicts, each refusal with its sentence."""
        case = await asyncio.to_thread(self.door.images.draft)
        if not data:
            answer = await self.sender.create(case.id, 0, "holiday.jpg")
            assert (answer.status, (await answer.json())["code"]) == (422, "empty-file")
            return "refused before a byte"
        told = (await self.sender.upload(case.id, data, "holiday.jpg"))["files"]
        assert all(each["verdict"] in _TAKEN or each["sentence"] for each in told), told
        return ", ".join(sorted({each["verdict"] for each in told}))

    async def by_stow(self, data: bytes) -> str:
        """By STOW-RS; stored, or the reason as a number."""
        head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        kind = f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
        body = io.BytesIO(head + data + f"\r\n--{_BOUNDARY}--\r\n".encode())
        headers = self.sender.own | {"Content-Type": kind, "Accept": "application/dicom+json"}
        address = self.sender.at("/dicomweb/studies")
        async with self.sender.raw.post(address, data=body, headers=headers) as answer:
            told = await answer.json(content_type=None)
        assert answer.status in {200, 202, 409}, told
        failed = [
            item["00081197"]["Value"][0]
            for tag in ("00081198", "0008119A")
            for item in told.get(tag, {}).get("Value", [])
        ]
        assert (answer.status == 200) is not bool(failed), told
        return f"refused {failed[0]:04X}" if failed else "accepted"

    async def by_network(self, data: bytes) -> str:
        """By C-STORE; the status."""
        meta = read_file_meta(BytesSource(data[:HEAD_BYTES]))
        number = data[data.index(b"2.25.") :][:8].strip(b"\0").decode()
        syntax = meta.text(TRANSFER_SYNTAX_UID) or ""
        path = self.folder / number
        await asyncio.to_thread(path.write_bytes, data)
        try:
            status = await self.door.store(path, ObjectName(SECONDARY_CAPTURE, number, syntax))
        except LookupError:
            return "refused: such a syntax is not negotiated"
        return f"refused {status:04X}" if status else "accepted"


async def test_every_bomb_gets_an_answer_and_nobody_notices(
    door: DicomHouse, sender: Sender, tmp_path: Path, real_files: Path
) -> None:
    seed = make_seed("bombs")
    bombing = Bombing(door, sender, tmp_path)
    memory, started = Memory(door.images.house.process.pid), time.monotonic()
    ways = [*_bombs(seed), *_mutants(seed, read_corpus(real_files))]
    children = _children(door)
    async with memory.watched():
        ordinary = asyncio.ensure_future(_ordinary(door, sender))
        await asyncio.gather(*(bombing.send(*each) for each in ways))
        verdicts = await ordinary
        await until(partial(_all_seen, door), seconds=_SEEN_WITHIN_S)
    slowest = max(bombing.answers, key=lambda name: bombing.answers[name][1])
    print(  # noqa: T201 - the campaign's answer
        f"bombs and mutants: {len(ways)} in {time.monotonic() - started:.0f} s, slowest"
        f" {bombing.answers[slowest][1]:.1f} s ({slowest}), whole tree at most"
        f" {memory.most['all']:.0f} MiB (before {memory.before['all']:.0f})"
    )
    if is_whole():
        for name, (said, took_s) in sorted(bombing.answers.items()):
            print(f"  {name}: {said}, {took_s:.1f} s")  # noqa: T201 - as above
    assert [name for name, (_, took_s) in bombing.answers.items() if took_s > WITHIN_S] == []
    assert [each in _TAKEN for each in verdicts] == [True] * ORDINARY
    assert memory.most["all"] <= MOST_MIB
    assert _children(door) == children
    assert "child ended" not in door.images.house.log()
    assert "Traceback" not in door.images.house.log()
    assert (await door.call("echoscu")).code == 0


def _bombs(seed: random.Random) -> Iterator[Sending]:
    names = sorted(BOMBS) if is_whole() else seed.sample(sorted(BOMBS), SLICE)
    numbers = itertools.count(100)
    for name in names:
        for way in _ways(name) if is_whole() else [seed.choice(_ways(name))]:
            yield name, way, partial(_numbered, name, next(numbers))


def _numbered(name: str, number: int) -> bytes:
    return numbered(BOMBS[name](), number)


def _mutants(seed: random.Random, corpus: list[Seedling]) -> Iterator[Sending]:
    """Some of what test_mutants.py makes, through the doors themselves."""
    for number in range(MUTANTS):
        seedling = seed.choice(corpus)
        ways, data = mutate(seedling, seed)
        way = seed.choice(("browser", "stow"))
        yield f"{number} {seedling.name} {ways}", way, partial(bytes, data)


def _all_seen(door: DicomHouse) -> bool:
    """Whether what was answered by its head has been looked at since."""
    return not door.images.clinic.system(receipt.list_not_looked_at, limit=1)


def _ways(name: str) -> list[str]:
    return ["browser", "stow", "network"] if name in DICOM_BOMBS else ["browser", "stow"]


async def _ordinary(door: DicomHouse, sender: Sender) -> list[str]:
    """Ordinary photographs, one after the other, each in a case of its own."""
    verdicts = []
    for number in range(ORDINARY):
        case = await asyncio.to_thread(door.images.draft)
        told = await sender.upload(case.id, make_jpeg() + b"%d" % number, f"{number}.jpg")
        verdicts += [each["verdict"] for each in told["files"]]
    return verdicts


def _children(door: DicomHouse) -> str:
    """The processes that the supervisor has started."""
    pid = door.images.house.process.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
