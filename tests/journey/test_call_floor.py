"""A call between the oldest browser that we promise and this machine's own (U9, VID-01, VID-04)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.makers.browsers import open_floor_chromium
from tests.makers.call_people import SMALL
from tests.makers.calls import meets, open_caller_browser
from tests.makers.image_house import ImageHouse
from tests.makers.looking import (
    EXPERT,
    HOST,
    at_the_call,
    call_and_let_in,
    marked,
    middle_of,
    open_looking_house,
    signed_in,
    standing,
)
from tests.makers.media_house import eventually
from tests.makers.room_script import ROOM_FLAGS
from tests.makers.screen import Screen
from tests.makers.viewing import take_case

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(420)]
_LOOK = {"script": SMALL, "size": (1366, 768)}


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house of pictures with video."""
    with open_looking_house(tmp_path_factory.mktemp("floor") / "house") as opened:
        yield opened


@pytest.fixture
async def newest() -> AsyncIterator[Browser]:
    """The one of this machine."""
    async with open_caller_browser() as opened:
        yield opened


@pytest.fixture
async def oldest() -> AsyncIterator[Browser]:
    """Chromium 109, with the same devices that are made up."""
    async with open_floor_chromium(*ROOM_FLAGS) as opened:
        yield opened


@pytest.fixture
async def pair(
    house: ImageHouse, newest: Browser, oldest: Browser, real_files: Path
) -> AsyncIterator[tuple[Screen, Screen]]:
    """The clinic at the newest and the expert at the oldest, in a call on a case with a picture."""
    case_id = str((await take_case(house, real_files, {}, photographs=1)).case.id)
    async with signed_in(house, HOST) as host, signed_in(house, EXPERT) as expert:
        await call_and_let_in(case_id, host, {str(house.world.expert.person): expert})
        async with (
            at_the_call(newest, house, host, case_id, **_LOOK) as clinic,
            at_the_call(oldest, house, expert, case_id, **_LOOK) as reader,
        ):
            assert (clinic.is_floor, reader.is_floor) == (False, True)
            yield clinic, reader


async def test_old_and_new_see_and_hear_each_other_and_look_and_point_at_one_picture(
    pair: tuple[Screen, Screen],
) -> None:
    clinic, reader = pair
    for screen in pair:
        await meets(screen)
    await reader.at("[data-together-open]").click()
    await eventually(lambda: see_one_picture(clinic, reader))
    await reader.at('[data-act="invert"]').click()
    await eventually(lambda: see_one_picture(clinic, reader, ways=1))
    for pointing, looking in ((reader, clinic), (clinic, reader)):
        await points(pointing, looking)
    await clinic.at('[data-act="draw"]').click()
    await draws(clinic)
    await eventually(lambda: has_line(reader))
    await reader.shoot("call-oldest-browser")
    await clinic.shoot("call-with-oldest-browser")
    for screen in pair:
        await meets(screen)


async def see_one_picture(one: Screen, other: Screen, *, ways: int = 0) -> bool:
    """The same picture, looked at in so many named ways; frames may be of two sizes."""
    here, there = await standing(one), await standing(other)
    if here is None or there is None or here["film"] != there["film"]:
        return False
    named = [each for each in here["said"][0].split(" · ") if each]
    return here["said"] == there["said"] and len(named) >= ways


async def points(pointing: Screen, looking: Screen) -> None:
    """Her hand stands over the same place of the picture at the other side."""
    x, y = await middle_of(pointing)
    await pointing.page.mouse.move(x - 30, y + 20)
    await pointing.page.mouse.move(x - 10, y + 10)
    own = await standing(pointing)
    assert own is not None
    wanted = place_of(own, (own["frame"][0] / 2 - 10, own["frame"][1] / 2 + 10))

    async def is_there() -> bool:
        seen = await standing(looking)
        hands = [each for each in await marked(looking) if each["id"].startswith("hand ")]
        if seen is None or not hands:
            return False
        return place_of(seen, hands[0]["middle"]) == pytest.approx(wanted, abs=0.02)

    await eventually(is_there)


def place_of(seen: dict[str, Any], at: Any) -> list[float]:
    """A point of the frame, as parts of the picture's width and height."""
    left, top, wide, high = seen["place"]
    return [(at[0] - left) / wide, (at[1] - top) / high]


async def draws(screen: Screen) -> None:
    """A line over the middle of the picture."""
    x, y = await middle_of(screen)
    await screen.page.mouse.move(x - 40, y)
    await screen.page.mouse.down()
    await screen.page.mouse.move(x + 40, y + 10, steps=8)
    await screen.page.mouse.up()


async def has_line(screen: Screen) -> bool:
    return any(not each["id"].startswith("hand ") for each in await marked(screen))
