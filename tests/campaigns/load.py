"""A house at work: slots enough, clients on their way, and a ledger of what it acknowledged."""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time as clock_time
from datetime import timedelta
from pathlib import Path

from consult.kernel.work import Role
from server.transactions import utc_now
from tests.campaigns.client import Client
from tests.campaigns.lane import Lane
from tests.campaigns.ledger import Ledger
from tests.campaigns.seeds import derive, is_whole, make_seed
from tests.campaigns.walker import Cast
from tests.makers import referrals
from tests.makers.house import start_house
from tests.makers.world import World
from tests.makers.world_copies import copy_world
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

LANES = 4
CLINIC_DAYS = 6 if is_whole() else 1  # as many slots as may be published in one go


@dataclass
class Load:
    """A house, its clients, and what it has acknowledged to them."""

    house: WorldHouse
    seed: random.Random
    ledger: Ledger
    lanes: list[Lane]


@contextlib.contextmanager
def open_load(folder: Path, campaign: str) -> Iterator[Load]:
    """The load of one campaign, with its seed."""
    seed = make_seed(campaign)
    world = copy_world(folder / "house")
    cast = make_cast(world)
    house = WorldHouse(start_house(folder / "house", loop_guard="0"), world)
    ledger = Ledger(folder / "ledger.jsonl")
    lanes = [
        Lane(Client(house.base), cast, ledger, number, derive(seed)) for number in range(LANES)
    ]
    try:
        yield Load(house, seed, ledger, lanes)
    finally:
        house.house.stop()
        world.clinic.units.close()
        ledger.close()


def make_cast(world: World) -> Cast:
    """Physician, expert, and a clinic with slots."""
    desk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    office = referrals.Office(world.consortium, None, desk, world.things["clinic"])  # type: ignore[arg-type] # nothing is signed here
    first = utc_now().date() + timedelta(days=3)
    days = [first + timedelta(days=number) for number in range(CLINIC_DAYS)]
    referrals.publish(
        office,
        day_from=days[0],
        day_until=days[-1],
        weekdays=frozenset(day.isoweekday() for day in days),
        start=clock_time(7, 0),
        end=clock_time(19, 0),
        minutes=5,
    )
    return Cast(
        physician=world.person(Side.HOME, Role.REQUESTING_PHYSICIAN),
        expert=world.person(Side.LEAD, Role.EXPERT),
        panel_id=world.things["panel"],
        clinic_id=world.things["clinic"],
        days=[day.isoformat() for day in days],
    )
