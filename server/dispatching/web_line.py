"""What both kinds of request to a STOW-RS service share: TLS, limits, and what an answer means."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

import aiohttp

from consult.reports.destinations.model import Destination
from consult.reports.dispatches.model import DispatchRules
from server.threads import in_thread

JSON: Final = "application/dicom+json"
_OF_THE_LINE: Final = frozenset({401, 403, 404, 405, 407, 408, 425, 429, 501, 503})
"""Statuses that are about the address, the token or the moment, and no object's fault."""

_NAMED: Final[Mapping[int, str]] = {
    401: "http-token",
    403: "http-token",
    404: "http-address",
    405: "http-address",
    413: "http-large",
    429: "http-busy",
    501: "http-address",
    503: "http-busy",
}


class UnreachableError(Exception):
    """The service was not reached, or went away; `was_reached` where it had taken the request."""

    def __init__(self, code: str, *, was_reached: bool = False) -> None:
        super().__init__(code)
        self.code, self.was_reached = code, was_reached


@asynccontextmanager
async def session_to(
    destination: Destination, token: str, rules: DispatchRules
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client for one request: no proxy of the environment, no cookies; raises UnreachableError.

    Where the destination has an authority of its own, that alone is trusted.
    """
    trust = await in_thread(_trust, destination.authority)
    headers = {"Accept": JSON, "User-Agent": "lianzhen"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    timeout = aiohttp.ClientTimeout(
        total=rules.request_s, sock_connect=rules.connect_s, sock_read=rules.answer_s
    )
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=timeout,
        ) as session:
            yield session
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
        raise UnreachableError("peer-untrusted") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, UnicodeError):
        raise UnreachableError("peer-absent") from None
    except TimeoutError:
        raise UnreachableError("peer-slow", was_reached=True) from None
    except (aiohttp.ClientError, OSError):
        raise UnreachableError("peer-gone", was_reached=True) from None


def _trust(authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def failure_of(status: int) -> str:
    """What a status that is no answer about objects says, with the number."""
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"http-elsewhere:{status}"
    if status in _NAMED:
        return f"{_NAMED[status]}:{status}"
    kind = "http-failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "http-refused"
    return f"{kind}:{status}"


def is_of_the_line(status: int) -> bool:
    """Whether such an answer would be the same for any object."""
    is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return is_redirect or status in _OF_THE_LINE


async def read_bounded(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The body of an answer; of a longer one the beginning, which is then no JSON."""
    raw = bytearray()
    while len(raw) <= most_bytes and (piece := await answer.content.readany()):
        raw += piece
    return bytes(raw[:most_bytes])
