"""Web's half of an errand: what it asks of the DICOM process, over the connection it has there."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from aiohttp import web

from imaging.dimse.incoming import ObjectName
from server.dimse.errands import DROP, ERRAND
from server.dimse.wire import Wire


class DoorAwayError(Exception):
    """The DICOM process is not there, or went before it answered."""


class Asking:
    """The connection to the DICOM process, while there is one, and what was asked over it."""

    def __init__(self) -> None:
        self._wire: Wire | None = None
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[Mapping[str, Any]]] = {}

    def join(self, wire: Wire) -> None:
        """There is a connection."""
        self._wire = wire

    def leave(self) -> None:
        """It has gone, and with it every answer."""
        self._wire = None
        for future in self._asked.values():
            if not future.done():
                future.set_exception(DoorAwayError())

    def hear(self, told: Mapping[str, Any]) -> None:
        """An answer has come; one that nobody waits for any more is let go."""
        future = self._asked.get(told[ERRAND])
        if future is not None and not future.done():
            future.set_result(told)

    async def ask(
        self,
        told: Mapping[str, Any],
        *,
        objects: Sequence[tuple[ObjectName, int]] = (),
        patience_s: float,
    ) -> Mapping[str, Any]:
        """Have an errand done with these open files; raises DoorAwayError and TimeoutError.

        One that is waited for no more is dropped there: it would go on beside the next try.
        """
        wire, number = self._wire, next(self._numbers)
        if wire is None:
            raise DoorAwayError
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        try:
            for name, descriptor in objects:
                named = [name.sop_class_uid, name.sop_instance_uid, name.transfer_syntax_uid]
                wire.send({ERRAND: number, "object": named}, file=os.dup(descriptor))
            wire.send({ERRAND: number, **told})
            async with asyncio.timeout(patience_s):
                return await future
        finally:
            del self._asked[number]
            if not future.done() or future.cancelled():
                wire.send({ERRAND: number, "wish": DROP})


ASKING: Final = web.AppKey("asking", Asking)
