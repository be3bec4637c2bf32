"""Who is at the other end: address, transport and browser, believing only trusted proxies."""

import re
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
_VERSION = re.compile(r"[0-9]{1,4}")


def client_of(request: web.Request) -> Client:
    """The browser in a few words, and its address."""
    return Client(browser=_browser(request), address=client_address(request))


def client_address(request: web.Request) -> str:
    """The caller's address: the last one that no trusted proxy vouches for.

    A header of the caller's own making changes nothing (T19).
    """
    peer = _parse(request.remote)
    hops = request.headers.get(hdrs.X_FORWARDED_FOR, "").split(",")
    while peer is not None and _is_trusted(request, peer) and hops:
        before = _parse(hops.pop().strip())
        if before is None:
            break
        peer = before
    return "unknown" if peer is None else str(peer)


def network_of(address: str) -> str:
    """The network of an address: /24 for IPv4, /64 for IPv6, where one household holds a /64."""
    found = _parse(address)
    if found is None:
        return "unknown"
    found = found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
    bits = 24 if found.version == 4 else 64  # noqa: PLR2004 - the versions of IP
    return str(ip_network(f"{found}/{bits}", strict=False))


def is_secure(request: web.Request) -> bool:
    """Whether the browser speaks TLS, to us or to a trusted proxy."""
    peer = _parse(request.remote)
    if peer is not None and _is_trusted(request, peer):
        return request.headers.get(hdrs.X_FORWARDED_PROTO, request.scheme) == "https"
    return request.scheme == "https"


def _is_trusted(request: web.Request, peer: Address) -> bool:
    return any(peer in network for network in request.app[SETTINGS].trusted_proxy)


def _parse(text: str | None) -> Address | None:
    try:
        return ip_address(text or "")
    except ValueError:
        return None


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
