"""The connection by which one device sends: the browser offers, we answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from server.media.connection import Connection
from server.media.descriptions import ask_for_sound, check_description, without_times
from server.media.engine import RTCRtpTransceiver
from server.media.errors import RoomRefusal
from server.media.limits import RoomRules
from server.media.receiver import ForwardReceiver
from server.media.settled import Settled
from server.media.track import Track

SOURCES: Final[Mapping[str, str]] = {
    "camera": "video",
    "microphone": "audio",
    "screen": "video",
    "screen-sound": "audio",
}
"""What a device may send, and of which kind it is."""
_OF_SCREEN: Final = frozenset({"screen", "screen-sound"})
"""These are in step with one another; camera and microphone are, too."""
_FRAGMENT: Final = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)
_SENDS: Final = frozenset({"recvonly", "sendrecv"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would send: a description that may be read, and what each section of it is."""

    offer: str
    sources: Mapping[str, str]

    @property
    def page(self) -> str:
        """The same for every offer of one connection of a browser (its ICE user fragment)."""
        found = _FRAGMENT.search(self.offer)
        return "" if found is None else found[1]


def check_wish(offer: object, sources: object, rules: RoomRules) -> Wish:
    """The same from a stranger's message, before anything is touched; raises RoomRefusal."""
    if not isinstance(sources, dict) or len(sources) > rules.most_tracks:
        raise RoomRefusal("sources-malformed")
    named = {str(mid): str(source) for mid, source in sources.items()}
    if not set(named.values()) <= set(SOURCES) or len(set(named.values())) != len(named):
        raise RoomRefusal("sources-malformed")
    return Wish(check_description(offer, rules), named)


class Publishing:
    """One browser's sending connection, and the tracks that it brings."""

    def __init__(self, settled: Settled, tracks: dict[str, Track]) -> None:
        self.connection = Connection(settled)
        self._tracks = tracks
        self._page: str | None = None

    def is_of(self, wish: Wish) -> bool:
        """Whether the offer is of the browser's connection that we already have."""
        return self._page in {None, wish.page} and not self.connection.has_ended

    async def accept(self, wish: Wish) -> str:
        """Our answer. Raises RoomRefusal, and is then of no more use."""
        self._page = wish.page
        async with self.connection.lock:
            await self.connection.read(wish.offer, "offer")
            self._hand_out(wish.sources)
            answer = ask_for_sound(await self.connection.write())
            return answer if self.connection.settled.is_short else without_times(answer)

    async def close(self) -> None:
        """End it; its tracks stay for the next one."""
        await self.connection.close()

    def _hand_out(self, wanted: Mapping[str, str]) -> None:
        """A track for each section that sends; what is sent no longer is taken back."""
        sending = {
            wanted[section.mid]: section
            for section in self.connection.sections
            if section.mid is not None and section.mid in wanted and _will_send(section)
        }
        for source in [each for each in self._tracks if each not in sending]:
            self._tracks.pop(source).bring(None)
        for source, section in sending.items():
            if section.kind != SOURCES[source]:
                raise RoomRefusal("source-of-another-kind")
            track = self._tracks.get(source)
            if track is None:
                track = self._make_track(section.kind, source)
            if isinstance(section.receiver, ForwardReceiver):
                section.receiver.bring(track)
        for section in self.connection.sections:
            if section not in sending.values() and isinstance(section.receiver, ForwardReceiver):
                section.receiver.rest()

    def _make_track(self, kind: str, source: str) -> Track:
        track = Track(kind, source, self.connection.settled.rules)
        is_screen = source in _OF_SCREEN
        for known in self._tracks.values():
            if (known.source in _OF_SCREEN) is is_screen:
                track.stream = known.stream
        self._tracks[source] = track
        return track


def _will_send(section: RTCRtpTransceiver) -> bool:
    return (section._offerDirection or "") in _SENDS
