"""A sender that encodes nothing: it passes a track's packets on under numbers of its own."""

import random
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiortc.rtp import (
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from server.media.codecs import Numbers, find_numbers, numbers_by_codec
from server.media.engine import RTCDtlsTransport, RTCRtpSender, RTCRtpSendParameters
from server.media.extensions import pack_extensions
from server.media.limits import RoomRules
from server.media.outlet import OUTLETS, Outlet
from server.media.rate import Allowance, Downlink
from server.media.track import Packet, Track

_PACK: Final = struct.Struct("!BBHII").pack
_MARK_EACH: Final = 31
_NACK: Final = 1
_WHOLE_PICTURE: Final = (1, 4)  # PLI of RFC 4585, FIR of RFC 5104
_HALF, _MASK = 0x8000, 0xFFFF
_HALF_WORD, _WORD = 0x80000000, 0xFFFFFFFF
_CNAME: Final = 1
_SILENT_BEATS: Final = 4
_LONGEST_SILENCE_S: Final = 60.0
_RATES: Final[Mapping[str, int]] = {"audio": 48_000, "video": 90_000}


class ForwardSender(RTCRtpSender):
    """One section of a connection by which somebody receives."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.resent = self.keyframes_wanted = self.octets = 0
        self._track: Track | None = None
        self._outlet: Outlet | None = None
        self._first, self._more = pack_extensions((), "")
        self._send: Callable[[bytes], None] = _send_nothing
        self._by_codec: Mapping[str, Numbers] = {}
        self._numbers: Numbers | None = None
        self._origin: object = None
        self._seq_shift = self._stamp_shift = 0
        self._span = 0  # numbers used since the present track or origin began
        self._seq, self._stamp = random.randrange(_HALF // 2), random.randrange(_HALF)  # noqa: S311 - RFC 3550 5.1 wants a start that differs
        self._marked_s, self._marked = 0.0, self._stamp  # when a packet left, and its time
        self._resent_seq, self._packets = random.randrange(_HALF // 2), 0  # noqa: S311
        self._lost_of_256, self._told_octets = 0, 0
        self._is_reported, self._unreported = False, 0  # in this second; for how many seconds
        self._downlink: Downlink | None = None
        self._resends = Allowance(0, 0)

    def bind(self, track: Track | None, rules: RoomRules) -> None:
        """Pass this track's packets on from now on, or none."""
        if track is self._track:
            return
        self._let_go()
        self._track = track
        self._resends = Allowance(rules.most_resent_a_second, rules.most_resent_a_second)
        self._is_reported, self._unreported = False, 0
        self._downlink = Downlink(rules.ceilings.two, rules.ceilings.floor)
        self._attach()

    def take_new_ssrc(self) -> None:
        """What begins here now is another source, and has SSRCs of its own (RFC 3550 5.2).

        Chromium draws nothing of a section that sent, rested, and sends again under its old one.
        """
        self._ssrc, self._rtx_ssrc = (random.randrange(1, _WORD) for _ in range(2))  # noqa: S311
        if self._outlet is not None:
            self.transport._unregister_rtp_sender(self)

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """The handshake is over, or what was agreed on has changed."""
        self._by_codec = numbers_by_codec(parameters.codecs)
        self._first, self._more = pack_extensions(parameters.headerExtensions, parameters.muxId)
        if self._track is not None:  # what is passed on goes on as it was, but for its numbers
            self._numbers = find_numbers(self._by_codec, self._track.codec)
        self.transport._register_rtp_sender(self, parameters)
        if self._outlet is None:
            self._outlet = OUTLETS.of(self.transport)
            self._send = self._outlet.send
            self._attach()

    async def stop(self) -> None:
        """Send nothing more."""
        self._let_go()
        if self._outlet is not None:
            self.transport._unregister_rtp_sender(self)
            self._outlet, self._send = None, _send_nothing

    @property
    def is_ready(self) -> bool:
        """Whether the handshake is over."""
        return self._outlet is not None

    @property
    def limit_bps(self) -> int:
        """What its line is thought to carry, in bits a second."""
        known = self._downlink
        if known is None or not known.bps or self._unreported > _SILENT_BEATS:
            return _WORD  # who says nothing limits nobody
        return int(known.bps)

    @property
    def lost_of_256(self) -> int:
        """How many of 256 packets were lost in the last report."""
        return self._lost_of_256

    @property
    def drowned(self) -> int:
        """How many reports in a row have told of two fifths lost, sent as little as it may be."""
        return 0 if self._downlink is None else self._downlink.drowned

    def pass_on(self, origin: object, packet: Packet) -> None:
        """Send one packet under our own number, time and SSRC."""
        seq, marker, stamp, payload = packet
        if origin is not self._origin:
            self._go_on_from(origin, seq, stamp)
        numbers = self._numbers
        if numbers is None:
            return
        seq = (seq + self._seq_shift) & _MASK
        stamp = (stamp + self._stamp_shift) & _WORD
        ahead = (seq - self._seq) & _MASK
        if ahead < _HALF:
            self._seq, self._stamp = seq, stamp
            self._span += ahead
            if not seq & _MARK_EACH:
                self._marked_s, self._marked = time.monotonic(), stamp
        elif not self._is_ours(seq):
            return
        self._packets += 1
        self.octets += len(payload)
        head = _PACK(self._first, marker | numbers.plain, seq, stamp, self._ssrc)
        self._send(head + self._more + payload)

    def beat(self) -> None:
        """Once a second: the clock of the track's sender, for both tracks to be in step."""
        track = self._track
        if track is None or self._outlet is None or self._downlink is None:
            return
        sent_bps = 8.0 * (self.octets - self._told_octets)
        self._told_octets = self.octets
        self._downlink.ceiling_bps = track.ceiling_bps
        self._unreported += 1
        if self._is_reported:  # each report once: the next second may have lost nothing
            self._is_reported, self._unreported = False, 0
            self._downlink.heed(lost_of_256=self._lost_of_256, sent_bps=sent_bps)
        if track.clock is not None and self._origin is track.origin:
            ntp, stamp = track.clock
            told = RtcpSenderInfo(
                ntp_timestamp=ntp,
                rtp_timestamp=(stamp + self._stamp_shift) & _WORD,
                packet_count=self._packets & _WORD,
                octet_count=self.octets & _WORD,
            )
            named = RtcpSourceInfo(ssrc=self._ssrc, items=[(_CNAME, track.stream.encode())])
            self._outlet.send_rtcp(
                bytes(RtcpSrPacket(ssrc=self._ssrc, sender_info=told))
                + bytes(RtcpSdesPacket(chunks=[named]))
            )

    def _attach(self) -> None:
        if self._track is not None and self._outlet is not None:
            self._track.takers.append(self)
            self._track.ask_for_keyframe()

    def _let_go(self) -> None:
        if self._track is not None and self in self._track.takers:
            self._track.takers.remove(self)
        self._track, self._origin = None, None

    def _go_on_from(self, origin: object, seq: int, stamp: int) -> None:
        """Numbers of another source follow on those that were sent; so does its time."""
        now_s = time.monotonic()
        since_s = min(now_s - self._marked_s, _LONGEST_SILENCE_S)
        passed = int(since_s * _RATES[self.kind]) if self._packets else 0
        begins = (self._marked + passed) & _WORD
        if (begins - self._stamp) & _WORD >= _HALF_WORD:  # its clock was faster than ours
            begins = (self._stamp + 1) & _WORD
        self._seq_shift = (self._seq + 1 - seq) & _MASK
        self._stamp_shift = (begins - stamp) & _WORD
        self._marked_s, self._marked = now_s, begins
        self._origin, self._span = origin, 0
        codec = "" if self._track is None else self._track.codec
        self._numbers = find_numbers(self._by_codec, codec)

    def _is_ours(self, seq: int) -> bool:
        """Whether a number belongs to the present track; one before its first was used by others.

        Two packets under one number are never enciphered: SRTP would repeat its key stream.
        """
        return (self._seq - seq) & _MASK < self._span

    def _send_again(self, seq: int) -> None:
        track, numbers, outlet = self._track, self._numbers, self._outlet
        if track is None or numbers is None or outlet is None or not self._is_ours(seq):
            return
        packet = track.find_packet((seq - self._seq_shift) & _MASK)
        if packet is None or not self._resends.take(time.monotonic()):
            return
        self.resent += 1
        _, marker, stamp, payload = packet
        kind, ssrc = numbers.plain, self._ssrc
        if numbers.resent is not None:
            kind, ssrc = numbers.resent, self._rtx_ssrc
            payload = seq.to_bytes(2, "big") + payload
            seq = self._resent_seq = (self._resent_seq + 1) & _MASK
        stamp = (stamp + self._stamp_shift) & _WORD
        head = _PACK(self._first, marker | kind, seq, stamp, ssrc)
        outlet.send(head + self._more + payload)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == _NACK:
            for seq in packet.lost:
                self._send_again(seq & _MASK)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in _WHOLE_PICTURE:
            self.keyframes_wanted += 1
            if self._track is not None:
                self._track.ask_for_keyframe()
        elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._lost_of_256, self._is_reported = report.fraction_lost, True


def _send_nothing(_raw: bytes) -> None:
    """The handshake is not over, or nobody receives any more."""
