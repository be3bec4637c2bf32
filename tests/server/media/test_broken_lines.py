"""What was on its way when a line broke is not lost: the room goes on as if nothing had been."""

import contextlib

import pytest

from tests.makers.engine_alone import run_alone
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server


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
