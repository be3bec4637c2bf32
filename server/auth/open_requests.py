"""Requests that outlive the session they came with are cut: streams, uploads, downloads (T5)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web


@dataclass(slots=True)
class _Held:
    """The last request of one connection."""

    token_hash: str
    is_running: bool = True
    was_missing: bool = False


class OpenRequests:
    """Each connection with the session that it serves, until its answer has left."""

    def __init__(self) -> None:
        self._held: dict[asyncio.Transport, _Held] = {}

    @contextmanager
    def hold(self, request: web.Request, token_hash: str) -> Iterator[None]:
        """Know of a request while its handler runs; a long answer is still on its way after it."""
        transport = request.transport
        if transport is None:
            yield
            return
        held = self._held[transport] = _Held(token_hash)
        try:
            yield
        finally:
            held.is_running = False

    def token_hashes(self) -> list[str]:
        """The sessions of what is still on its way; what has left is forgotten."""
        self._held = {
            transport: held
            for transport, held in self._held.items()
            if not transport.is_closing() and (held.is_running or _is_sending(transport))
        }
        return sorted({held.token_hash for held in self._held.values()})

    def cut_missing(self, living: set[str]) -> int:
        """Cut what belongs to no living session for the second time, and say how much that was.

        Once is not enough: the request that ends its own session is about to be answered.
        """
        cut = 0
        for transport, held in self._held.items():
            is_missing = held.token_hash not in living
            if is_missing and held.was_missing:
                transport.abort()
                cut += 1
            held.was_missing = is_missing
        return cut


def _is_sending(transport: asyncio.Transport) -> bool:
    return transport.get_write_buffer_size() > 0
