"""Media on a network of its own: in one house, behind 1:1 NAT, on lines that lose or are thin.

Hospital and clinics are network namespaces; where none can be made these tests fail and say why.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers.far_browsers import FarPage, meeting_of_browsers
from tests.makers.far_peer import NO_WAY
from tests.makers.house import ROOT
from tests.makers.media_house import MediaHouse, eventually, open_media
from tests.makers.media_networks import CLINICS, PUBLIC, MediaNetwork, open_media_network

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@contextlib.asynccontextmanager
async def hospital(folder: Path, **more: Any) -> AsyncIterator[tuple[MediaNetwork, MediaHouse]]:
    """Its network with two clinics, and its media process, which listens there alone."""
    with open_media_network(folder, **more) as network:
        told = {"media_address": network.media_address}
        if network.is_behind_nat:
            told["media_public_address"] = PUBLIC
        inside = network.inside(network.hospital)
        async with open_media(folder / "house", inside=inside, **told) as media:
            yield network, media


class FarPeer:
    """A plain aiortc peer in a clinic, and what it heard."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.heard: set[tuple[str, str, str]] = set()
        self._reading = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            self.heard.add((told["who"], told["source"], told["text"]))

    async def go(self) -> int:
        """Leave; with what code it ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = await asyncio.wait_for(self._process.wait(), 120)
        await self._reading
        return code


async def come(network: MediaNetwork, media: MediaHouse, room: str, number: int) -> FarPeer:
    """The person of this clinic comes into the room."""
    socket = media.data_dir / "run" / "media.sock"
    person = f"p{number}"
    words = [str(socket), room, media.token(room, person), CLINICS[number], f"from {person}"]
    process = await asyncio.create_subprocess_exec(
        *network.inside(network.clinic(number)),
        *(sys.executable, "-m", "tests.makers.far_peer", *words),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    return FarPeer(process)


async def meet(network: MediaNetwork, media: MediaHouse) -> None:
    """Somebody of each clinic: each has sound and picture of the other."""
    room = await media.open_room()
    peers = [await come(network, media, room, number) for number in (0, 1)]
    for number, peer in enumerate(peers):
        other = f"p{1 - number}"
        wanted = {(f"{other}/first", each, f"from {other}") for each in ("camera", "microphone")}
        await eventually(lambda p=peer, w=wanted: w <= p.heard, within_s=120)
    assert [await peer.go() for peer in peers] == [0, 0]


async def test_two_clinics_meet_on_a_network_by_the_address_that_was_set(tmp_path: Path) -> None:
    async with hospital(tmp_path) as (network, media):
        await meet(network, media)


async def test_two_clinics_meet_through_one_to_one_nat(tmp_path: Path) -> None:
    async with hospital(tmp_path, is_behind_nat=True) as (network, media):
        await meet(network, media)


async def test_without_the_public_address_nobody_reaches_media_behind_nat(tmp_path: Path) -> None:
    """The control: it is the setting that makes the way."""
    with open_media_network(tmp_path, is_behind_nat=True) as network:
        inside, address = network.inside(network.hospital), network.media_address
        async with open_media(tmp_path / "house", inside=inside, media_address=address) as media:
            room = await media.open_room()
            peer = await come(network, media, room, 0)
            await eventually(lambda: peer.heard, within_s=120)
            assert peer.heard == {("", "", NO_WAY)}
            assert await peer.go() == 0


@pytest.mark.browser
async def test_a_call_goes_on_by_other_connections_where_an_address_has_changed(
    tmp_path: Path,
) -> None:
    """The browser notices by itself; its places in the room and its tracks are the same."""
    async with hospital(tmp_path) as (network, media):
        async with meeting_of_browsers(network, media, "ann", "bob") as pages:
            for page in pages:
                await eventually(page.sees_and_hears, within_s=120)
            ann, bob = pages
            network.move(0, "10.20.0.99")
            await eventually(lambda: makes_another(ann), within_s=150)
            # what she receives comes by the new connection alone, and what he receives is new
            before = (await bob.counted())["video"]
            await eventually(ann.sees_and_hears, within_s=150)
            await eventually(lambda: bob.sees_and_hears(pictures=before + 60), within_s=150)


async def makes_another(page: FarPage) -> bool:
    """Whether it has given up what it received by."""
    return bool((await page.counted())["anew"] > 0)


@pytest.mark.browser
async def test_two_browsers_see_and_hear_each_other_through_nat(tmp_path: Path) -> None:
    async with hospital(tmp_path, is_behind_nat=True) as (network, media):
        async with meeting_of_browsers(network, media, "ann", "bob") as pages:
            for page in pages:
                await eventually(page.sees_and_hears, within_s=120)
