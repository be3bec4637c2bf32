"""The one line to the server: HTTPS by the standard library, through a proxy where there is one."""

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from edge.model import Trouble

_TIMEOUT_S: Final = 60.0
_MOST_ANSWER: Final = 1 << 18
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PROXY_WANTS_SIGN_IN: Final = "407"


class AddressError(Exception):
    """The address of the server, or of the proxy, cannot be used."""


class AwayError(Exception):
    """No answer came; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def data(self) -> dict[str, Any]:
        """The answer as JSON; nothing where it is none."""
        try:
            told = json.loads(self.body)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def code(self) -> str:
        """The server's word for a refusal."""
        code = self.data.get("code")
        return code if isinstance(code, str) else ""


@dataclass(frozen=True, slots=True)
class Way:
    """Where the server is, who vouches for it, and through which proxy it is reached.

    `proxy` is an address, `none`, or `system` for what the computer is set to.
    """

    server: str
    token: str = field(repr=False)
    ca: Path | None = None
    proxy: str = field(default="system", repr=False)


class Line:
    """One connection, made anew where it broke; no redirect is followed, so no token strays."""

    def __init__(self, way: Way) -> None:
        self._url = parse_server(way.server)
        self._host = self._url.hostname or ""
        self._token = way.token
        self._proxy = find_proxy(way.proxy, self._url)
        self._context = None
        if self._url.scheme == "https":
            self._context = ssl.create_default_context(cafile=way.ca)
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Ask once, and once more where a kept connection had gone meanwhile; raises AwayError."""
        whole = {"Authorization": f"Bearer {self._token}", "User-Agent": "lianzhen-watch"}
        whole |= headers
        for is_kept in [True, False] if self._connection is not None else [False]:
            try:
                return self._ask(method, self._url.path.rstrip("/") + path, whole, body)
            except (http.client.HTTPException, OSError) as error:
                self.close()
                if not is_kept or isinstance(error, TimeoutError):
                    raise AwayError(_trouble_of(error)) from error
        raise AwayError(Trouble.SERVER_AWAY)

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request(method, path, body=body, headers=dict(headers))
        response = self._connection.getresponse()
        data = response.read(_MOST_ANSWER)
        if not response.isclosed() and response.read(1):
            self.close()  # longer than anything that the server says
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, told, data)

    def _connect(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._url.port, timeout=_TIMEOUT_S)
        if self._proxy is None:
            return http.client.HTTPSConnection(
                self._host, self._url.port, timeout=_TIMEOUT_S, context=self._context
            )
        connection = http.client.HTTPSConnection(
            self._proxy.hostname or "",
            self._proxy.port,
            timeout=_TIMEOUT_S,
            context=self._context,
        )
        connection.set_tunnel(self._host, self._url.port or 443, headers=_sign_in(self._proxy))
        return connection


def parse_server(text: str) -> SplitResult:
    """The address of the server: https, or http to this computer itself. Raises AddressError."""
    url = urlsplit(text)
    is_own = url.scheme == "http" and url.hostname in _LOOPBACK
    if not (url.hostname and (url.scheme == "https" or is_own)):
        raise AddressError
    if url.query or url.fragment or url.username:
        raise AddressError
    return url


def find_proxy(told: str, server: SplitResult) -> SplitResult | None:
    """The proxy to go through; what the computer is set to is asked of it."""
    if told == "none" or server.scheme == "http":
        return None
    found = told
    if told == "system":
        if proxy_bypass(server.hostname or ""):
            return None
        found = getproxies().get("https", "")
    if not found:
        return None
    proxy = urlsplit(found if "://" in found else f"http://{found}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise AddressError
    return proxy


def _sign_in(proxy: SplitResult) -> dict[str, str]:
    """Basic sign-in of a proxy (RFC 7617), where its address holds one."""
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _trouble_of(error: Exception) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble.CERTIFICATE
    if isinstance(error, OSError) and str(error).startswith("Tunnel connection failed"):
        return Trouble.PROXY if _PROXY_WANTS_SIGN_IN in str(error) else Trouble.SERVER_AWAY
    return Trouble.SERVER_AWAY
