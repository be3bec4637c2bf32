"""Wrong passwords from one network: counted on the live bus, beside the guards kept in SQL."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Final

from aiohttp import web

from consult.people.sessions.errors import AddressLockedError
from server.auth.peer import client_address
from server.keys import RULES, VAULT, WAKEUPS

_PREFIX: Final = {4: 24, 6: 48}
_PURPOSE: Final = "sign-in network"


async def require_room(request: web.Request) -> None:
    """Raises AddressLockedError while the caller's network has spent its wrong tries."""
    rules = request.app[RULES].sign_in
    if await _count(request, add=0) >= rules.network_failures:
        raise AddressLockedError(rules.window)


async def note_failure(request: web.Request) -> None:
    """One more wrong try from this network."""
    await _count(request, add=1)


async def _count(request: web.Request, *, add: int) -> int:
    window: timedelta = request.app[RULES].sign_in.window
    key = request.app[VAULT].blind(network_of(client_address(request)), purpose=_PURPOSE)
    return await request.app[WAKEUPS].count(key, add=add, window_s=int(window.total_seconds()))


def network_of(address: str) -> str:
    """The /24 or /48 around an address; what is none stands for itself."""
    try:
        exact = ip_network(address)
    except ValueError:
        return address
    return str(exact.supernet(new_prefix=_PREFIX[exact.version]))
