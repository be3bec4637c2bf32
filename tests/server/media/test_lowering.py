"""Whoever receives is told that her line carries little, and that it carries more again."""

from collections.abc import AsyncIterator

import pytest

from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server
_HALF = 128  # of 256 packets
_FOURTH = 64


@pytest.fixture
async def pair(own: MediaHouse) -> AsyncIterator[tuple[LightPeer, LightPeer]]:
    """Two people, of whom each sends sound and picture."""
    room = await own.open_room()
    peers = [LightPeer(own.desk, room, own.token(room, each)) for each in ("ann", "bob")]
    for peer in peers:
        await peer.join()
        await peer.hear("welcome")
        await peer.publish()
    ann, bob = peers
    for one, other in ((ann, bob), (bob, ann)):
        await one.send_until(lambda o=one, x=other: b"seen" in x.texts(o.name), text=b"seen")
    yield ann, bob
    for peer in peers:
        await peer.close()


def told(peer: LightPeer) -> list[bool]:
    return [each["is_lowered"] for each in peer.told if each["told"] == "rate"]


async def test_a_receiver_who_loses_pictures_is_told_that_they_are_lowered_until_she_loses_none(
    pair: tuple[LightPeer, LightPeer],
) -> None:
    ann, bob = pair

    async def is_told() -> bool:
        await bob.complain("camera", _HALF)
        return told(bob) == [True]

    await eventually(is_told)
    # who says nothing any more limits nobody
    await eventually(lambda: told(bob) == [True, False])
    assert told(ann) == [], "her line is as good as before"


async def test_lost_sound_lowers_no_pictures(pair: tuple[LightPeer, LightPeer]) -> None:
    """The control: who loses pictures meanwhile is told."""
    ann, bob = pair

    async def has_lost_pictures_too() -> bool:
        await ann.complain("camera", _HALF)
        await bob.complain("microphone", _HALF)
        return told(ann) == [True]

    await eventually(has_lost_pictures_too)
    assert told(bob) == []


async def test_a_line_that_drowns_in_pictures_is_left_with_sound_until_its_page_asks_for_more(
    pair: tuple[LightPeer, LightPeer],
) -> None:
    ann, bob = pair
    camera = (ann.name, "camera")
    assert camera in bob.sources()

    async def is_left_with_sound() -> bool:
        await bob.complain("camera", _HALF)
        return any(each["told"] == "sound" for each in bob.told)

    await eventually(is_left_with_sound)
    await eventually(lambda: camera not in bob.sources())
    assert (ann.name, "microphone") in bob.sources()
    assert (bob.name, "camera") in ann.sources(), "her line is as good as before"
    bob.say(say="receive", video=True)
    await eventually(lambda: camera in bob.sources())
    await ann.send_until(lambda: b"again" in bob.texts(ann.name), text=b"again")


async def test_pictures_stay_where_a_fourth_of_them_is_lost(
    pair: tuple[LightPeer, LightPeer],
) -> None:
    """The control: whoever loses twice as much beside her is left with sound."""
    ann, bob = pair

    async def has_the_other_drowned() -> bool:
        await bob.complain("camera", _FOURTH)
        await ann.complain("camera", _HALF)
        return any(each["told"] == "sound" for each in ann.told)

    await eventually(has_the_other_drowned)
    assert not any(each["told"] == "sound" for each in bob.told)
    assert (ann.name, "camera") in bob.sources()
