"""A plain aiortc participant that sends made-up packets and counts what comes, decoding nothing."""

import asyncio
import contextlib
import struct
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from server.media.absent import stand_in

stand_in()

import aioice.ice  # noqa: E402 - PyAV is kept out first
from aiortc import (  # noqa: E402
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.rtp import (  # noqa: E402
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from server.media.asking import MediaDesk  # noqa: E402
from server.media.line import Line  # noqa: E402

_HEAD = struct.Struct("!BBHII")
KINDS = {"microphone": "audio", "camera": "video", "screen": "video", "screen-sound": "audio"}
LOOPBACK = "127.0.0.1"
_NUMBERED = 7
_LIMIT = 15  # REMB
_STEPS = {"audio": 960, "video": 3000}
Source = tuple[str, str]


def use_address(address: str) -> None:
    """Have peers send from this address of this machine."""

    def answer(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 - aioice's signature
        del use_ipv4, use_ipv6
        return [address]

    aioice.ice.get_host_addresses = answer


use_address(LOOPBACK)


class LightPeer:
    """One participant, from its token to its last packet."""

    def __init__(self, desk: MediaDesk, room: str, token: str) -> None:
        self.told: list[dict[str, Any]] = []
        self.received: dict[Source, list[bytes]] = defaultdict(list)
        self.stamps: dict[Source, list[tuple[int, int]]] = defaultdict(list)
        self.people: list[dict[str, Any]] = []
        self.name = ""
        self.publisher: RTCPeerConnection | None = None
        self.subscriber: RTCPeerConnection | None = None
        self.answers = True
        self._desk, self._room, self._token = desk, room, token
        self._line: Line | None = None
        self._listening: asyncio.Task[None] | None = None
        self._of_ssrc: dict[int, Source] = {}
        self._of_mid: dict[str, Source] = {}
        self._numbers: dict[str, tuple[int, int]] = {}
        self.sent = 0
        self.keyframes_asked = 0
        self.limits: list[tuple[int, int]] = []
        self.asked_for: dict[str, list[int]] = defaultdict(list)

    async def join(self) -> None:
        """Come in, or back in; what is told is heard from now on."""
        self._line = await self._desk.join(self._room, self._token)
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    def say(self, **message: Any) -> None:
        """Say anything."""
        assert self._line is not None
        self._line.send(message)

    async def hear(self, told: str, *, within_s: float = 60.0) -> dict[str, Any]:
        """The next message of this kind, taken from what was told."""
        async with asyncio.timeout(within_s):
            while True:
                for place, message in enumerate(self.told):
                    if message.get("told") == told:
                        return self.told.pop(place)
                await asyncio.sleep(0.01)

    async def is_cut(self) -> bool:
        """Whether the line ends."""
        assert self._listening is not None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._listening), 60)
        return self._listening.done()

    def drop_line(self) -> None:
        """The network takes the line away; the media goes on."""
        assert self._line is not None
        self._line.end()

    async def publish(self, sources: Sequence[str] = ("microphone", "camera")) -> None:
        """Send from these sources, by a new connection."""
        anew = self.publisher is not None
        if self.publisher is not None:
            await self.publisher.close()
        peer = self.publisher = _make_peer()
        for source in sources:
            peer.addTransceiver(KINDS[source], "sendonly")
        await self._offer(sources, anew=anew)

    async def add(self, source: str) -> None:
        """Send from one source more, by the same connection."""
        assert self.publisher is not None
        self.publisher.addTransceiver(KINDS[source], "sendonly")
        await self._offer([*self._numbers, source], anew=False)

    async def take_back(self, source: str) -> None:
        """Send from one source less."""
        assert self.publisher is not None
        section = self.publisher.getTransceivers()[list(self._numbers).index(source)]
        section.direction = "inactive"
        await self._offer(list(self._numbers), anew=False)

    def ssrcs(self, source: str) -> set[int]:
        """Under what numbers others' sources of this kind are offered to it."""
        return {ssrc for ssrc, (_, each) in self._of_ssrc.items() if each == source}

    async def give_again(self, source: str) -> None:
        """Send from that source again, in the section that it had."""
        assert self.publisher is not None
        section = self.publisher.getTransceivers()[list(self._numbers).index(source)]
        section.direction = "sendonly"
        await self._offer(list(self._numbers), anew=False)

    async def send_numbered(self, source: str) -> None:
        """A packet that says its own number and time."""
        seq, stamp = self._numbers[source]
        await self.send(source, struct.pack("!HI", seq + 1, stamp + _STEPS[KINDS[source]]))

    def shifts(self, participant: str, source: str) -> set[tuple[int, int]]:
        """By how much number and time of such packets were changed on their way."""
        key = participant, source
        came = zip(self.received[key], self.stamps[key], strict=True)
        return {
            ((seq - told[0]) & 0xFFFF, (stamp - told[1]) & 0xFFFFFFFF)
            for payload, (seq, stamp) in came
            if len(payload) == _NUMBERED
            for told in [struct.unpack("!HI", payload[1:])]
        }

    async def lose(self, source: str) -> int:
        """A packet that never comes, and one after it; the number of the first."""
        await self.send(source, b"after a gap", skip=1)
        return (self._numbers[source][0] - 1) & 0xFFFF

    async def send_again(self, source: str, seq: int, text: bytes) -> None:
        """A packet once more, by RTX (RFC 4588)."""
        assert self.publisher is not None
        section = self.publisher.getTransceivers()[list(self._numbers).index(source)]
        kind = next(each.payloadType for each in section._codecs if each.name.lower() == "rtx")
        head = _HEAD.pack(0x80, 0x80 | kind, 7, self._numbers[source][1], section.sender._rtx_ssrc)
        raw = head + seq.to_bytes(2, "big") + b"\x10" + text
        await section.receiver.transport._send_rtp(raw)

    async def acknowledge(self) -> None:
        """Say that it hears, as browsers do every second by their reports."""
        if self.subscriber is not None:
            dtls = self.subscriber.getTransceivers()[0].receiver.transport
            await dtls._send_rtp(bytes(RtcpRrPacket(ssrc=1, reports=[])))

    async def complain(self, source: str, lost_of_256: int) -> None:
        """Say that so much of the last second was lost of everybody's source of this kind."""
        assert self.subscriber is not None
        dtls = self.subscriber.getTransceivers()[0].receiver.transport
        for ssrc in self.ssrcs(source):
            await dtls._send_rtp(bytes(loss_report(ssrc, lost_of_256)))

    def take_another_ssrc(self, source: str, ssrc: int) -> None:
        """Go on under another SSRC without a word."""
        assert self.publisher is not None
        section = self.publisher.getTransceivers()[list(self._numbers).index(source)]
        section.sender._ssrc = ssrc

    def send_raw(self, data: bytes) -> None:
        """Any datagram to where its media go."""
        assert self.publisher is not None
        ice = self.publisher.getTransceivers()[0].receiver.transport.transport
        pair = ice._connection._nominated[1]
        pair.protocol.transport.sendto(data, pair.remote_addr)

    def offered(self) -> dict[str, Source]:
        """Whose each section is that is offered to it at present."""
        return dict(self._of_mid)

    async def _offer(self, sources: Sequence[str], *, anew: bool) -> None:
        peer = self.publisher
        assert peer is not None
        await peer.setLocalDescription()
        named = {
            str(section.mid): source
            for section, source in zip(peer.getTransceivers(), sources, strict=True)
        }
        self.say(say="publish", offer=peer.localDescription.sdp, sources=named, anew=anew)
        answer = (await self.hear("published"))["answer"]
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await _connected(peer)
        for section, source in zip(peer.getTransceivers(), sources, strict=True):
            section.sender._handle_rtcp_packet = self._note_wish(source)  # type: ignore[method-assign]
        for source in sources:
            self._numbers.setdefault(source, (100, 5000))

    async def send(self, source: str, text: bytes, *, skip: int = 0) -> None:
        """One packet from a source; `skip` numbers before it are never sent."""
        section = self._section(source)
        seq, stamp = self._numbers[source]
        seq, stamp = (seq + 1 + skip) & 0xFFFF, stamp + _STEPS[section.kind]
        self._numbers[source] = seq, stamp
        kind = section._codecs[0].payloadType
        head = _HEAD.pack(0x80, 0x80 | kind, seq, stamp, section.sender._ssrc)
        await section.receiver.transport._send_rtp(head + b"\x10" + text)
        self.sent += 1

    async def send_payload(
        self, source: str, payload: bytes, *, stamp: int, is_last: bool = True, codec: str = ""
    ) -> None:
        """One packet just so; `codec` where it is not the first that was agreed on."""
        section = self._section(source)
        seq = self.skip(source)
        known = section._codecs
        chosen = next((each for each in known if each.name.lower() == codec), known[0])
        second = (0x80 if is_last else 0) | chosen.payloadType
        head = _HEAD.pack(0x80, second, seq, stamp & 0xFFFFFFFF, section.sender._ssrc)
        await section.receiver.transport._send_rtp(head + payload)

    def skip(self, source: str) -> int:
        """Use up a number."""
        seq, stamp = self._numbers[source]
        self._numbers[source] = (seq + 1) & 0xFFFF, stamp
        return self._numbers[source][0]

    async def report(self, source: str, *, ntp_s: float, stamp: int) -> None:
        """Say at what time of its own clock a track's time was this (RFC 3550 6.4.1)."""
        section = self._section(source)
        told = RtcpSenderInfo(
            ntp_timestamp=int(ntp_s * (1 << 32)),
            rtp_timestamp=stamp & 0xFFFFFFFF,
            packet_count=0,
            octet_count=0,
        )
        packet = RtcpSrPacket(ssrc=section.sender._ssrc, sender_info=told)
        await section.receiver.transport._send_rtp(bytes(packet))

    def _section(self, source: str) -> Any:
        assert self.publisher is not None
        return self.publisher.getTransceivers()[list(self._numbers).index(source)]

    async def send_until(self, condition: Any, *, text: bytes, sources: Sequence[str] = ()) -> None:
        """Send from all its sources until something is so."""
        async with asyncio.timeout(60):
            while not condition():
                for source in sources or list(self._numbers):
                    await self.send(source, text)
                await asyncio.sleep(0.02)

    def texts(self, participant: str, source: str = "camera") -> set[bytes]:
        """What was heard from there."""
        return {payload[1:] for payload in self.received[participant, source]}

    def media_port(self) -> int:
        """The port of the server to which it sends."""
        assert self.publisher is not None
        ice = self.publisher.getTransceivers()[0].receiver.transport.transport
        return int(ice._connection._nominated[1].remote_addr[1])

    def sources(self) -> set[Source]:
        """What is offered to it at present."""
        return set(self._of_mid.values())

    def go_silent(self) -> None:
        """Send and answer nothing more, as a machine that was switched off."""
        for peer in (self.publisher, self.subscriber):
            assert peer is not None
            ice = peer.getTransceivers()[0].receiver.transport.transport
            for protocol in ice._connection._protocols:
                protocol.transport.sendto = _drop

    async def leave(self) -> None:
        """Go, as somebody who closes the page."""
        assert self._line is not None
        with contextlib.suppress(ConnectionError):
            self.say(say="leave")
        await self._line.finish()
        await self.close()

    async def close(self) -> None:
        """Be gone without a word."""
        if self._line is not None:
            self._line.end()
        if self._listening is not None:
            self._listening.cancel()
        for peer in (self.publisher, self.subscriber):
            if peer is not None:
                await peer.close()

    async def _listen(self) -> None:
        line = self._line
        assert line is not None
        while (told := await line.receive()) is not None:
            if told["told"] == "offer" and self.answers:
                await self.take_offer(told)
            if told["told"] in {"people", "welcome"}:
                self.people = told["people"]
            if told["told"] == "welcome":
                self.name = told["participant"]
            self.told.append(told)
        line.end()

    async def take_offer(self, told: dict[str, Any]) -> None:
        """Answer an offer as it came."""
        is_first = "a=mid:0" in told["offer"] and told["number"] == 1
        if is_first and self.subscriber is not None:
            await self.subscriber.close()
            self.subscriber = None
        peer = self.subscriber = self.subscriber or _make_peer()
        self._learn(told)
        await peer.setRemoteDescription(RTCSessionDescription(told["offer"], "offer"))
        await peer.setLocalDescription()
        for section in peer.getTransceivers():
            section.receiver.transport._handle_rtp_data = self._count  # type: ignore[method-assign]
        self.say(say="answer", number=told["number"], answer=peer.localDescription.sdp)

    def _note_wish(self, source: str) -> Any:
        async def note(packet: Any) -> None:
            if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == 1:
                missing = [each for each in packet.lost if each not in self.asked_for[source]]
                self.asked_for[source] += missing
            elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == 1:
                self.keyframes_asked += 1
            elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == _LIMIT:
                bps, ssrcs = unpack_remb_fci(packet.fci)
                self.limits.append((bps, len(ssrcs)))

        return note

    def _learn(self, told: dict[str, Any]) -> None:
        self._of_mid = {
            each["mid"]: (each["participant"], each["source"]) for each in told["tracks"]
        }
        self._of_ssrc = {}
        for section in told["offer"].split("\r\nm=")[1:]:
            lines = section.split("\r\n")
            mid = next(line[6:] for line in lines if line.startswith("a=mid:"))
            for line in lines:
                if line.startswith("a=ssrc:") and mid in self._of_mid:
                    self._of_ssrc[int(line[7:].split()[0])] = self._of_mid[mid]

    async def _count(self, data: bytes, arrival_time_ms: int) -> None:
        del arrival_time_ms
        first, _, seq, stamp, ssrc = _HEAD.unpack_from(data)
        start = 12 + 4 * (first & 15)
        if first & 0x10:
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
        source = self._of_ssrc.get(ssrc, ("nobody", str(ssrc)))
        self.received[source].append(data[start:])
        self.stamps[source].append((seq, stamp))


def loss_report(ssrc: int, lost_of_256: int) -> RtcpRrPacket:
    """What a receiver says of the last second (RFC 3550 6.4.2)."""
    said = RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=lost_of_256,
        packets_lost=0,
        highest_sequence=0,
        jitter=0,
        lsr=0,
        dlsr=0,
    )
    return RtcpRrPacket(ssrc=1, reports=[said])


def _drop(*_: object) -> None:
    """What is sent here goes nowhere."""


def _make_peer() -> RTCPeerConnection:
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


async def _connected(peer: RTCPeerConnection) -> None:
    async with asyncio.timeout(60):
        while peer.connectionState != "connected":
            assert peer.connectionState not in {"failed", "closed"}
            await asyncio.sleep(0.02)
