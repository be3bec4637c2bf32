"""A call that was cut comes back alone, in the same record of consultation (VID-05, F11)."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.call_people import (
    forgive_cuts,
    keeps_seeing,
    let_in_all,
    moments,
    open_caller,
    open_video_world,
    secure_base,
    take_place,
    writes,
)
from tests.makers.calls import open_caller_browser
from tests.makers.grown import children_of
from tests.makers.media_house import eventually
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("call")) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


@dataclass(frozen=True)
class Pair:
    """Two people in one call."""

    house: WorldHouse
    room_id: str
    persons: tuple[Person, Person]
    screens: tuple[Screen, Screen]

    @property
    def room(self) -> str:
        """The room's door."""
        return f"/api/cases/{self.house.world.things['case']}/room"

    def child(self, role: str) -> int:
        """The process of the house in this role; 0 where there is none at present."""
        found = children_of(self.house.house.process.pid, role)
        return found[0] if found else 0

    async def kill(self, role: str) -> float:
        """End it by force; when, in seconds since 1970."""
        before = self.child(role)
        os.kill(before, signal.SIGKILL)
        at_s = time.time()
        await eventually(lambda: self.child(role) not in {0, before})
        return at_s

    async def record(self) -> dict[str, Any]:
        """What the case has of its only room."""
        async with self.house.visitor(self.persons[0]) as visitor:

            async def ask() -> dict[str, Any] | None:
                try:
                    status, told = await visitor.get(self.room)
                except OSError:
                    return None
                return dict(told) if status == 200 else None

            told: dict[str, Any] = await eventually(ask)
        assert [each["room_id"] for each in told["rooms"]] == [self.room_id]
        return told


@pytest.fixture
async def pair(house: WorldHouse, browser: Browser) -> AsyncIterator[Pair]:
    """The clinic and the expert, who see each other."""
    base = secure_base(house)
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    room_id = await let_in_all(house, physician, [expert])
    async with (
        open_caller(browser, base, physician) as clinic,
        open_caller(browser, base, expert) as reader,
    ):
        for screen in (clinic, reader):
            await take_place(screen, house.world.things["case"])
        for screen in (clinic, reader):
            await keeps_seeing(screen)
        yield Pair(house, room_id, (physician, expert), (clinic, reader))
        for screen in (clinic, reader):
            forgive_cuts(screen)


async def comes_back(screen: Screen, since_s: float) -> None:
    """The page says that the line is cut, and by itself that it is there again."""

    async def is_back() -> bool:
        seen = [each for each in await moments(screen) if each.at_s >= since_s]
        return any(each.cut for each in seen) and not seen[-1].cut

    await eventually(is_back)
    await keeps_seeing(screen)


async def test_a_web_process_that_dies_is_outlived_by_sound_picture_and_record(pair: Pair) -> None:
    at_s = await pair.kill("web")
    for screen in pair.screens:
        await comes_back(screen, at_s)
    told = await pair.record()
    assert told["open_room_id"] == pair.room_id
    assert sorted(each["person_id"] for each in told["rooms"][0]["attendances"]) == sorted(
        each.id for each in pair.persons
    )


async def test_a_media_process_that_dies_comes_back_with_sound_and_picture_while_people_write(
    pair: Pair,
) -> None:
    for _ in range(2):
        at_s = await pair.kill("media")
        writing = asyncio.ensure_future(writes(pair.screens[0], f"还在 {at_s:.2f}"))
        for screen in pair.screens:
            await comes_back(screen, at_s)
        await writing
    assert (await pair.record())["open_room_id"] == pair.room_id
