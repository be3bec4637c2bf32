"""Who is at the other end: address, transport and browser, believing only trusted proxies."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import hdrs, web

from consult.people.sessions.model import Client
from server.keys import SETTINGS

Address = IPv4Address | IPv6Address
_BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
_CALLERS_KNOWN = 4096
_VERSION = re.compile(r"[0-9]{1,4}")
_WITH_PORT = re.compile(
    r"(?P<v4>[0-9.]{7,15}):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]{2,45})\](:[0-9]{1,5})?"
)


def client_of(request: web.Request) -> Client:
    """The browser in a few words, and its address."""
    return Client(browser=_browser(request), address=client_address(request))


def client_address(request: web.Request) -> str:
    """The caller's address: the last one that no trusted proxy vouches for.

    A header of the caller's own making changes nothing (T19).
    """
    caller = _caller(request)
    return "unknown" if caller is None else str(caller)


def is_here(request: web.Request) -> bool:
    """Whether the caller is this machine itself."""
    caller = _caller(request)
    return caller is not None and caller.is_loopback


def _caller(request: web.Request) -> Address | None:
    peer = _parse(request.remote)
    # a proxy may add a line of its own below the caller's: all lines are one list (RFC 9110 5.3)
    hops = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, [])).split(",")
    while peer is not None and _is_trusted(request, peer) and hops:
        before = _parse(hops.pop().strip())
        if before is None:
            break
        peer = before
    return peer


def network_of(address: str) -> str:
    """The network of an address: /24 for IPv4, /64 for IPv6, where one household holds a /64."""
    found = _parse(address)
    if found is None:
        return "unknown"
    bits = 24 if found.version == 4 else 64  # noqa: PLR2004 - the versions of IP
    return str(ip_network(f"{found}/{bits}", strict=False))


def is_secure(request: web.Request) -> bool:
    """Whether the browser speaks TLS, to us or to a trusted proxy."""
    peer = _parse(request.remote)
    if peer is not None and _is_trusted(request, peer):
        told = ",".join(request.headers.getall(hdrs.X_FORWARDED_PROTO, [request.scheme]))
        return told.rpartition(",")[2].strip() == "https"
    return request.scheme == "https"


def _is_trusted(request: web.Request, peer: Address) -> bool:
    return any(peer in network for network in request.app[SETTINGS].trusted_proxy)


@lru_cache(maxsize=_CALLERS_KNOWN)
def _parse(text: str | None) -> Address | None:
    """An address, as some proxies write it with a port; IPv4 inside IPv6 is the IPv4 one."""
    found = _WITH_PORT.fullmatch(text or "")
    try:
        address = ip_address((found["v4"] or found["v6"]) if found else text or "")
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _browser(request: web.Request) -> str:
    agent = request.headers.get(hdrs.USER_AGENT, "")[:400]
    name = ""
    for mark, words in _BROWSERS:
        _, found, rest = agent.partition(mark)
        if found:
            version = _VERSION.match(rest)
            name = f"{words} {version.group()}" if version else words
            break
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (name, system) if part)
