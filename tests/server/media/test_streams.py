"""What a renegotiation, a loss, a length or a name of one device's does to what others see."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server
_LONGEST = 1344  # what libsrtp still takes of a peer, and no more with our extensions
FOUR = ("microphone", "camera", "screen", "screen-sound")


async def come(
    own: MediaHouse, room: str, person: str, sources: tuple[str, ...] = FOUR[:2]
) -> LightPeer:
    """Somebody comes, and sends from these sources."""
    peer = LightPeer(own.desk, room, own.token(room, person))
    await peer.join()
    await peer.hear("welcome")
    await peer.publish(sources)
    return peer


@contextlib.asynccontextmanager
async def meeting(
    own: MediaHouse, room: str, people: list[str], sources: tuple[str, ...] = FOUR[:2]
) -> AsyncIterator[list[LightPeer]]:
    """These people in a room."""
    peers: list[LightPeer] = []
    try:
        for person in people:
            peer = await come(own, room, person, sources)
            peers.append(peer)
        yield peers
    finally:
        for peer in peers:
            await peer.close()


async def test_a_picture_is_not_torn_when_others_come(own: MediaHouse) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"]) as (ann, bob):

        async def show(until: Callable[[], bool]) -> None:
            while not until():
                await bob.send_numbered("camera")
                await asyncio.sleep(0.005)

        def seen() -> int:
            return len(ann.received[bob.name, "camera"])

        for person in ("cat", "dan"):
            before = seen()
            await show(lambda before=before: seen() > before + 5)
            async with meeting(own, room, [person]) as (other,):
                await show(lambda other=other: (other.name, "camera") in ann.sources())
                await other.send_until(
                    lambda other=other: b"new" in ann.texts(other.name), text=b"new"
                )
                last = seen()
                await show(lambda last=last: seen() > last + 5)
        assert len(ann.shifts(bob.name, "camera")) == 1


async def test_what_got_lost_is_taken_when_it_comes_again_beside_a_shared_screen(
    own: MediaHouse,
) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"], ("camera", "screen")) as (ann, bob):
        for source in ("camera", "screen"):
            await bob.send_until(
                lambda source=source: b"shown" in ann.texts(bob.name, source),
                text=b"shown",
                sources=[source],
            )
            lost = await bob.lose(source)
            await eventually(lambda source=source, lost=lost: lost in bob.asked_for[source])
            await bob.send_again(source, lost, b"late")
            await eventually(lambda source=source: b"late" in ann.texts(bob.name, source))


async def test_a_screen_that_was_taken_back_is_not_mistaken_for_the_camera(
    own: MediaHouse,
) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"], ("camera", "screen")) as (ann, bob):
        await bob.send_until(lambda: b"shown" in ann.texts(bob.name), text=b"shown")
        await bob.take_back("screen")
        bob.take_another_ssrc("camera", 4242)
        await bob.send_until(
            lambda: b"going on" in ann.texts(bob.name), text=b"going on", sources=["camera"]
        )


async def test_what_fits_no_packet_is_dropped_and_nothing_else_is(own: MediaHouse) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob", "cat"]) as (ann, bob, cat):
        for peer in (ann, cat):
            await bob.send_until(
                lambda peer=peer: b"before" in peer.texts(bob.name), text=b"before"
            )
        written = len(own.log())
        for _ in range(20):
            bob.send_raw(b"\x80\x60" + bytes(1600))
            await bob.send("camera", bytes(_LONGEST - 1))
        for peer in (ann, cat):
            await bob.send_until(lambda peer=peer: b"after" in peer.texts(bob.name), text=b"after")
            assert all(len(each) < _LONGEST for each in peer.received[bob.name, "camera"])
        assert "Exception" not in own.log()[written:]


def parts_of(offer: str) -> dict[str, tuple[str, set[str]]]:
    """Of each section that sends: its stream, and the names of its sources."""
    found = {}
    for section in offer.split("\r\nm=")[1:]:
        lines = section.split("\r\n")
        streams = [line[7:].split()[0] for line in lines if line.startswith("a=msid:")]
        if streams:
            mid = next(line[6:] for line in lines if line.startswith("a=mid:"))
            names = {line.partition("cname:")[2] for line in lines if " cname:" in line}
            found[mid] = (streams[0], names)
    return found


async def test_sound_and_picture_of_one_person_are_in_step_and_of_nobody_else(
    own: MediaHouse,
) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob", "cat"], FOUR) as (ann, bob, cat):
        await eventually(lambda: len(ann.sources()) == 8)
        assert ann.subscriber is not None
        parts = parts_of(ann.subscriber.remoteDescription.sdp)
        assert len(parts) == 8
        groups: dict[tuple[str, bool], set[str]] = {}
        for mid, (participant, source) in ann.offered().items():
            stream, names = parts[mid]
            groups.setdefault((participant, source.startswith("screen")), set()).update(
                {stream, *names}
            )
        assert all(len(names) == 1 for names in groups.values()), "one name for what goes together"
        told = set.union(*groups.values())
        assert len(told) == 4, "and another for everything else"
        assert not any(peer.name in name for peer in (bob, cat) for name in told)
        await cat.leave()
        await eventually(lambda: len(ann.sources()) == 4)
        await eventually(lambda: len(parts_of(ann.subscriber.remoteDescription.sdp)) == 4)


async def test_one_limit_is_told_for_all_that_a_device_sends(own: MediaHouse) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"], FOUR) as (_ann, bob):
        await bob.send_until(lambda: any(count == 4 for _, count in bob.limits), text=b"all four")
        bps = next(bps for bps, count in bob.limits if count == 4)
        assert bps > 2 * 2_400_000, "both pictures"
        assert bps == pytest.approx(2 * 2_500_000 + 2 * 64_000, rel=0.001)
