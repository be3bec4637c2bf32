"""What comes by one connection, straight from its socket: no object is made of a packet (C3)."""

import asyncio
import struct
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import pylibsrtp

from server.media.engine import RTCDtlsTransport
from server.media.feedback import ArrivalTimes
from server.media.track import LONGEST_PAYLOAD, Track

_HEAD: Final = struct.Struct("!BBHII")
_HEAD_BYTES: Final = 12
_HAS_PADDING, _HAS_EXTENSION = 0x20, 0x10
_TELL_EVERY_S: Final = 0.1
_MOST_ROUTES: Final = 64
_RESENT_HEAD: Final = 2  # RFC 4588 section 4: the original number stands before the payload

Route = tuple[Track, str]
"""Whose packet it is, and its codec; no codec where it is sent again (RTX)."""


class Hearer(Protocol):
    """A receiver, as far as packets are handed to it."""

    ssrc: int | None
    resent_ssrc: int | None
    rtcp_ssrc: int
    codec_of: Mapping[int, str]
    arrivals_id: int | None

    @property
    def brought(self) -> Track | None:
        """The track it brings."""


class Ingress:
    """The packets of one connection, deciphered and handed to their tracks."""

    def __init__(self, dtls: RTCDtlsTransport, send_rtcp: Callable[[bytes], None]) -> None:
        self.refused = 0
        self._dtls, self._send_rtcp = dtls, send_rtcp
        self._unprotect = dtls._rx_srtp.unprotect
        self._hearers: list[Hearer] = []
        self._routes: dict[tuple[int, int], Route] = {}
        self._times: ArrivalTimes | None = None
        self._times_id: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def add(self, hearer: Hearer) -> None:
        """Hand this receiver its packets too, or look again at what it takes."""
        if hearer not in self._hearers:
            self._hearers.append(hearer)
        self._routes.clear()
        if self._times is None and hearer.arrivals_id is not None:
            self._times, self._times_id = ArrivalTimes(), hearer.arrivals_id
            self._tell_times()

    def remove(self, hearer: Hearer) -> None:
        """Hand this receiver nothing more."""
        if hearer in self._hearers:
            self._hearers.remove(hearer)
        self._routes.clear()

    def close(self) -> None:
        """Nothing comes any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._hearers.clear()
        self._routes.clear()

    def take(self, data: bytes) -> None:
        """One datagram of SRTP; what is not genuine is counted and dropped."""
        try:
            self._take(self._unprotect(data))
        except (pylibsrtp.Error, struct.error, IndexError, ValueError):
            self.refused += 1

    def _take(self, data: bytes) -> None:
        first, second, seq, stamp, ssrc = _HEAD.unpack_from(data)
        kind = second & 0x7F
        route = self._routes.get((ssrc, kind)) or self._find_route(ssrc, kind)
        if route is None:
            self.refused += 1
            return
        start = _HEAD_BYTES + 4 * (first & 15)
        if first & _HAS_EXTENSION:
            extension = start + 4
            start = extension + 4 * (data[start + 2] << 8 | data[start + 3])
            if self._times is not None:
                self._note_time(data, extension, start)
        payload = data[start : -data[-1]] if first & _HAS_PADDING else data[start:]
        if len(payload) > LONGEST_PAYLOAD:
            self.refused += 1
            return
        track, codec = route
        if not codec:
            if len(payload) < _RESENT_HEAD:  # only there to measure the line
                return
            seq, payload = payload[0] << 8 | payload[1], payload[2:]
        elif codec != track.codec:
            track.codec = codec
            track.begin_anew()
        track.take(seq, second & 0x80, stamp, payload)

    def _find_route(self, ssrc: int, kind: int) -> Route | None:
        """By the source that was told; an unknown one belongs to whoever alone takes its kind."""
        takes = [each for each in self._hearers if kind in each.codec_of]
        told = [
            each
            for each in takes
            if ssrc == (each.ssrc if each.codec_of[kind] else each.resent_ssrc)
        ]
        chosen = told or takes
        if len(chosen) != 1:
            return None
        hearer = chosen[0]
        if hearer.brought is None:
            return None
        codec = hearer.codec_of[kind]
        if codec and hearer.ssrc != ssrc:
            self._follow(hearer, ssrc)
        if len(self._routes) >= _MOST_ROUTES:
            self._routes.clear()
        route = self._routes[ssrc, kind] = hearer.brought, codec
        return route

    def _follow(self, hearer: Hearer, ssrc: int) -> None:
        """The sender goes on under another SSRC."""
        self._routes.clear()
        hearer.ssrc = ssrc
        self._dtls._rtp_router.ssrc_table[ssrc] = hearer  # type: ignore[assignment]
        if hearer.brought is not None:
            hearer.brought.begin_anew()

    def _note_time(self, data: bytes, at: int, end: int) -> None:
        """RFC 8285 section 4.2: elements of one byte's head."""
        while at < end:
            head = data[at]
            if head == 0:
                at += 1
                continue
            if head >> 4 == self._times_id and self._times is not None:
                number = data[at + 1] << 8 | data[at + 2]
                self._times.note(number, time.monotonic_ns() // 1000)
                return
            at += 2 + (head & 15)

    def _tell_times(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_TELL_EVERY_S, self._tell_times)
        teller = next((each for each in self._hearers if each.ssrc is not None), None)
        if self._times is not None and teller is not None and teller.ssrc is not None:
            told = self._times.tell(ssrc=teller.rtcp_ssrc, media_ssrc=teller.ssrc)
            if told is not None:
                self._send_rtcp(told)
