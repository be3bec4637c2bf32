"""Sealing beside the other work: a token that hangs costs one thread, and nobody else's (0145)."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from aiohttp import web

from server.pdf.refusals import AWAY
from server.pdf.seals import PdfSeal, SealAwayError

PATIENCE_S: Final = 30.0


class Sealer:
    """Signs with the house's seal in a thread of its own."""

    def __init__(self, seal: PdfSeal, *, patience_s: float = PATIENCE_S) -> None:
        self._seal, self._patience_s = seal, patience_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seal")
        self._hanging: Future[bytes] | None = None

    async def sign(self, pdf: bytes) -> bytes:
        """The PDF with its seal.

        Raises SealAwayError: the token refuses, is away, does not answer in time, or hangs still.
        """
        if self._hanging is not None and not self._hanging.done():
            raise SealAwayError(AWAY)
        begun = self._thread.submit(self._seal.sign, pdf)
        waiting = asyncio.wrap_future(begun)
        waiting.add_done_callback(_look_at)
        done, _ = await asyncio.wait([waiting], timeout=self._patience_s)
        if done:
            return waiting.result()
        if not begun.cancel():
            self._hanging = begun
        raise SealAwayError(AWAY)


def _look_at(waiting: "asyncio.Future[bytes]") -> None:
    """Nobody waits any more for what comes too late."""
    if not waiting.cancelled():
        waiting.exception()


SEALER: web.AppKey[Sealer] = web.AppKey("sealer", Sealer)
