"""One member can neither stop the rooms of others nor fill them."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pylibsrtp
import pytest

from server.media.descriptions import check_description
from server.media.errors import RoomRefusal
from server.media.known_sources import MOST_SOURCES, KnownSources
from server.media.limits import load_media_rules
from server.media.room import Room
from server.media.rooms import Rooms
from server.media.tokens import Device
from tests.makers.house import ROOT
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse

pytestmark = pytest.mark.server
RULES, _ = load_media_rules(ROOT / "config")
HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
SECTION = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
HIDDEN = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"


@pytest.mark.parametrize(
    "lines",
    [
        "".join(f"a=rtpmap:{each} V/9\r\n" for each in range(65)),
        "a=rtcp-fb:* x\r\n" * 9,
        "a=rtcp-fb:96 x\r\n" * 257,
        "a=fmtp:96 x=1\r\n" * 65,
        "".join(f"a=ssrc:{each} cname:x\r\n" for each in range(33)),
        "".join(f"a=extmap:{each} urn:x\r\n" for each in range(33)),
        "a=fingerprint:sha-256 AA\r\n" * 9,
        *(f"a=x{end}{HIDDEN}\r\n" for end in "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028"),
        "a=x\x00\r\n",
        f"{HIDDEN}\r\n",
        "m=VIDEO 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "m=\r\n",
        "a=ssrc:1099511627776 cname:x\r\n",
        "a=ssrc:-1 cname:x\r\n",
        "a=ssrc-group:FID 1 4294967296\r\n",
    ],
)
def test_a_description_that_could_hold_up_or_get_past_the_engine_is_refused(lines: str) -> None:
    assert check_description(HEAD + SECTION, RULES)
    with pytest.raises(RoomRefusal, match="description-malformed"):
        check_description(HEAD + SECTION + lines, RULES)


@pytest.mark.parametrize("line", ["a=group:BUNDLE 0\r\n", "a=msid-semantic:WMS *\r\n"])
def test_so_is_one_whose_beginning_is_too_long(line: str) -> None:
    assert check_description(HEAD + line * 4 + SECTION, RULES)
    with pytest.raises(RoomRefusal, match="description-malformed"):
        check_description(HEAD + line * 5 + SECTION, RULES)


def test_lines_are_counted_section_by_section() -> None:
    lines = "".join(f"a=rtpmap:{each} V/9\r\n" for each in range(40))
    assert check_description(HEAD + (SECTION + lines) * 6, RULES)


async def test_a_member_who_describes_on_and_on_waits_and_the_room_does_not(
    media: MediaHouse,
) -> None:
    room = await media.open_room()
    ann = LightPeer(media.desk, room, media.token(room, "ann"))
    await ann.join()
    await ann.hear("welcome")
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    for _ in range(7):
        ann.say(say="publish", offer=HEAD + SECTION, sources={"0": "camera"})
    for _ in range(7):
        await ann.hear("refused")
    assert loop.time() - begun_s > 3.5, "three at once, and then one a second"
    await ann.close()


def settled() -> Any:
    """What holds for rooms without a process."""
    return SimpleNamespace(rules=RULES, most_rooms=5, recording=None)


def inside(room: Room, person: str, **facts: Any) -> Any:
    """Somebody in this room."""
    claims = SimpleNamespace(person=person, role="", device=Device.FIRST)
    somebody: Any = SimpleNamespace(
        claims=claims,
        name=person,
        tracks={},
        publishing=None,
        subscription=None,
        changed=asyncio.Event(),
        away_since_s=None,
        is_silent=False,
        tell=None,
        **facts,
    )
    room.participants[person] = somebody
    return somebody


async def test_a_room_that_fails_as_a_whole_takes_nobody_elses_second() -> None:
    rooms = Rooms(settled())
    for name in ("bad", "good"):
        rooms.open(name, "0" * 64)
    rooms.get("bad").participants["nobody"] = None  # type: ignore[assignment]

    async def leave() -> None:
        """Nothing is left behind."""

    inside(rooms.get("good"), "ann", leave=leave).away_since_s = -1e9
    rooms.beat()
    assert not rooms.get("good").participants


async def test_who_does_not_come_back_is_waited_for_by_nobody() -> None:
    rooms = Rooms(settled())
    for name in ("one", "other"):
        rooms.open(name, "0" * 64)
    never = asyncio.Event()

    async def leave() -> None:
        await never.wait()

    for name in ("one", "other"):
        inside(rooms.get(name), "ann", leave=leave).away_since_s = -1e9
    rooms.beat()
    assert not rooms.get("other").participants


async def test_a_room_that_is_full_of_tracks_says_so_and_nobody_is_locked_out(
    media: MediaHouse,
) -> None:
    room = await media.open_room()
    four = ("microphone", "camera", "screen", "screen-sound")
    peers = []
    for person in ("ann", "bob", "cat"):
        for device in Device:
            peer = LightPeer(media.desk, room, media.token(room, person, device=device))
            peer.answers = False
            await peer.join()
            await peer.hear("welcome")
            await peer.publish(four)
            peers.append(peer)
    dan = LightPeer(media.desk, room, media.token(room, "dan"))
    peers.append(dan)
    await dan.join()
    await dan.hear("welcome")
    dan.say(say="publish", offer=HEAD + SECTION, sources={"0": "microphone"})
    assert (await dan.hear("refused"))["code"] == "room-tracks-full"
    first = peers[0]
    for source in four:
        await first.send_until(
            lambda source=source: b"seen" in dan.texts(first.name, source), text=b"seen"
        )
    assert len(dan.sources()) == 24
    assert not [each for each in dan.told if each.get("say") == "answer"]
    for peer in peers:
        await peer.close()


class Session:
    """Deciphering that finds everything genuine but what says otherwise."""

    def __init__(self) -> None:
        self.read = 0

    def unprotect(self, data: bytes) -> bytes:
        self.read += 1
        if data.endswith(b"forged"):
            raise pylibsrtp.Error
        return data

    unprotect_rtcp = unprotect


def rtp(ssrc: int, text: bytes = b"") -> bytes:
    """A packet of this source."""
    return b"\x80\x60" + bytes(6) + ssrc.to_bytes(4, "big") + text


def test_a_peer_has_no_more_sources_than_are_remembered() -> None:
    session: Any = Session()
    KnownSources(session)
    for ssrc in range(100):
        with pytest.raises(pylibsrtp.Error):
            session.unprotect(rtp(1000 + ssrc, b"forged"))
    for ssrc in range(MOST_SOURCES - 1):
        assert session.unprotect(rtp(ssrc))
    report = b"\x80\xc9\x00\x01"
    assert session.unprotect_rtcp(report + (7777).to_bytes(4, "big"))
    read = session.read
    for one_more in (
        lambda: session.unprotect(rtp(5000)),
        lambda: session.unprotect_rtcp(report + (5001).to_bytes(4, "big")),
    ):
        with pytest.raises(pylibsrtp.Error):
            one_more()
    assert session.read == read, "it was not even deciphered"
    assert session.unprotect(rtp(3)), "those that are known go on"


@pytest.mark.parametrize("way", ["c3", "c1"])
async def test_a_device_that_changes_its_source_for_ever_is_not_followed_for_ever(
    way: str, media: MediaHouse, media_slow: MediaHouse
) -> None:
    house = media if way == "c3" else media_slow
    room = await house.open_room()
    ann, bob = (LightPeer(house.desk, room, house.token(room, each)) for each in ("ann", "bob"))
    for peer in (ann, bob):
        await peer.join()
        await peer.hear("welcome")
        await peer.publish(["camera"])
    await bob.send_until(lambda: b"before" in ann.texts(bob.name), text=b"before")
    for number in range(2 * MOST_SOURCES):
        bob.take_another_ssrc("camera", 1000 + number)
        await bob.send("camera", b"source %d" % number)
        await bob.send("camera", b"source %d" % number)
    bob.take_another_ssrc("camera", 1000)
    await bob.send_until(lambda: b"after" in ann.texts(bob.name), text=b"after")
    came = {text for text in ann.texts(bob.name) if text.startswith(b"source")}
    assert came
    assert len(came) <= MOST_SOURCES
    for peer in (ann, bob):
        await peer.close()
