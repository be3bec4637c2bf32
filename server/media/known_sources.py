"""How many sources one peer may have: libsrtp and aiortc remember each of them for good."""

from collections.abc import Callable
from typing import Final

import pylibsrtp

_RTP, _RTCP = slice(8, 12), slice(4, 8)  # where the SSRC stands (RFC 3550 5.1 and 6.4.1)
MOST_SOURCES: Final = 32
"""Four tracks have eight, and a browser that begins anew takes others."""


class KnownSources:
    """The sources of one connection; packets of one more are refused before they are read."""

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._known: set[bytes] = set()
        session.unprotect = self._watch(session.unprotect, _RTP)  # type: ignore[method-assign, assignment]
        session.unprotect_rtcp = self._watch(session.unprotect_rtcp, _RTCP)  # type: ignore[method-assign, assignment]

    def _watch(self, decipher: Callable[[bytes], bytes], place: slice) -> Callable[[bytes], bytes]:
        known = self._known

        def watched(data: bytes) -> bytes:
            source = data[place]
            if source in known:
                return decipher(data)
            if len(known) >= MOST_SOURCES:
                raise pylibsrtp.Error
            clear = decipher(data)
            known.add(source)  # it was genuine
            return clear

        return watched
