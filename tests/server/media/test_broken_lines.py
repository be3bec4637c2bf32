"""What was on its way when a line broke is not lost: the room goes on as if nothing had been."""

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

from server.media.errors import RoomRefusal
from server.media.limits import load_media_rules
from server.media.own_engine import OwnEngine
from server.media.rooms import Rooms
from server.media.tokens import LONGEST_LIFE_S, Claims, Device, seal_token
from tests.makers.engine_alone import run_alone
from tests.makers.house import ROOT
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server
RULES, _ = load_media_rules(ROOT / "config")
KEY = bytes(32)


def settled() -> Any:
    """What holds for rooms without a process."""
    return SimpleNamespace(rules=RULES, most_rooms=5, recording=None, engine=OwnEngine())


def token(person: str, issued_s: int) -> str:
    """As web seals it."""
    claims = Claims("r", person, "participant", Device.FIRST, issued_s, issued_s + 600)
    return seal_token(claims, KEY)


async def come(media: MediaHouse, room: str, person: str) -> LightPeer:
    """Somebody comes, and sends sound and picture."""
    peer = LightPeer(media.desk, room, media.token(room, person))
    await peer.join()
    await peer.hear("welcome")
    await peer.publish()
    return peer


async def sees(whom: LightPeer, who: LightPeer, text: bytes) -> None:
    """Until what one sends is seen by the other."""
    await whom.send_until(lambda: text in who.texts(whom.name), text=text)


async def test_an_offer_that_went_down_with_the_line_is_made_again(media: MediaHouse) -> None:
    room = await media.open_room()
    async with contextlib.AsyncExitStack() as stack:
        ann, bob = await come(media, room, "ann"), await come(media, room, "bob")
        for peer in (ann, bob):
            stack.push_async_callback(peer.close)
        await sees(bob, ann, b"before")
        ann.told.clear()
        ann.answers = False
        cat = await come(media, room, "cat")
        stack.push_async_callback(cat.close)
        lost = await ann.hear("offer")
        ann.drop_line()
        await eventually(lambda: any(each["is_away"] for each in bob.people))
        ann.told.clear()
        ann.answers = True
        await ann.join()
        assert (await ann.hear("offer"))["number"] == lost["number"], "the very same"
        await sees(cat, ann, b"after")
        await sees(bob, ann, b"still")


async def test_an_answer_that_went_down_with_the_line_is_asked_for_again(
    media_hasty: MediaHouse,
) -> None:
    room = await media_hasty.open_room("answer-lost")
    ann = LightPeer(media_hasty.desk, room, media_hasty.token(room, "ann"))
    ann.answers = False
    await ann.join()
    bob = await come(media_hasty, room, "bob")
    await ann.hear("offer")
    ann.drop_line()
    await eventually(lambda: any(each["is_away"] for each in bob.people))
    await ann.join()  # and stays dumb: the offer is given up after all
    assert (await ann.hear("offer"))["number"] == 1
    ann.answers = True
    await sees(bob, ann, b"seen")
    for peer in (ann, bob):
        await peer.leave()
    await media_hasty.desk.ask("close", room=room)


def test_an_offer_that_was_cut_short_is_made_at_the_next_occasion() -> None:
    told = run_alone(
        """
        from server.media.subscription import Subscription
        tracks = [Track("video", "camera", rules), Track("audio", "microphone", rules)]
        async def offer_twice():
            subscription = Subscription(settled, lambda: None)
            cut = asyncio.get_running_loop().create_task(subscription.offer(tracks))
            for _ in range(turns):
                await asyncio.sleep(0)
            is_cut = cut.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await cut
            if not is_cut or not cut.cancelled():
                await subscription.close()
                return None
            offered = await subscription.offer(tracks)
            again = await subscription.offer(tracks)
            await subscription.close()
            return offered is not None and len(offered.tracks) == 2 and again is None
        found = []
        for turns in range(1, 6):
            found.append(runner.run(offer_twice()))
        print(found[0], False in found)
        """
    )
    assert told == "True False"


async def test_a_question_that_was_called_off_leaves_no_answer_behind(media: MediaHouse) -> None:
    for turns in range(1, 12):
        asking = asyncio.get_running_loop().create_task(media.desk.ask("health"))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        assert "way" in await media.desk.ask("health")


@pytest.mark.parametrize("is_newer", [False, True])
async def test_everyone_hears_that_somebody_has_come_back(*, is_newer: bool) -> None:
    rooms = Rooms(settled())
    rooms.open("r", KEY.hex())
    room = rooms.get("r")
    room.join(token("ann", 1000), 1000)
    bob = room.join(token("bob", 1000), 1000)
    told: list[Any] = []
    room.participants["ann/first"].tell = told.append
    bob.away_since_s = 1.0
    room.note_change()
    assert [each["is_away"] for each in told[-1]["people"]] == [False, True]
    assert room.join(token("bob", 1001 if is_newer else 1000), 1001) is bob
    assert [each["is_away"] for each in told[-1]["people"]] == [False, False]


def test_who_leaves_in_the_midst_of_something_leaves_no_connection_behind() -> None:
    told = run_alone(
        """
        from server.media.connection import Connection
        from server.media.engine import make_peer
        from server.media.errors import RoomRefusal
        from server.media.participant import Participant
        from server.media.tokens import LONGEST_LIFE_S, Claims, Device
        made = []
        begin = Connection.__init__
        def noted(self, settled):
            begin(self, settled)
            made.append(self)
        Connection.__init__ = noted
        camera = [Track("video", "camera", rules)]
        async def leave_after(turns, what):
            participant = Participant(Claims("r", "p", "x", Device.FIRST, 1, 2), settled)
            page = make_peer()
            section = page.addTransceiver("audio", "sendonly")
            await page.setLocalDescription()
            acts = {
                "publish": lambda: participant.publish(
                    page.localDescription.sdp, {section.mid: "microphone"}, anew=True
                ),
                "offer": lambda: participant.offer(camera),
            }
            if turns % 2:
                with contextlib.suppress(RoomRefusal):
                    await acts[what]()
            task = asyncio.get_running_loop().create_task(acts[what]())
            for _ in range(turns):
                await asyncio.sleep(0)
            await participant.leave()
            found = (await asyncio.gather(task, return_exceptions=True))[0]
            assert not isinstance(found, Exception) or isinstance(found, RoomRefusal), repr(found)
            with contextlib.suppress(RoomRefusal):
                assert await participant.offer(camera) is None
            assert not participant.tracks, "tracks"
            await page.close()
            for each in made:
                assert each.has_ended, (turns, what)
        async def all():
            for what in ("publish", "offer"):
                for turns in range(14):
                    await leave_after(turns, what)
            print("nothing is left of", len(made) > 20)
        runner.run(all())
        """
    )
    assert told == "nothing is left of True"


async def test_whoever_is_there_comes_back_also_with_a_token_that_has_grown_old() -> None:
    rooms = Rooms(settled())
    rooms.open("r", KEY.hex())
    room = rooms.get("r")
    ann = room.join(token("ann", 1000), 1000)
    assert room.join(token("ann", 1000), 1000 + LONGEST_LIFE_S + 60) is ann
    with pytest.raises(RoomRefusal, match="token-expired"):
        room.join(token("bob", 1000), 1000 + LONGEST_LIFE_S + 60)
    room.leave(ann)
    with pytest.raises(RoomRefusal, match="token-expired"):
        room.join(token("ann", 1000), 1000 + LONGEST_LIFE_S + 60)


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_connections(
    media: MediaHouse,
) -> None:
    room = await media.open_room()
    ann = LightPeer(media.desk, room, media.token(room, "ann"))
    ann.answers = False
    await ann.join()
    bob = await come(media, room, "bob")
    late = await ann.hear("offer")
    ann.say(say="receive", anew=True)
    newer = await ann.hear("offer")
    assert (late["number"], newer["number"]) == (1, 1)
    ann.say(say="answer", connection=late["connection"], number=1, answer=late["offer"])
    assert (await ann.hear("refused"))["code"] == "answer-to-nothing"
    ann.answers = True
    await ann.take_offer(newer)
    await sees(bob, ann, b"seen")
    for peer in (ann, bob):
        await peer.leave()


async def test_a_picture_that_comes_again_in_its_section_is_another_source(
    media: MediaHouse,
) -> None:
    """Chromium would draw nothing of it under the SSRC that it had."""
    room = await media.open_room()
    ann, bob = await come(media, room, "ann"), LightPeer(media.desk, room, media.token(room, "bob"))
    await bob.join()
    await sees(ann, bob, b"before")
    await bob.hear("offer")
    before = bob.offered()
    pictures, sounds = bob.ssrcs("camera"), bob.ssrcs("microphone")
    await ann.take_back("camera")
    await eventually(lambda: bob.sources() == {(ann.name, "microphone")})
    await ann.give_again("camera")
    await sees(ann, bob, b"after")
    assert bob.offered() == before, "in the same section"
    assert bob.ssrcs("camera")
    assert not bob.ssrcs("camera") & pictures
    assert bob.ssrcs("microphone") == sounds
    for peer in (ann, bob):
        await peer.leave()
