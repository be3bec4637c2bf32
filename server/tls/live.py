"""The certificate that new connections meet: read again when its file changes; old ones stay."""

import datetime as dt
import ssl
from collections.abc import Callable

import structlog

from server.threads import in_thread
from server.tls.pair import Pair, TlsRefusedError, check_pair, make_context

log = structlog.get_logger()
LOOK_EVERY_S = 5.0


class LiveCertificate:
    """One listening context; each handshake is given the newest good certificate."""

    def __init__(self, pair: Pair, now: Callable[[], dt.datetime]) -> None:
        self._pair, self._now = pair, now
        self._stamp = pair.stamp()
        self._current = self._read()
        self.context = make_context(pair)
        self.context.sni_callback = self._choose

    async def look(self) -> None:
        """Take a changed certificate; one that cannot be served leaves the old one in its place."""
        stamp = await in_thread(self._pair.stamp)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._current = await in_thread(self._read)
        except TlsRefusedError as refused:
            log.warning("changed certificate refused", code=refused.code)

    def _read(self) -> ssl.SSLContext:
        certificate = check_pair(self._pair, now=self._now())
        context = make_context(self._pair)
        log.info("certificate read", code=certificate.not_valid_after_utc.isoformat())
        return context

    def _choose(
        self, connection: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        """Called in every handshake, also when the browser names no server (RFC 6066 section 3)."""
        connection.context = self._current
