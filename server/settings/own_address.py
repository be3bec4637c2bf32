"""By which address of this machine others reach what listens here, where nobody has said it."""

import socket
from ipaddress import ip_address
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_SOMEWHERE: Final = ("192.0.2.1", 9)  # RFC 5737 section 3: no machine's; nothing is sent there


def find_own_address(host: str, *, is_behind_proxy: bool) -> str:
    """Where pages listen; behind a proxy, or on every address, the one of the default route."""
    try:
        found = ip_address(host)
    except ValueError:  # a name, which stands for this machine
        return LOOPBACK if host == "localhost" else _on_the_network()
    if found.is_unspecified or (found.is_loopback and is_behind_proxy):
        return _on_the_network()
    return str(found)


def _on_the_network() -> str:
    """The address that leaves by the default route; a UDP socket is asked, and sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0)  # to name a peer of UDP takes no time: a page may ask on the loop
        try:
            probe.connect(_SOMEWHERE)
        except OSError:  # no network
            return LOOPBACK
        return str(probe.getsockname()[0])
