"""A receiver that decodes nothing: it hands packets to a track and asks for what is missing."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiortc.rtp import (
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    pack_remb_fci,
)

from server.media.codecs import codec_key
from server.media.engine import (
    TWCC,
    RTCDtlsTransport,
    RTCRtpReceiveParameters,
    RTCRtpReceiver,
)
from server.media.outlet import OUTLETS, Outlet
from server.media.track import LONGEST_PAYLOAD, Track

_NACK, _PLI, _APPLICATION = 1, 1, 15  # RFC 4585 section 6
_MOST_LOST: Final = 0x7FFFFF
_RESENT_HEAD: Final = 2


class ForwardReceiver(RTCRtpReceiver):
    """One section of a connection by which somebody sends."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.is_video = kind == "video"
        self.brought: Track | None = None
        self.ssrc: int | None = None
        self.resent_ssrc: int | None = None
        self.rtcp_ssrc = 0
        self.codec_of: Mapping[int, str] = {}
        self.arrivals_id: int | None = None
        self.objects = 0
        self._outlet: Outlet | None = None
        self._told = 0, 0  # of all that were sent and came, when it was last told
        self._last_report: tuple[int, float] | None = None
        self._described: int | None = None

    def bring(self, track: Track) -> None:
        """Hand what comes to this track."""
        self.brought = track
        track.bring(self)

    def rest(self) -> None:
        """Hand nothing on until there is a track again: this section sends nothing."""
        self.brought = None
        if self._outlet is not None:
            self._outlet.forget(self)
            self.transport._unregister_rtp_receiver(self)

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """The handshake is over, or what was agreed on has changed."""
        self.codec_of = {
            each.payloadType: codec_key(each)
            for each in parameters.codecs
            if each.payloadType is not None
        }
        self._take_sources(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == TWCC:
                self.arrivals_id = extension.id
        self.transport._register_rtp_receiver(self, parameters)
        if self.resent_ssrc is not None:
            self.transport._rtp_router.ssrc_table[self.resent_ssrc] = self
        self._outlet = OUTLETS.of(self.transport)
        if self.brought is not None:
            self._outlet.hear(self)

    async def stop(self) -> None:
        """Receive nothing more."""
        if self._outlet is not None:
            self._outlet.forget(self)
            self.transport._unregister_rtp_receiver(self)
            self._outlet = None
        if self.brought is not None and self.brought.is_brought_by(self):
            self.brought.bring(None)
        self.brought = None

    def ask_for_keyframe(self) -> None:
        """Picture loss indication (RFC 4585 6.3.1)."""
        if self.ssrc is not None:
            self._send(RtcpPsfbPacket(fmt=_PLI, ssrc=self.rtcp_ssrc, media_ssrc=self.ssrc))

    def ask_for(self, missing: list[int]) -> None:
        """Generic NACK (RFC 4585 6.2.1)."""
        if self.ssrc is not None:
            self._send(
                RtcpRtpfbPacket(fmt=_NACK, ssrc=self.rtcp_ssrc, media_ssrc=self.ssrc, lost=missing)
            )

    def beat(self) -> None:
        """Once a second: report what came (RFC 3550 6.4.2)."""
        track = self.heard
        if track is not None and self.ssrc is not None:
            self._send(RtcpRrPacket(ssrc=self.rtcp_ssrc, reports=[self._report(track, self.ssrc)]))

    @property
    def heard(self) -> Track | None:
        """The track, once something of it came."""
        track = self.brought
        if track is None or self.ssrc is None or track.arrivals.expected < 0:
            return None
        return track

    def tell_limit(self, bps: int, ssrcs: list[int]) -> None:
        """How much these sources may send together (REMB): browsers take it for all they send."""
        self._send(
            RtcpPsfbPacket(
                fmt=_APPLICATION,
                ssrc=self.rtcp_ssrc,
                media_ssrc=0,
                fci=pack_remb_fci(bps, ssrcs),
            )
        )

    def _take_sources(self, parameters: RTCRtpReceiveParameters) -> None:
        """Under what SSRC it sends, and sends again; what is only repeated changes nothing."""
        told = parameters.encodings[0].ssrc if parameters.encodings else None
        self.resent_ssrc = next((x.rtx.ssrc for x in parameters.encodings if x.rtx), None)
        if told is not None and told != self._described:
            self._described = told
            if told != self.ssrc:
                self.ssrc = told
                if self.brought is not None:
                    self.brought.begin_anew()

    def _report(self, track: Track, ssrc: int) -> RtcpReceiverInfo:
        arrivals = track.arrivals
        sent, came = arrivals.sent, arrivals.received
        sent_now, came_now = sent - self._told[0], came - self._told[1]
        self._told = sent, came
        lost_of_256 = (
            max(0, min(255, (sent_now - came_now) * 256 // sent_now)) if sent_now > 0 else 0
        )
        middle, since_s = self._last_report or (0, 0.0)
        waited_s = asyncio.get_running_loop().time() - since_s if self._last_report else 0.0
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=lost_of_256,
            packets_lost=min(max(sent - came, 0), _MOST_LOST),
            highest_sequence=arrivals.highest,
            jitter=0,
            lsr=middle,
            dlsr=int(waited_s * 65536) & 0xFFFFFFFF,
        )

    def _send(self, packet: Any) -> None:
        if self._outlet is not None:
            self._outlet.send_rtcp(bytes(packet))

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self.rtcp_ssrc = ssrc

    def _handle_disconnect(self) -> None:
        """The connection's owner hears of it by the connection itself."""

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc == self.ssrc:
            told = packet.sender_info
            middle = (told.ntp_timestamp >> 16) & 0xFFFFFFFF
            now_s = asyncio.get_running_loop().time()
            self._last_report = middle, now_s
            if self.brought is not None:
                self.brought.clock = told.ntp_timestamp, told.rtp_timestamp
                self.brought.clock_heard_s = now_s

    async def _handle_rtp_packet(self, packet: Any, arrival_time_ms: int) -> None:
        """The long way (C1): aiortc has made an object of the packet."""
        del arrival_time_ms
        self.objects += 1
        track, codec = self.brought, self.codec_of.get(packet.payload_type)
        if track is None or codec is None:
            return
        seq, payload = packet.sequence_number, packet.payload
        if len(payload) > LONGEST_PAYLOAD:
            return
        if not codec:
            if len(payload) < _RESENT_HEAD:
                return
            seq, payload = payload[0] << 8 | payload[1], payload[2:]
        elif codec != track.codec or packet.ssrc != self.ssrc:
            track.codec, self.ssrc = codec, packet.ssrc
            track.begin_anew()
        track.take(seq, packet.marker << 7, packet.timestamp, payload)
