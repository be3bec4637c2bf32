"""Looking together in a real room: who is told what, who comes late, and what breaks nothing."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from server.media.tokens import Device, Sight
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually
from tests.makers.together import IMAGE, stroke, view

pytestmark = pytest.mark.server


@contextlib.asynccontextmanager
async def looking(media: MediaHouse, room: str, **people: Sight) -> AsyncIterator[list[LightPeer]]:
    """These people in a room, the first of them its host."""
    peers = []
    for at, (person, sight) in enumerate(people.items()):
        role = "host" if at == 0 else "participant"
        peers.append(LightPeer(media.desk, room, media.token(room, person, sight=sight, role=role)))
    try:
        for peer in peers:
            await peer.join()
            await peer.hear("welcome")
        yield peers
    finally:
        for peer in peers:
            await peer.close()


def count(peer: LightPeer, told: str) -> int:
    return sum(each["told"] == told for each in peer.told)


async def test_everyone_is_told_of_the_picture_and_of_hands_but_who_may_see_none(
    media: MediaHouse,
) -> None:
    room = await media.open_room()
    sights = {"host": Sight.SHOW, "expert": Sight.SHOW, "patient": Sight.NONE}
    async with looking(media, room, **sights) as (host, expert, patient):
        host.say(say="present", person="host")
        host.say(say="view", view=view())
        assert (await expert.hear("showing"))["showing"]["presenter"] == "host"
        assert (await expert.hear("view"))["view"] == view()
        assert await host.hear("shown") == {"told": "shown", "image": IMAGE, "presenter": "host"}
        expert.say(say="point", image=IMAGE, frame=1, at=[7.004, 8])
        hand = await host.hear("point")
        assert (hand["by"], hand["at"]) == ("expert", [7.0, 8.0])
        expert.say(say="stroke", **stroke("a"))
        assert (await host.hear("stroke"))["colour"] == hand["colour"]
        expert.say(say="view", view=view(frame=2))
        assert (await expert.hear("refused"))["code"] == "not-presenter"
        patient.say(say="point", image=IMAGE, frame=1, at=[1, 1])
        assert (await patient.hear("refused"))["code"] == "may-not-look"
        assert count(host, "view") == 0
        assert {each["told"] for each in patient.told} <= {"people"}


async def test_who_comes_late_finds_the_picture_and_every_line(media: MediaHouse) -> None:
    room = await media.open_room()
    async with looking(media, room, host=Sight.SHOW) as (host,):
        host.say(say="present", person="host")
        host.say(say="view", view=view(inverted=True))
        host.say(say="stroke", **stroke("a"))
        await host.hear("shown")
        late = LightPeer(media.desk, room, media.token(room, "late", sight=Sight.LOOK))
        stranger = LightPeer(media.desk, room, media.token(room, "patient"))
        try:
            for peer in (late, stranger):
                await peer.join()
            found = (await late.hear("welcome"))["showing"]
            assert found["presenter"] == "host"
            assert found["view"] == view(inverted=True)
            assert [(each["by"], each["points"]) for each in found["strokes"]] == [
                ("host", [[1.0, 2.0], [3.0, 4.0]])
            ]
            assert (await stranger.hear("welcome"))["showing"] is None
        finally:
            await late.close()
            await stranger.close()


async def test_who_shows_and_comes_back_by_another_line_still_shows(media: MediaHouse) -> None:
    room = await media.open_room()
    sights = {"host": Sight.SHOW, "expert": Sight.SHOW}
    async with looking(media, room, **sights) as (host, expert):
        expert.say(say="present", person="expert")
        expert.say(say="view", view=view())
        await host.hear("view")
        expert.drop_line()
        await expert.is_cut()
        await expert.join()
        assert (await expert.hear("welcome"))["showing"]["presenter"] == "expert"
        expert.say(say="view", view=view(frame=3))
        assert (await host.hear("view"))["view"]["frame"] == 3


async def test_nonsense_and_floods_of_one_person_leave_the_others_looking(
    media: MediaHouse,
) -> None:
    room = await media.open_room()
    sights = {"host": Sight.SHOW, "expert": Sight.SHOW, "rude": Sight.SHOW}
    async with looking(media, room, **sights) as (host, expert, rude):
        host.say(say="present", person="host")
        host.say(say="view", view=view())
        await expert.hear("view")
        junk: list[Any] = [
            None,
            [],
            "x",
            {"image": []},
            view(centre="here"),
            view(field=[1e999, 1]),
        ]
        for each in junk:
            rude.say(say="view", view=each)
            rude.say(say="stroke", stroke=each, image=IMAGE, frame=1, points=each)
            rude.say(say="present", person=each)
        for number in range(400):
            rude.say(say="point", image=IMAGE, frame=1, at=[number, number])
        host.say(say="view", view=view(frame=9))
        assert (await expert.hear("view"))["view"]["frame"] == 9
        rude.say(say="erase", stroke="last")  # what is said after a flood is heard all the same
        await eventually(
            lambda: any(each.get("code") == "not-own-stroke" for each in rude.told[-3:])
        )
        assert count(expert, "point") < 400

        async def is_seen_again() -> bool:
            rude.say(say="point", image=IMAGE, frame=9, at=[500, 500])
            return any(each.get("at") == [500.0, 500.0] for each in expert.told)

        await eventually(is_seen_again)  # a hand at a hand's pace is seen all the same
        expert.say(say="point", image=IMAGE, frame=9, at=[1, 1])
        hands = await eventually(lambda: [each for each in host.told if each.get("by") == "expert"])
        assert hands[-1]["at"] == [1.0, 1.0]


async def test_a_second_device_of_a_person_that_sees_nothing_takes_nothing_from_her(
    media: MediaHouse,
) -> None:
    room = await media.open_room()
    sights = {"host": Sight.SHOW, "expert": Sight.SHOW}
    async with looking(media, room, **sights) as (host, expert):
        token = media.token(room, "expert", device=Device.COMPANION)
        phone = LightPeer(media.desk, room, token)
        try:
            await phone.join()
            assert (await phone.hear("welcome"))["showing"] is None
            host.say(say="present", person="expert")
            assert (await expert.hear("showing"))["showing"]["presenter"] == "expert"
            phone.say(say="view", view=view())
            assert (await phone.hear("refused"))["code"] == "may-not-look"
        finally:
            await phone.close()
