"""Web's half: its own line to the media process, and the lines that it passes through."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from server.media.line import LONGEST_LINE, Line

log = structlog.get_logger()
WATCH_EVERY_S: Final = 1.0
_ANSWERS_S: Final = 5.0


class MediaAwayError(Exception):
    """The media process does not answer; its rooms are gone or soon will be."""


class MediaDesk:
    """Wishes of web, one after the other, and what is known of the process."""

    def __init__(self, place: Path) -> None:
        self.health: Mapping[str, Any] | None = None
        self.place = place
        self._line: Line | None = None
        self._count = 0
        self._lock = asyncio.Lock()

    async def ask(self, wish: str, **facts: object) -> Mapping[str, Any]:
        """What the process answers, such as {"refused": code}; raises MediaAwayError."""
        async with self._lock:
            self._count += 1
            try:
                async with asyncio.timeout(_ANSWERS_S):
                    answer = await self._exchange({"wish": wish, "number": self._count, **facts})
            except (OSError, TimeoutError):
                answer = None
            except BaseException:  # the answer would be read by whoever asks next
                self._hang_up()
                raise
            if answer is None or answer.get("number") != self._count:
                self._hang_up()
                raise MediaAwayError
            return answer

    async def join(self, room: str, token: str) -> Line:
        """A line of one participant, whose first words are the process's; raises MediaAwayError."""
        try:
            line = await _connect(self.place)
        except OSError:
            raise MediaAwayError from None
        line.send({"wish": "join", "room": room, "token": token})
        return line

    async def watch(self) -> None:
        """Standing task: whether it is there, and whether it is another than before."""
        before = self.health
        try:
            self.health = await self.ask("health")
        except MediaAwayError:
            self.health = None
        if before is not None and self.health is None:
            log.warning("media away, its rooms are gone", count=before["rooms"])
        elif self.health is not None and (before or {}).get("born") != self.health["born"]:
            log.info("media there", code=self.health["way"])

    def close(self) -> None:
        """Ask nothing more."""
        self._hang_up()

    async def _exchange(self, wish: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if self._line is None:
            self._line = await _connect(self.place)
        self._line.send(wish)
        return await self._line.receive()

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError):
                line.end()


async def _connect(place: Path) -> Line:
    return Line(*await asyncio.open_unix_connection(place, limit=LONGEST_LINE))
