"""Which names and addresses a certificate speaks for."""

import fcntl
import re
import socket
import struct
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from server.tls.pair import TlsRefusedError

Name = str | IPv4Address | IPv6Address
LOOPBACK: Final[tuple[Name, ...]] = (
    "localhost",
    IPv4Address("127.0.0.1"),
    IPv6Address("::1"),
)
_SIOCGIFADDR: Final = 0x8915  # netdevice(7)
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")  # RFC 1123 section 2.1
_LONGEST_HOST: Final = 253


def parse_names(texts: Sequence[str]) -> tuple[Name, ...]:
    """Host names and addresses as they are typed, with loopback behind them, each once."""
    return tuple(dict.fromkeys((*map(_parse, texts), *LOOPBACK)))


def own_names() -> tuple[Name, ...]:
    """What this machine is called, and its addresses; nothing is asked of the network."""
    names = [text for text in (socket.gethostname().lower(),) if _is_host(text)]
    return tuple(dict.fromkeys((*names, *_addresses(), *LOOPBACK)))


def _parse(text: str) -> Name:
    try:
        return ip_address(text)
    except ValueError:
        pass
    if not _is_host(text.lower()):
        raise TlsRefusedError("certificate-name-malformed")
    return text.lower()


def _is_host(text: str) -> bool:
    return len(text) <= _LONGEST_HOST and _HOST.fullmatch(text) is not None


def _addresses() -> list[IPv4Address]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _number, name in socket.if_nameindex():
            try:
                told = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack("40s", name.encode()[:15]))
            except OSError:  # the interface has no address
                continue
            found.append(IPv4Address(told[20:24]))
    return [address for address in found if not address.is_loopback]
