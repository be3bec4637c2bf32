"""Wrong tries that are borne from one address, its network, and everywhere together (T19)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from aiohttp import web

from consult.people.practitioners.sign_in_rules import AttemptRules
from consult.people.sessions import attempts
from consult.people.sessions.errors import PlaceLimitedError
from server.auth.counters import Budget
from server.auth.peer import client_address, network_of
from server.keys import COUNTERS, RULES
from server.transactions import as_system

_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {"address": "address-locked", "network": "address-locked", "installation": "tries-everywhere"}
)


@dataclass(frozen=True, slots=True)
class _Place:
    """What is counted: one address, its network, the installation."""

    kind: str
    name: str
    budget: Budget

    @property
    def counter(self) -> str:
        return f"sign-in {self.kind} {self.name}"


async def spend(request: web.Request) -> None:
    """Spend a try of each budget; raises PlaceLimitedError where one has none left."""
    spent: list[_Place] = []
    for place in _places(request):
        left = await request.app[COUNTERS].spend(place.counter, place.budget)
        if left is not None:
            await _give_back(request, spent)
            await _note(request, place)
            raise PlaceLimitedError(_CODES[place.kind], left)
        spent.append(place)


async def give_back(request: web.Request) -> None:
    """The try was right: it costs nobody anything."""
    await _give_back(request, list(_places(request)))


async def _give_back(request: web.Request, places: list[_Place]) -> None:
    for place in places:
        await request.app[COUNTERS].give_back(place.counter, place.budget)


async def _note(request: web.Request, place: _Place) -> None:
    """Into the journal once a window: a flood of tries is no flood of entries."""
    once = Budget(1, place.budget.window)
    if await request.app[COUNTERS].spend(f"noted {place.counter}", once) is None:
        await as_system(request.app, attempts.record_limit, kind=place.kind, place=place.name)


def _places(request: web.Request) -> Iterator[_Place]:
    rules: AttemptRules = request.app[RULES].sign_in.attempts
    address = client_address(request)
    limits = (
        ("address", address, rules.address),
        ("network", network_of(address), rules.network),
        ("installation", "all", rules.installation),
    )
    for kind, name, limit in limits:
        window: timedelta = rules.window
        yield _Place(kind, name, Budget(limit, window))
