"""Who gets into a room, and what is refused while the room goes on (T20, T21)."""

import asyncio
import contextlib
import secrets
import time
from typing import Any

import pytest

from server.media.errors import RoomRefusal
from server.media.tokens import LONGEST_LIFE_S, Claims, Device, is_fresh, read_token, seal_token
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse, eventually

pytestmark = pytest.mark.server


async def answer_at_the_door(media: MediaHouse, room: str, token: object) -> dict[str, Any]:
    line = await media.desk.join(room, token)  # type: ignore[arg-type] - nonsense is sent on purpose
    told = await line.receive()
    line.end()
    assert told is not None
    return told


@contextlib.asynccontextmanager
async def two(media: MediaHouse) -> Any:
    room = await media.open_room()
    peers = [LightPeer(media.desk, room, media.token(room, each)) for each in ("ann", "bob")]
    try:
        for peer in peers:
            await peer.join()
            await peer.hear("welcome")
            await peer.publish()
        yield room, *peers
    finally:
        for peer in peers:
            await peer.close()


async def goes_on(ann: LightPeer, bob: LightPeer) -> bool:
    text = secrets.token_bytes(8)
    await bob.send_until(lambda: text in ann.texts(bob.name), text=text)
    return True


async def test_a_token_of_another_room_is_refused(media: MediaHouse) -> None:
    one, other = await media.open_room(), await media.open_room()
    told = await answer_at_the_door(media, one, media.token(other, "ann"))
    assert told == {"told": "refused", "say": "join", "code": "token-refused"}
    forged = media.token(one, "ann").partition(".")[0] + "." + "A" * 43
    for token in (forged, "", "x" * 5000, None, 7, "é.é", media.token(one, "ann") + "x"):
        assert (await answer_at_the_door(media, one, token))["code"] == "token-refused"
    assert (await answer_at_the_door(media, "no-room", forged))["code"] == "no-such-room"
    assert (await answer_at_the_door(media, one, media.token(one, "ann")))["told"] == "welcome"


def test_a_token_says_room_person_role_and_device_and_lives_a_quarter_of_an_hour() -> None:
    key, other = secrets.token_bytes(32), secrets.token_bytes(32)
    claims = Claims("r", "p", "participant", Device.COMPANION, 1000, 10_000)
    token = seal_token(claims, key)
    assert read_token(token, room="r", key=key) == claims
    for room, held in (("r", other), ("q", key), ("r", b"short")):
        with pytest.raises(RoomRefusal):
            read_token(token, room=room, key=held)
    assert is_fresh(claims, 1000 + LONGEST_LIFE_S - 1)
    assert not is_fresh(claims, 1000 + LONGEST_LIFE_S)
    assert not is_fresh(Claims("r", "p", "", Device.FIRST, 1000, 1100), 1100)


async def test_an_old_token_lets_nobody_in(media: MediaHouse) -> None:
    room = await media.open_room()
    old = int(time.time()) - LONGEST_LIFE_S - 5
    told = await answer_at_the_door(media, room, media.token(room, "ann", issued_s=old))
    assert told["code"] == "token-expired"


async def test_the_seventh_person_is_refused_and_a_second_device_is_not(media: MediaHouse) -> None:
    room = await media.open_room()
    lines = []
    for person in range(6):
        lines.append(await media.desk.join(room, media.token(room, f"p{person}")))
        assert ((await lines[-1].receive()) or {})["told"] == "welcome"
    assert (await answer_at_the_door(media, room, media.token(room, "p6")))["code"] == "room-full"
    phone = media.token(room, "p0", device=Device.COMPANION)
    assert (await answer_at_the_door(media, room, phone))["told"] == "welcome"
    for line in lines:
        line.end()


async def test_a_room_beyond_the_measured_number_is_refused_with_its_reason(
    media_hasty: MediaHouse,
) -> None:
    free = 2 - await rooms_of(media_hasty)
    opened = [await media_hasty.open_room(f"full-{each}") for each in range(free)]
    media_hasty.keys["one-more"] = secrets.token_bytes(32)
    told = await media_hasty.desk.ask("open", room="one-more", key="0" * 64)
    assert told["refused"] == "rooms-full"
    for room in opened:
        assert (await media_hasty.desk.ask("close", room=room))["closed"]


async def rooms_of(media: MediaHouse) -> int:
    return int((await media.desk.ask("health"))["rooms"])


async def test_a_room_keeps_the_key_that_it_was_opened_with(media: MediaHouse) -> None:
    room = await media.open_room()
    assert (await media.desk.ask("open", room=room, key=media.keys[room].hex()))["opened"]
    told = await media.desk.ask("open", room=room, key="0" * 64)
    assert told["refused"] == "room-has-another-key"
    for name, key in (("../x", "0" * 64), ("", "0" * 64), ("a", "0"), (7, "0" * 64), ("a", None)):
        assert "refused" in await media.desk.ask("open", room=name, key=key)
    assert (await media.desk.ask("nonsense"))["refused"] == "unknown-word"


async def test_who_is_put_out_is_gone_at_once_and_needs_a_newer_token(media: MediaHouse) -> None:
    async with two(media) as (room, ann, bob):
        before = media.token(room, "bob")
        assert (await media.desk.ask("remove", room=room, person="bob"))["removed"] == 1
        await bob.hear("removed")
        assert await bob.is_cut()
        await eventually(lambda: {each["person"] for each in ann.people} == {"ann"})
        assert (await answer_at_the_door(media, room, before))["code"] == "removed"
        later = media.token(room, "bob", issued_s=int(time.time()) + 2)
        assert (await answer_at_the_door(media, room, later))["told"] == "welcome"


async def test_a_room_that_is_closed_ends_for_everyone(media: MediaHouse) -> None:
    async with two(media) as (room, ann, bob):
        assert (await media.desk.ask("close", room=room))["closed"]
        for peer in (ann, bob):
            await peer.hear("closed")
            assert await peer.is_cut()
        assert (await media.desk.ask("stats", room=room))["refused"] == "no-such-room"


async def test_the_same_device_at_a_second_place_takes_over(media: MediaHouse) -> None:
    async with two(media) as (room, ann, bob):
        again = LightPeer(media.desk, room, media.token(room, "bob", role="participant"))
        await again.join()
        await again.hear("welcome")
        await bob.hear("taken-over")
        assert await bob.is_cut()
        await again.publish()
        assert await goes_on(ann, again)
        await again.close()


_GOOD_HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
_SECTION = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        (None, "description-malformed"),
        (7, "description-malformed"),
        ("", "description-malformed"),
        ("v=0\r\n", "description-malformed"),
        ("\x00" * 100, "description-malformed"),
        ("视频", "description-malformed"),
        (_GOOD_HEAD + _SECTION, "description-malformed"),
        (
            _GOOD_HEAD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
            "description-malformed",
        ),
        (_GOOD_HEAD + _SECTION + "a=rtpmap:x\r\na=ice-ufrag:a\r\n", "description-malformed"),
        (_GOOD_HEAD + _SECTION + "a=fingerprint\r\na=candidate:1 1\r\n", "description-malformed"),
        (_GOOD_HEAD + "a=" + "x" * 5000 + "\r\n" + _SECTION, "description-too-long"),
        ("a" * 70_000, "description-too-long"),
        (_GOOD_HEAD + _SECTION * 25, "too-many-sections"),
        (_GOOD_HEAD + _SECTION + "a=candidate:x\r\n" * 100, "too-many-candidates"),
    ],
)
async def test_a_malformed_description_is_refused_and_the_room_goes_on(
    media: MediaHouse, offer: object, code: str
) -> None:
    async with two(media) as (room, ann, bob):
        cat = LightPeer(media.desk, room, media.token(room, "cat"))
        await cat.join()
        cat.say(say="publish", offer=offer, sources={"0": "camera"})
        assert (await cat.hear("refused"))["code"] == code
        assert await goes_on(ann, bob)
        await cat.publish()  # and may do it rightly
        assert await goes_on(ann, cat)
        await cat.close()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"say": "sing"}, "unknown-word"),
        ({"say": ["publish"]}, "unknown-word"),
        ({}, "unknown-word"),
        ({"say": "answer", "number": 99, "answer": "v=0"}, "answer-to-nothing"),
        ({"say": "candidate", "of": "publish", "candidate": 7}, "candidate-malformed"),
        ({"say": "candidate", "of": "elsewhere", "candidate": {}}, "candidate-of-nothing"),
        (
            {
                "say": "candidate",
                "of": "publish",
                "candidate": {"candidate": "candidate:1 x udp y 127.0.0.1 z typ w"},
            },
            "candidate-malformed",
        ),
        ({"say": "publish", "offer": "v=0", "sources": {"0": "secret"}}, "sources-malformed"),
        ({"say": "publish", "offer": "v=0", "sources": ["camera"]}, "sources-malformed"),
        (
            {"say": "publish", "offer": "v=0", "sources": {"0": "camera", "1": "camera"}},
            "sources-malformed",
        ),
    ],
)
async def test_a_malformed_message_is_refused_and_the_room_goes_on(
    media: MediaHouse, message: dict[str, Any], code: str
) -> None:
    async with two(media) as (_room, ann, bob):
        bob.say(**message)
        assert (await bob.hear("refused"))["code"] == code
        assert await goes_on(ann, bob)


async def test_candidates_by_name_or_tcp_are_left_out_silently(media: MediaHouse) -> None:
    async with two(media) as (_room, ann, bob):
        for line in (
            "candidate:1 1 udp 2113937151 0f2b1c9a-1111.local 50000 typ host",
            "candidate:1 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active",
            "",
        ):
            bob.say(say="candidate", of="publish", candidate={"candidate": line, "sdpMid": "0"})
        assert await goes_on(ann, bob)
        assert not [each for each in bob.told if each["told"] == "refused"]


@pytest.mark.parametrize("raw", [b"\n", b"[]\n", b"{\n", b"\xff\xfe\n", b"{" * 300_000, b'"x"\n'])
async def test_a_line_of_nonsense_is_ended_and_nobody_else_is(
    media: MediaHouse, raw: bytes
) -> None:
    async with two(media) as (_room, ann, bob):
        reader, writer = await asyncio.open_unix_connection(media.desk.place)
        writer.write(raw)
        with contextlib.suppress(OSError):
            async with asyncio.timeout(30):
                assert await reader.read() in {b"", b'{"number":null,"refused":"unknown-word"}\n'}
        writer.close()
        assert await goes_on(ann, bob)


async def test_who_says_too_much_is_let_go(media: MediaHouse) -> None:
    async with two(media) as (_room, ann, bob):
        for _ in range(200):
            bob.say(say="receive", video=True)
        await eventually(lambda: any(each.get("code") == "too-many-messages" for each in bob.told))
        assert await bob.is_cut()
        await bob.join()
        assert await goes_on(ann, bob)


async def test_a_malformed_answer_is_refused_and_another_offer_is_made(media: MediaHouse) -> None:
    async with two(media) as (room, ann, bob):
        cat = LightPeer(media.desk, room, media.token(room, "cat"))
        cat.answers = False
        await cat.join()
        offered = await cat.hear("offer")
        cat.say(say="answer", number=offered["number"], answer=_GOOD_HEAD + _SECTION)
        assert (await cat.hear("refused"))["code"] == "description-malformed"
        cat.answers = True
        await bob.send_until(lambda: b"seen" in cat.texts(bob.name), text=b"seen")
        assert await goes_on(ann, bob)
        await cat.close()


async def test_an_offer_that_is_never_answered_is_made_anew(media_hasty: MediaHouse) -> None:
    room = await media_hasty.open_room("unanswered")
    ann = LightPeer(media_hasty.desk, room, media_hasty.token(room, "ann"))
    bob = LightPeer(media_hasty.desk, room, media_hasty.token(room, "bob"))
    ann.answers = False
    for peer in (ann, bob):
        await peer.join()
    await bob.publish()
    assert (await ann.hear("offer"))["number"] == 1
    ann.answers = True
    assert await goes_on(ann, bob)
    for peer in (ann, bob):
        await peer.leave()
    await media_hasty.desk.ask("close", room=room)
