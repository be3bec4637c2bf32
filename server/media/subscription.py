"""The connection by which one device receives: we offer, the browser answers.

A section is never taken away: one whose track has gone is inactive until the next of its kind.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence

from server.media.connection import Connection
from server.media.descriptions import check_description, name_streams, without_estimates
from server.media.ends import Offered
from server.media.engine import RTCRtpTransceiver
from server.media.errors import RoomRefusal
from server.media.sender import ForwardSender
from server.media.settled import Settled
from server.media.track import Track


class Subscription:
    """One browser's receiving connection; `look_again` is called where an offer was given up."""

    def __init__(self, settled: Settled, look_again: Callable[[], None]) -> None:
        self.connection = Connection(settled)
        self._settled, self._look_again = settled, look_again
        self._expecting: asyncio.TimerHandle | None = None
        self._wanted: dict[RTCRtpTransceiver, Track] = {}
        self._offered: Offered | None = None
        self.name = secrets.token_hex(4)
        self._count = 0
        self.is_given_up = False

    def repeat(self) -> Offered | None:
        """The offer that was not answered yet, for a line that has not heard it."""
        if self._offered is not None:
            self._expect_answer()
        return self._offered

    @property
    def senders(self) -> Mapping[Track, ForwardSender]:
        """Who passes each track on."""
        return {
            track: section.sender
            for section, track in self._wanted.items()
            if isinstance(section.sender, ForwardSender)
        }

    def lacks(self, tracks: Sequence[Track]) -> bool:
        """Whether these are other tracks than those that were offered."""
        return set(tracks) != set(self._wanted.values())

    async def offer(self, tracks: Sequence[Track]) -> Offered | None:
        """Offer these tracks and no others, unless they are or an answer is awaited.

        Raises RoomRefusal; what was refused or cut short is offered at the next occasion.
        """
        async with self.connection.lock:
            if self._offered is not None or not self.lacks(tracks):
                return None
            wanted = self._arrange(tracks)
            text = without_estimates(await self.connection.write())
            self._wanted = wanted
            self._count += 1
            named = {
                section.mid: track for section, track in wanted.items() if section.mid is not None
            }
            self._offered = Offered(self._count, name_streams(text, named), named, self.name)
            self._expect_answer()
            return self._offered

    async def answer(self, number: object, text: object) -> None:
        """The browser's answer to that offer; raises RoomRefusal."""
        async with self.connection.lock:
            if self._offered is None or number != self._offered.number:
                raise RoomRefusal("answer-to-nothing")
            await self.connection.read(self._check(text), "answer")
            self._offered = None
            self._stop_expecting()
            for section in self.connection.sections:
                if isinstance(section.sender, ForwardSender):
                    section.sender.bind(self._wanted.get(section), self._settled.rules)

    async def close(self) -> None:
        """End it."""
        self._stop_expecting()
        await self.connection.close()

    def _check(self, text: object) -> str:
        sections = len(self.connection.sections)
        return check_description(text, self._settled.rules, sections=sections)

    def _expect_answer(self) -> None:
        """An offer that nobody answers is given up with its connection; the next begins anew."""
        self._stop_expecting()
        loop = asyncio.get_running_loop()
        self._expecting = loop.call_later(self._settled.rules.answer_s, self._give_up)

    def _stop_expecting(self) -> None:
        if self._expecting is not None:
            self._expecting.cancel()
            self._expecting = None

    def _give_up(self) -> None:
        self._expecting, self.is_given_up = None, True
        self._look_again()

    def _arrange(self, tracks: Sequence[Track]) -> dict[RTCRtpTransceiver, Track]:
        """Which section shall be whose; it holds once the offer was made."""
        wanted = {section: track for section, track in self._wanted.items() if track in tracks}
        for section in self.connection.sections:
            if section not in wanted:
                section.direction = "inactive"
                if isinstance(section.sender, ForwardSender):
                    section.sender.bind(None, self._settled.rules)
        have = set(wanted.values())
        for track in tracks:
            if track not in have:
                section = self._free_section(track.kind, wanted)
                section.direction = "sendonly"
                if isinstance(section.sender, ForwardSender):
                    section.sender.take_new_ssrc()
                wanted[section] = track
        return wanted

    def _free_section(
        self, kind: str, wanted: Mapping[RTCRtpTransceiver, Track]
    ) -> RTCRtpTransceiver:
        for section in self.connection.sections:
            if section.kind == kind and section not in wanted:
                return section
        return self.connection.peer.addTransceiver(kind, "sendonly")
