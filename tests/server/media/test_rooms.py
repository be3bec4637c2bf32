"""People meet in a room, come, go and come back: plain aiortc peers, a real media process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from server.media.tokens import Device
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server


@contextlib.asynccontextmanager
async def meeting(
    house: MediaHouse, room: str, people: list[str]
) -> AsyncIterator[list[LightPeer]]:
    """These people in a room, each sending sound and picture."""
    peers = [LightPeer(house.desk, room, house.token(room, person)) for person in people]
    try:
        for peer in peers:
            await peer.join()
            await peer.hear("welcome")
            await peer.publish()
        yield peers
    finally:
        for peer in peers:
            await peer.close()


@contextlib.asynccontextmanager
async def speaking(peer: LightPeer) -> AsyncIterator[None]:
    """While the block lasts it sends sound and picture all the time, and says that it hears."""

    async def speak() -> None:
        while True:
            for source in ("microphone", "camera"):
                await peer.send(source, b"on and on")
            await peer.acknowledge()
            await asyncio.sleep(0.02)

    task = asyncio.get_running_loop().create_task(speak())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def hear_everyone(peers: list[LightPeer]) -> None:
    """Each sends until every other has heard and seen it."""
    for peer in peers:
        text = peer.name.encode()
        others = [other for other in peers if other is not peer]
        await peer.send_until(
            lambda text=text, peer=peer, others=others: all(
                text in other.texts(peer.name, source)
                for other in others
                for source in ("camera", "microphone")
            ),
            text=text,
        )


@pytest.mark.parametrize("count", [2, 3, 6])
async def test_everyone_in_a_room_sees_and_hears_everyone_else(
    house: MediaHouse, count: int
) -> None:
    room = await house.open_room()
    async with meeting(house, room, [f"person-{each}" for each in range(count)]) as peers:
        await hear_everyone(peers)
        for peer in peers:
            assert "nobody" not in {who for who, _ in peer.received}
            assert (peer.name, "camera") not in peer.received, "nobody is sent what it sends"
        counted = await house.stats(room)
    assert len(counted) == count


async def test_who_comes_later_is_seen_and_who_leaves_is_gone(house: MediaHouse) -> None:
    room = await house.open_room()
    async with meeting(house, room, ["ann", "bob"]) as (ann, bob):
        await hear_everyone([ann, bob])
        async with meeting(house, room, ["cat"]) as (cat,):
            await hear_everyone([ann, bob, cat])
            await bob.leave()
            await eventually(lambda: {each["person"] for each in ann.people} == {"ann", "cat"})
            await hear_everyone([ann, cat])
        assert await house.stats(room)


async def test_who_comes_back_takes_the_section_of_who_left_and_numbers_go_on(
    own: MediaHouse,
) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"]) as (ann, bob):
        await hear_everyone([ann, bob])
        await bob.leave()
        await eventually(lambda: {each["person"] for each in ann.people} == {"ann"})
        async with meeting(own, room, ["cat"]) as (cat,):
            await hear_everyone([ann, cat])
        assert ann.subscriber is not None
        assert len(ann.subscriber.getTransceivers()) == 2, "both sections serve again"
        for source in ("camera", "microphone"):
            before, after = ann.stamps["bob/first", source], ann.stamps["cat/first", source]
            last, last_stamp = max(before)
            first, first_stamp = after[0]
            assert (first - last) & 0xFFFF == 1, "no number is missing"
            assert 0 < (first_stamp - last_stamp) & 0xFFFFFFFF < 1 << 31, "time goes on"


async def test_a_broken_line_is_taken_up_with_the_same_token(own: MediaHouse) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"]) as (ann, bob):
        await hear_everyone([ann, bob])
        async with speaking(ann), speaking(bob):  # so that nothing else is told of them
            bob.drop_line()
            await eventually(lambda: any(each["is_away"] for each in ann.people))
            await bob.send_until(lambda: b"still here" in ann.texts(bob.name), text=b"still here")
            await bob.join()
            await eventually(lambda: not any(each["is_away"] for each in ann.people))
        await bob.publish()  # by a new connection, into the same tracks
        await bob.send_until(lambda: b"back" in ann.texts(bob.name), text=b"back")
        assert ann.subscriber is not None
        assert len(ann.subscriber.getTransceivers()) == 2, "nothing new was offered"
        numbers = [seq for seq, _ in ann.stamps[bob.name, "camera"]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_who_does_not_come_back_leaves_the_room(media_hasty: MediaHouse) -> None:
    room = await media_hasty.open_room()
    async with meeting(media_hasty, room, ["ann", "bob"]) as (ann, bob):
        bob.drop_line()
        await eventually(lambda: {each["person"] for each in ann.people} == {"ann"})


async def test_a_screen_is_shared_in_mid_conversation_and_taken_back(house: MediaHouse) -> None:
    room = await house.open_room()
    async with meeting(house, room, ["ann", "bob"]) as (ann, bob):
        await bob.add("screen")
        await bob.send_until(
            lambda: b"a slide" in ann.texts(bob.name, "screen"), text=b"a slide", sources=["screen"]
        )
        await hear_everyone([ann, bob])
        await bob.take_back("screen")
        await eventually(
            lambda: (
                {"camera", "microphone"}
                == {
                    source
                    for each in ann.people
                    if each["person"] == "bob"
                    for source in each["sources"]
                }
            )
        )


async def test_a_second_device_is_seen_by_others_and_not_by_its_own_person(
    house: MediaHouse,
) -> None:
    room = await house.open_room()
    async with meeting(house, room, ["ann", "bob"]) as (ann, bob):
        phone = LightPeer(house.desk, room, house.token(room, "bob", device=Device.COMPANION))
        await phone.join()
        await phone.hear("welcome")
        await phone.publish(["camera"])
        await phone.send_until(lambda: b"skin" in ann.texts(phone.name), text=b"skin")
        await hear_everyone([ann, bob])
        assert not bob.texts(phone.name)
        await phone.close()


async def test_rooms_do_not_reach_each_other(house: MediaHouse) -> None:
    one, other = await house.open_room(), await house.open_room()
    async with (
        meeting(house, one, ["ann", "bob"]) as (ann, bob),
        meeting(house, other, ["ann", "dan"]) as (namesake, dan),
    ):
        await ann.send_until(lambda: b"secret" in bob.texts(ann.name), text=b"secret")
        await namesake.send_until(lambda: b"other" in dan.texts(ann.name), text=b"other")
        assert b"secret" not in dan.texts(ann.name)
        assert b"other" not in bob.texts(ann.name)
        assert {each["person"] for each in dan.people} == {"ann", "dan"}


async def test_a_lost_packet_is_asked_for_and_a_whole_picture_when_somebody_comes(
    own: MediaHouse,
) -> None:
    room = await own.open_room()
    async with meeting(own, room, ["ann", "bob"]) as (ann, bob):
        await hear_everyone([ann, bob])
        await bob.send("camera", b"one")
        await bob.send("camera", b"after a gap", skip=3)
        await eventually(lambda: len(bob.asked_for["camera"]) == 3)
        counted = (await own.stats(room))[bob.name]["sends"]
        assert next(each for each in counted if each["source"] == "camera")["lost"] == 3
        before = bob.keyframes_asked
        async with meeting(own, room, ["cat"]):
            await eventually(lambda: bob.keyframes_asked > before)


async def test_with_sound_alone_no_picture_is_sent(house: MediaHouse) -> None:
    room = await house.open_room()
    async with meeting(house, room, ["ann", "bob"]) as (ann, bob):
        await hear_everyone([ann, bob])
        ann.say(say="receive", video=False)
        await eventually(lambda: ann.sources() == {(bob.name, "microphone")})
        ann.received.clear()
        await bob.send_until(lambda: b"words" in ann.texts(bob.name, "microphone"), text=b"words")
        assert not ann.texts(bob.name, "camera")
        ann.say(say="receive", video=True)
        await bob.send_until(lambda: b"picture" in ann.texts(bob.name), text=b"picture")


async def test_a_silent_device_is_told_to_everyone(house: MediaHouse) -> None:
    room = await house.open_room()
    async with meeting(house, room, ["ann", "bob"]) as (ann, bob):
        await hear_everyone([ann, bob])

        def silent() -> set[str]:
            return {each["person"] for each in ann.people if each["is_silent"]}

        async with speaking(ann), speaking(bob):
            await eventually(lambda: not silent())
            counted = len(ann.received[bob.name, "camera"])
            await eventually(lambda: len(ann.received[bob.name, "camera"]) > counted + 200)
            await eventually(lambda: not silent())
            bob.go_silent()  # and goes on speaking to nobody
            await eventually(lambda: silent() == {"bob"})
