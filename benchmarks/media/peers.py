"""Light participants: aiortc agrees on a connection, and packets are made and counted below it.

A picture is 30 frames a second of 6 packets, 1.46 Mbit/s, sound 50 packets a second; what is in
them is noise, since neither server looks inside. The frame's number is its place in the RTP time,
so what arrives is matched with when it was sent.
"""

import asyncio
import os
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from server.media.engine import (
    RTCPeerConnection,
    RTCRtpReceiveParameters,
    RTCRtpReceiver,
    RTCSessionDescription,
    make_peer,
)
from server.media.loop import DrainedTransport

_HEAD = struct.Struct("!BBHII")
FRAMES_A_S, SOUNDS_A_S = 30, 50
_PACKETS = (1050,) * 5 + (830,)
_SOUND = b"\xf8" + os.urandom(79)
_FRAME_STEP, _SOUND_STEP = 3000, 960
_WHOLE_EVERY = 60
_WHOLE = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 1280, 720)  # RFC 6386 section 9.1
_RECALLED = 256
_STARTS_S = 30


@dataclass
class Clock:
    """When the last frames of one sender left."""

    sent_s: list[float] = field(default_factory=lambda: [0.0] * _RECALLED)
    packets: int = 0


class QuietReceiver(RTCRtpReceiver):
    """Decodes nothing: what comes is counted at the socket."""

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Leave it."""
        del parameters

    async def stop(self) -> None:
        """There is nothing to stop."""


class End:
    """One connection, taken over at its socket once it stands."""

    def __init__(self) -> None:
        self.peer: RTCPeerConnection = make_peer()
        self.line: DrainedTransport | None = None
        self.address: Any = None

    async def take_over(self) -> None:
        """Wait until it stands."""
        async with asyncio.timeout(_STARTS_S):
            while self.peer.connectionState != "connected":  # noqa: ASYNC110 - aiortc has no event
                await asyncio.sleep(0.01)
        dtls = self.peer.getTransceivers()[0].receiver.transport
        pair = dtls.transport._connection._nominated[1]
        self.line, self.address = pair.protocol.transport, pair.remote_addr
        self.protect, self.unprotect = dtls._tx_srtp.protect, dtls._rx_srtp.unprotect


class Sender(End):
    """Sends one camera and one microphone."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.sound = self.peer.addTransceiver("audio", "sendonly")
        self.picture = self.peer.addTransceiver("video", "sendonly")
        self._seq = {"audio": 100, "video": 100}
        self._frame = self._spoken = 0
        self._timers: list[asyncio.TimerHandle] = []

    async def offer(self) -> str:
        """Its offer."""
        await self.peer.setLocalDescription()
        return self.peer.localDescription.sdp

    async def start(self, answer: str) -> None:
        """Take the answer, and send from now on."""
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self.take_over()
        now_s = asyncio.get_running_loop().time()
        self._show(now_s)
        self._speak(now_s)

    def _send(self, section: Any, stamp: int, marker: int, payload: bytes) -> None:
        kind = section.kind
        seq = self._seq[kind] = (self._seq[kind] + 1) & 0xFFFF
        number = section._codecs[0].payloadType
        head = _HEAD.pack(0x80, marker | number, seq, stamp & 0xFFFFFFFF, section.sender._ssrc)
        if self.line is not None:
            self.line.sendto(self.protect(head + payload), self.address)
        self.clock.packets += 1

    def _show(self, at_s: float) -> None:
        loop = asyncio.get_running_loop()
        number, self._frame = self._frame, self._frame + 1
        begins = b"\x10\x01" if number % _WHOLE_EVERY else b"\x10" + _WHOLE
        for place, size in enumerate(_PACKETS):
            first = begins if place == 0 else b"\x00\x01"
            last = 0x80 if place == len(_PACKETS) - 1 else 0
            self._send(self.picture, number * _FRAME_STEP, last, first + bytes(size))
        self.clock.sent_s[number % _RECALLED] = time.perf_counter()
        next_s = at_s + 1 / FRAMES_A_S
        self._timers[:1] = [loop.call_at(next_s, self._show, next_s)]

    def _speak(self, at_s: float) -> None:
        self._spoken += 1
        self._send(self.sound, self._spoken * _SOUND_STEP, 0, _SOUND)
        next_s = at_s + 1 / SOUNDS_A_S
        self._timers[1:] = [asyncio.get_running_loop().call_at(next_s, self._speak, next_s)]

    async def close(self) -> None:
        """Send nothing more."""
        for timer in self._timers:
            timer.cancel()
        await self.peer.close()


@dataclass
class Heard:
    """What came of one track."""

    clock: Clock
    is_picture: bool
    first_stamp: int | None = None
    first_frame: int = 0
    packets: int = 0
    lowest: int | None = None
    highest: int = 0
    late_s: list[float] = field(default_factory=list)


class Receiver(End):
    """Counts what comes, and answers every offer of the server's."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[int, Heard] = {}

    async def answer(self, offer: str, clock_of_mid: dict[str, Clock]) -> str:
        """Its answer."""
        for section in offer.split("\r\nm=")[1:]:
            lines = section.split("\r\n")
            mid = next(line[6:] for line in lines if line.startswith("a=mid:"))
            ssrcs = [line[7:].split()[0] for line in lines if line.startswith("a=ssrc:")]
            if ssrcs and mid in clock_of_mid:
                ssrc = int(ssrcs[0])
                heard = Heard(clock_of_mid[mid], section.startswith("video"))
                self.heard.setdefault(ssrc, heard)
        await self.peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.peer.setLocalDescription()
        return self.peer.localDescription.sdp

    async def count(self) -> None:
        """Count from now on."""
        await self.take_over()
        if self.line is not None:
            self.line.on_media = self._take

    def reset(self) -> None:
        """Count anew."""
        for each in self.heard.values():
            each.packets, each.lowest, each.late_s = 0, None, []

    def _take(self, data: bytes) -> None:
        now_s = time.perf_counter()
        _, second, seq, stamp, ssrc = _HEAD.unpack_from(data)
        heard = self.heard.get(ssrc)
        if heard is None:
            return
        heard.packets += 1
        if heard.lowest is None:
            heard.lowest = heard.highest = seq
        elif (seq - heard.highest) & 0xFFFF < 0x8000:  # noqa: PLR2004 - half of all numbers
            heard.highest = seq
        if heard.is_picture and second & 0x80:
            self._note_frame(heard, stamp, now_s)

    @staticmethod
    def _note_frame(heard: Heard, stamp: int, now_s: float) -> None:
        """Which frame it is follows from the first one, which is the newest that had left then."""
        if heard.first_stamp is None:
            heard.first_stamp = stamp
            newest = max(range(_RECALLED), key=lambda place: heard.clock.sent_s[place])
            heard.first_frame = newest
        number = heard.first_frame + ((stamp - heard.first_stamp) & 0xFFFFFFFF) // _FRAME_STEP
        sent_s = heard.clock.sent_s[number % _RECALLED]
        if 0 <= now_s - sent_s < 1:
            heard.late_s.append(now_s - sent_s)
