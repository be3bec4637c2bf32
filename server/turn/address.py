"""The address of a TURN server as browsers write it (RFC 7065), and the way that it names."""

import enum
import re
from dataclasses import dataclass
from typing import Final

_URL: Final = re.compile(
    r"(?P<scheme>turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)
_PLAIN_PORT, _TLS_PORT, _MOST_PORT = 3478, 5349, 65_535


class Way(enum.StrEnum):
    """How a browser reaches the relay."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class TurnAddress:
    """Where a TURN server listens, and how it is spoken to there."""

    host: str
    port: int
    way: Way


def read_address(url: str) -> TurnAddress:
    """What the address says; raises ValueError where it is none, or names TURN over DTLS."""
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError
    is_tls = found["scheme"] == "turns"
    if is_tls and found["transport"] == "udp":
        raise ValueError
    port = int(found["port"] or (_TLS_PORT if is_tls else _PLAIN_PORT))
    if not 0 < port <= _MOST_PORT:
        raise ValueError
    way = Way.TLS if is_tls else Way(found["transport"] or "udp")
    return TurnAddress(found["host"].strip("[]"), port, way)
