"""Whoever came by a link: which browser it is, how often it may ask, on what its line stands."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from aiohttp import web

from consult.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from consult.rooms.links import service_guest
from consult.rooms.links.errors import GuestUnknownError
from consult.rooms.links.model import Guest
from server.auth.cookies import hash_token, read_guest
from server.auth.counters import Budget
from server.auth.peer import client_address
from server.keys import COUNTERS, RULES
from server.transactions import as_system_read

_MINUTE: Final = timedelta(minutes=1)
_NO_MORE: Final = (NotFoundError, ConflictError, ForbiddenError)


class LinkLimitedError(ForbiddenError):
    """From one address so many links were asked for that nobody made."""

    def __init__(self, left: timedelta) -> None:
        super().__init__("link-limited", minutes=ceil(left / _MINUTE))


def session_of(request: web.Request) -> str:
    """What is kept of the guest's cookie; raises GuestUnknownError where there is none."""
    token = read_guest(request)
    if token is None:
        raise GuestUnknownError
    return hash_token(token)


async def guest_of(request: web.Request) -> Guest:
    """Whose browser this is; raises GuestUnknownError."""
    found = await as_system_read(
        request.app, service_guest.find_guest, session_hash=session_of(request)
    )
    if found is None:
        raise GuestUnknownError
    return found


async def spend(request: web.Request) -> None:
    """Count that this address asks for a link; raises LinkLimitedError."""
    left = await request.app[COUNTERS].spend(_counter(request), _budget(request))
    if left is not None:
        raise LinkLimitedError(left)


async def give_back(request: web.Request) -> None:
    """There is such a link: to ask for it costs nobody anything."""
    await request.app[COUNTERS].give_back(_counter(request), _budget(request))


@dataclass(slots=True)
class GuestGround:
    """The ground of a guest's line, and of a second device's: the link, the room, the admission."""

    app: web.Application
    session_hash: str
    room_id: str
    process: int = 0

    async def holds(self) -> bool:
        """Ask everything anew that was asked at the door."""
        try:
            place = await as_system_read(
                self.app, service_guest.find_place, session_hash=self.session_hash
            )
        except _NO_MORE:
            return False
        self.process = place.room.process
        return place.room.id == self.room_id


def _counter(request: web.Request) -> str:
    return f"link {client_address(request)}"


def _budget(request: web.Request) -> Budget:
    rules = request.app[RULES].rooms.links
    return Budget(rules.asked_most, rules.asked_window)
