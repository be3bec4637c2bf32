"""Rooms under strangers' packets, through many comings and goings, and through kills (T22, F11)."""

import asyncio
import contextlib
import os
import random
import re
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually, open_media, wait_answering

PACKETS = 100_000 if is_whole() else 10_000
CYCLES = 200 if is_whole() else 30
KILLS = 50 if is_whole() else 2
_WARM = 10
_GREW_MIB = 24
_A_BURST = 50
_COOKIE = b"\x21\x12\xa4\x42"  # RFC 8489 section 5
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 180)]


def stun(choose: random.Random) -> bytes:
    return b"\x00\x01\x00\x00" + _COOKIE + choose.randbytes(12)


def stun_with_a_guessed_name(choose: random.Random) -> bytes:
    name = b"\x00\x06\x00\x09abcd:efgh\0\0\0"
    body = name + b"\x00\x08\x00\x14" + choose.randbytes(20)
    return b"\x00\x01" + len(body).to_bytes(2, "big") + _COOKIE + choose.randbytes(12) + body


def client_hello(choose: random.Random) -> bytes:
    return b"\x16\xfe\xff" + bytes(8) + b"\x00\x64\x01" + choose.randbytes(99)


def rtp(choose: random.Random) -> bytes:
    return b"\x90" + bytes([choose.choice((96, 97, 111))]) + choose.randbytes(200)


def rtcp(choose: random.Random) -> bytes:
    return b"\x80" + bytes([choose.randrange(200, 207)]) + choose.randbytes(60)


def anything(choose: random.Random) -> bytes:
    return choose.randbytes(choose.randrange(1200))


HOSTILE: tuple[Callable[[random.Random], bytes], ...] = (
    *(stun, stun_with_a_guessed_name, client_hello, rtp, rtcp, anything),
)


@contextlib.asynccontextmanager
async def pair(media: MediaHouse) -> AsyncIterator[tuple[str, LightPeer, LightPeer]]:
    room = await media.open_room()
    ann, bob = (LightPeer(media.desk, room, media.token(room, each)) for each in ("ann", "bob"))
    try:
        for peer in (ann, bob):
            await peer.join()
            await peer.hear("welcome")
            await peer.publish()
        yield room, ann, bob
    finally:
        for peer in (ann, bob):
            await peer.close()


async def goes_on(ann: LightPeer, bob: LightPeer) -> None:
    """Each sees what the other sends from now on."""
    for one, other in ((ann, bob), (bob, ann)):
        text = secrets.token_bytes(8)
        seen = other.received[one.name, "camera"]
        await one.send_until(lambda text=text, seen=seen: b"\x10" + text in seen, text=text)


async def test_packets_from_wrong_sources_are_dropped_beside_a_conversation(
    tmp_path: Path,
) -> None:
    choose = make_seed("rooms")
    async with open_media(tmp_path) as media, pair(media) as (room, ann, bob):
        await goes_on(ann, bob)
        ports = {peer.media_port() for peer in (ann, bob)}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.1", 0))
            stranger.settimeout(0)
            for number in range(PACKETS):
                with contextlib.suppress(BlockingIOError):
                    packet = choose.choice(HOSTILE)(choose)
                    stranger.sendto(packet, ("127.0.0.1", choose.choice(sorted(ports))))
                if number % _A_BURST == 0:
                    await bob.send("camera", b"beside it")
                    await asyncio.sleep(0.005)
            with pytest.raises(BlockingIOError):
                stranger.recv(2048)  # nobody was answered
        await goes_on(ann, bob)
        counted = await media.stats(room)
        assert sum(each["strangers"] for each in counted.values()) > PACKETS * 0.8
        seen = set().union(*ann.received.values())
        assert {text[1:] for text in seen} >= {b"beside it"}
        assert all(len(text) < 60 for text in seen), "nothing of a stranger's was passed on"


async def test_comings_and_goings_leave_nothing_behind(tmp_path: Path) -> None:
    async with open_media(tmp_path) as media:
        room, pid = await media.open_room(), media.media_pid()
        held = []
        for cycle in range(CYCLES):
            peers = []
            for person in ("ann", "bob"):
                peer = LightPeer(media.desk, room, media.token(room, person))
                await peer.join()
                await peer.publish()
                peers.append(peer)
            await goes_on(*peers)
            for peer in peers:
                await peer.leave()
            await eventually(lambda: nobody_is_there(media))
            if cycle == _WARM:
                held.append(await eventually(lambda: held_when_calm(pid)))
        held.append(await eventually(lambda: held_when_calm(pid, like=held[0])))
        (memory, threads, _files), (memory_then, threads_then, _files_then) = held
        assert threads_then == threads
        print(f"{CYCLES} cycles: {memory:.1f} MiB, then {memory_then:.1f}")  # noqa: T201 - a figure


async def nobody_is_there(media: MediaHouse) -> bool:
    return (await media.desk.ask("health"))["participants"] == 0


def held_when_calm(
    pid: int, *, like: tuple[float, int, int] | None = None
) -> tuple[float, int, int] | None:
    """Memory in MiB, threads and open files, once all that has ended is cleared away."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = {name: int(value) for name, value in re.findall(r"(?m)^(\w+):\s+(\d+)", text)}
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    memory = found["VmRSS"] / 1024
    if like is not None and (files > like[2] or memory > like[0] + _GREW_MIB):
        return None
    return memory, found["Threads"], files


async def test_a_killed_process_is_started_again_and_people_meet_again(tmp_path: Path) -> None:
    async with open_media(tmp_path) as media:
        for _ in range(KILLS):
            async with pair(media) as (room, ann, bob):
                await goes_on(ann, bob)
                born = (await media.desk.ask("health"))["born"]
                os.kill(media.media_pid(), signal.SIGKILL)
                assert await ann.is_cut()
                assert await bob.is_cut()
                until_s = time.monotonic() + 60
                while (await wait_answering(media))["born"] == born:
                    assert time.monotonic() < until_s
                told = await media.desk.ask("stats", room=room)
                assert told["refused"] == "no-such-room", "its rooms are gone"
                await media.open_room(room)  # as web does, with the same key
                for peer in (ann, bob):
                    await peer.join()
                    await peer.publish()
                await goes_on(ann, bob)
