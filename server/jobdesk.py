"""Where the runners of queued jobs take the next one: one of them looks, and not each for itself.

Every commit rings. Most of them queue no job, so a look is one question to a reader, and a busy
house is looked at a few times a second and not after each commit.
"""

import asyncio
import time
from typing import Final

from aiohttp import web

from consult.jobs import service as jobs
from consult.jobs.model import Job
from server.keys import WAKEUPS
from server.transactions import as_system, as_system_read

_APART_S: Final = 0.05
_KNOWN_FOR_S: Final = 1.0


class JobDesk:
    """Remembers when it found nothing."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._looked_s = 0.0
        self._empty_at: int | None = None

    async def take(self, app: web.Application) -> Job | None:
        """The next job that is due, leased; None when there is none."""
        async with self._turn:
            if self._is_known_empty(app[WAKEUPS].rung):
                return None
            await asyncio.sleep(max(self._looked_s + _APART_S - time.monotonic(), 0))
            rung, self._looked_s = app[WAKEUPS].rung, time.monotonic()
            if not await as_system_read(app, jobs.is_any_due):
                self._empty_at = rung
                return None
            self._empty_at, self._looked_s = None, 0.0
            taken = await as_system(app, jobs.take_jobs, limit=1)
            return taken[0] if taken else None

    def _is_known_empty(self, rung: int) -> bool:
        """Whether somebody has looked since the last commit, and not long ago."""
        is_fresh = time.monotonic() < self._looked_s + _KNOWN_FOR_S
        return self._empty_at == rung and is_fresh
