"""What the page of the connection test shows before it has tested anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.settings import Settings
from server.turn.address import Way


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """Where browsers must get through, as an IT department writes it into a firewall."""

    host: str
    media: tuple[str, ...]
    relays: Mapping[str, str]


def of_connection(settings: Settings, host: str) -> ConnectionPage:
    """The addresses of this installation; `host` is how this browser names it."""
    media: tuple[str, ...] = ()
    if settings.media:
        named = settings.media_public_address
        addresses = (named,) if named else settings.media_addresses
        media = tuple(f"UDP {each}:{settings.media_ports}" for each in addresses)
    relays: dict[str, str] = {}
    for each in settings.turn_addresses:
        kind = "UDP" if each.way is Way.UDP else "TCP"
        told = f"{kind} {each.host}:{each.port}"
        relays[each.way] = f"{relays[each.way]}, {told}" if each.way in relays else told
    return ConnectionPage(host, media, relays)
