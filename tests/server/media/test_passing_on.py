"""Packets passed on keep their order, their time and their place, as the engine's parts do it."""

import contextlib
import struct
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from server.media.engine import RTCRtpCodecParameters
from server.media.ingress import Ingress
from server.media.limits import load_media_rules
from server.media.outlet import OUTLETS
from server.media.sender import ForwardSender
from server.media.track import Track
from tests.makers.house import ROOT
from tests.makers.light_peer import loss_report

pytestmark = pytest.mark.server
RULES, _ = load_media_rules(ROOT / "config")
_HEAD = struct.Struct("!BBHII")


class Transport:
    """A connection whose handshake is over."""

    state = "connected"

    def __init__(self) -> None:
        self._rtp_router = SimpleNamespace(ssrc_table={})
        self._register_rtp_sender = self._unregister_rtp_sender = lambda *_: None


class Leaving:
    """What has left."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, int, bytes]] = []
        self.told: list[bytes] = []

    def send(self, raw: bytes) -> None:
        _, kind, seq, _stamp, _ssrc = _HEAD.unpack_from(raw)
        self.sent.append((kind & 0x7F, seq, raw[12:]))

    def send_rtcp(self, raw: bytes) -> None:
        self.told.append(raw)

    def hear(self, _receiver: object) -> None: ...

    def forget(self, _receiver: object) -> None: ...

    def refresh(self) -> None: ...

    def close(self) -> None: ...


def agreed() -> Any:
    """VP8, sent again by RTX, no header extension."""
    return SimpleNamespace(
        codecs=[
            RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97),
            RTCRtpCodecParameters(
                mimeType="video/rtx", clockRate=90000, payloadType=98, parameters={"apt": 97}
            ),
        ],
        headerExtensions=[],
        muxId="0",
        rtcp=SimpleNamespace(cname="of the connection"),
    )


@contextlib.asynccontextmanager
async def taking(
    track: Track, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[ForwardSender, Leaving]]:
    """A receiver of this track, and what leaves for it."""
    transport, leaving = Transport(), Leaving()
    monkeypatch.setattr(OUTLETS, "of", lambda _: leaving)
    OUTLETS._known[transport] = leaving  # type: ignore[index] - a connection as far as it is asked
    sender = ForwardSender("video", transport)  # type: ignore[arg-type]
    sender.bind(track, RULES)
    await sender.send(agreed())
    yield sender, leaving
    await sender.stop()


def camera() -> Track:
    """A track of VP8."""
    track = Track("video", "camera", RULES)
    track.codec = "vp8"
    return track


async def test_an_open_gap_is_filled_under_its_own_number_after_a_renegotiation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track = camera()
    async with taking(track, monkeypatch) as (sender, leaving):
        for seq in (10, 11, 13):
            track.take(seq, 0, 9000, b"%d" % seq)
        await sender.send(agreed())
        for seq in (12, 14):
            track.take(seq, 0, 9000, b"%d" % seq)
        numbers = {payload: seq for _, seq, payload in leaving.sent}
        first = numbers[b"10"]
        assert numbers == {b"%d" % seq: (first + seq - 10) & 0xFFFF for seq in range(10, 15)}


async def test_what_comes_late_from_before_the_first_packet_takes_no_number_that_was_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track = camera()
    for seq in (10, 12):
        track.take(seq, 0, 9000, b"%d" % seq)
    async with taking(track, monkeypatch) as (sender, leaving):
        track.take(13, 0, 9000, b"13")
        track.take(11, 0, 9000, b"11")
        track.take(14, 0, 9000, b"14")
        assert [payload for _, _, payload in leaving.sent] == [b"13", b"14"]
        before = leaving.sent[0][1]
        for back in (1, 2, 3):
            sender._send_again((before - back) & 0xFFFF)
        assert not sender.resent, "what it was never sent is not sent again either"
        sender._send_again(before)
        kind, _, payload = leaving.sent[-1]
        assert (kind, payload[2:]) == (98, b"13")


async def test_the_next_track_goes_on_where_the_last_one_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = camera(), camera()
    async with taking(one, monkeypatch) as (sender, leaving):
        one.take(10, 0, 9000, b"one")
        sender.bind(other, RULES)
        other.take(500, 0, 70, b"other")
        (_, first, _), (_, second, _) = leaving.sent
        assert (second - first) & 0xFFFF == 1


async def test_resent_packets_find_their_track_by_the_source_that_was_told() -> None:
    dtls: Any = SimpleNamespace(
        _rx_srtp=SimpleNamespace(unprotect=bytes), _rtp_router=SimpleNamespace(ssrc_table={})
    )
    ingress = Ingress(dtls, lambda _: None)
    hearers: list[Any] = [
        SimpleNamespace(
            ssrc=ssrc,
            resent_ssrc=ssrc + 1,
            rtcp_ssrc=1,
            codec_of={96: "vp8", 97: ""},
            arrivals_id=None,
            brought=camera(),
        )
        for ssrc in (1000, 2000)
    ]
    for hearer in hearers:
        ingress.add(hearer)
    for ssrc, hearer in ((1001, hearers[0]), (2001, hearers[1])):
        ingress.take(_HEAD.pack(0x80, 97, 1, 0, ssrc) + b"\x00\x0anew")
        assert hearer.brought.octets == 3
    ingress.take(_HEAD.pack(0x80, 97, 1, 0, 3001) + b"\x00\x0bnew")
    assert ingress.refused == 1, "whose it is nobody has told"
    ingress.remove(hearers[1])
    ingress.take(_HEAD.pack(0x80, 96, 12, 0, 3000) + b"more")
    assert hearers[0].brought.octets == 7
    assert hearers[1].brought.octets == 3


async def test_the_clock_of_a_track_is_told_under_the_name_of_its_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track = camera()
    track.take(10, 0, 9000, b"x")
    track.clock = (1 << 40, 9000)
    async with taking(track, monkeypatch) as (sender, leaving):
        track.take(11, 0, 12000, b"x")
        sender.beat()
        assert track.stream.encode() in leaving.told[-1]
        assert b"of the connection" not in leaving.told[-1]


async def test_a_report_counts_once_and_who_says_nothing_limits_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track = camera()
    async with taking(track, monkeypatch) as (sender, _):
        assert track.wanted_bps == track.ceiling_bps
        for seq in range(10, 90):
            track.take(seq, 0, 9000, bytes(1000))
        await sender._handle_rtcp_packet(loss_report(sender._ssrc, 77))
        sender.beat()
        once = track.wanted_bps
        assert RULES.ceilings.floor < once < track.ceiling_bps
        sender.beat()
        assert track.wanted_bps == once, "one report of loss is not heard twice"
        for _ in range(4):
            sender.beat()
        assert track.wanted_bps == track.ceiling_bps
        await sender._handle_rtcp_packet(loss_report(sender._ssrc, 0))
        sender.beat()
        assert once < track.wanted_bps < track.ceiling_bps, "it goes on where it was"
