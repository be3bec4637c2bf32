"""A call in which everybody looks at the same picture, points at it and draws on it (VID-04)."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.makers.calls import open_caller_browser
from tests.makers.image_house import ImageHouse
from tests.makers.looking import (
    EXPERT,
    HOST,
    PHOTOGRAPHER,
    at_the_call,
    call_and_let_in,
    marked,
    middle_of,
    open_looking_house,
    see_the_same,
    signed_in,
    standing,
)
from tests.makers.media_house import eventually
from tests.makers.screen import PHONE, Screen
from tests.makers.viewing import slices_of, take_case
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(420)]
_LAPTOP = (1366, 768)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house of pictures with video."""
    with open_looking_house(tmp_path_factory.mktemp("together") / "house") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Without cameras: pictures are looked at all the same."""
    async with open_caller_browser(without=("--use-fake-device",)) as opened:
        yield opened


class Call:
    """A case with pictures, and who is at her page."""

    def __init__(self, browser: Browser, house: ImageHouse, case_id: str) -> None:
        self.browser, self.house, self.case_id = browser, house, case_id
        self.people: dict[str, Visitor] = {}
        self.stack = AsyncExitStack()

    async def come(self, login: str, **look: Any) -> Screen:
        """She comes to her page, and joins."""
        return await self.stack.enter_async_context(
            at_the_call(
                self.browser,
                self.house,
                self.people[login],
                self.case_id,
                **{"size": _LAPTOP, **look},
            )
        )


@pytest.fixture
async def call(browser: Browser, house: ImageHouse, real_files: Path) -> AsyncIterator[Call]:
    """The physician has called on a case with two photographs and a series, and let both in."""
    read_case = await take_case(house, real_files, slices_of(real_files), photographs=2)
    made, world = Call(browser, house, str(read_case.case.id)), house.world
    async with made.stack as stack:
        for login in (HOST, EXPERT, PHOTOGRAPHER):
            made.people[login] = await stack.enter_async_context(signed_in(house, login))
        guests = {
            str(world.expert.person): made.people[EXPERT],
            str(world.photographer.person): made.people[PHOTOGRAPHER],
        }
        await call_and_let_in(made.case_id, made.people[HOST], guests)
        yield made


async def shows(screen: Screen, *others: Screen) -> dict[str, Any]:
    """She shows a picture, and the others see it."""
    await screen.at("[data-together-open]").click()
    await screen.at('[data-together][data-whose="own"] .view-img canvas').wait_for()
    return await see_the_same(screen, *others)


async def test_both_see_one_picture_as_it_is_zoomed_windowed_turned_and_scrolled(
    call: Call,
) -> None:
    clinic, reader = await call.come(HOST), await call.come(EXPERT)
    first = await shows(reader, clinic)
    x, y = await middle_of(reader)
    await reader.page.mouse.move(x, y)
    await reader.page.mouse.wheel(0, -400)
    await drags(reader, 40)
    zoomed = await see_the_same(reader, clinic)
    assert zoomed["place"][2] > first["place"][2] * 1.5
    for act in ("red-free", "invert", "rotate", "mirror"):
        await reader.at(f'[data-act="{act}"]').click()
    await eventually(lambda: says(reader, 4))
    turned = await see_the_same(reader, clinic)
    await looks_well(reader, "together-presenter")
    await looks_well(clinic, "together-onlooker")
    await scrolls_and_windows(reader, clinic, turned["film"])


async def says(screen: Screen, count: int) -> bool:
    """Whether so many ways of looking are named on the picture."""
    found = await standing(screen)
    return found is not None and len(found["said"][0].split(" · ")) == count


async def scrolls_and_windows(reader: Screen, clinic: Screen, film: str) -> None:
    """She goes on in a series, and takes a window; who does not show moves nothing."""
    await reader.at('.look-films .film[data-side=""]').first.click()
    stack = await eventually(lambda: other_than(reader, film))
    await see_the_same(reader, clinic)
    for act in ("back", "on", "back"):
        await reader.at(f'[data-act="{act}"]').click()
    await eventually(lambda: other_than(reader, stack["film"]))
    await reader.at('[data-act="window"]').click()
    await drags(reader, 60)
    windowed = await see_the_same(reader, clinic)
    assert windowed["said"][1] != stack["said"][1]
    x, y = await middle_of(clinic)
    await clinic.page.mouse.move(x, y)
    await clinic.page.mouse.wheel(0, -400)
    await drags(clinic, 60)
    assert (await see_the_same(reader, clinic))["place"] == windowed["place"]


async def drags(screen: Screen, by: int) -> None:
    """From the middle of the picture, to the right and down."""
    x, y = await middle_of(screen)
    await screen.page.mouse.move(x, y)
    await screen.page.mouse.down()
    await screen.page.mouse.move(x + by, y + by, steps=4)
    await screen.page.mouse.up()


async def other_than(screen: Screen, film: str) -> dict[str, Any] | None:
    found = await standing(screen)
    return found if found is not None and found["film"] != film else None


async def test_hands_and_lines_are_seen_in_place_and_the_reader_keeps_the_lines_as_marks(
    call: Call,
) -> None:
    clinic, reader = await call.come(HOST), await call.come(EXPERT)
    await shows(clinic, reader)
    await points(reader, clinic)
    await draws(clinic)
    await draws(reader, down=40)
    await eventually(lambda: have_both_lines(clinic, reader))
    assert not await clinic.at('[data-act="keep"]').is_visible(), "she does not hold the case"
    await keeps(call, reader)
    await clinic.at('[data-act="wipe"]').click()
    await eventually(lambda: lines_of(reader, 0, anything=True))


async def have_both_lines(clinic: Screen, reader: Screen) -> bool:
    """Each has her own line and the other's, in the same places."""
    here, there = await lines_of(clinic, 2), await lines_of(reader, 2)
    if here is None or there is None:
        return False
    return all(
        line["id"] == other["id"]
        and line["isMine"] is not other["isMine"]
        and all(abs(a - b) <= 1 for a, b in zip(line["middle"], other["middle"], strict=True))
        for line, other in zip(here, there, strict=True)
    )


async def points(reader: Screen, clinic: Screen) -> None:
    """Her hand is seen at the other side where she has it, with her name."""
    x, y = await middle_of(reader)
    await reader.page.mouse.move(x - 30, y + 20)
    hand = await eventually(lambda: hand_of(clinic))
    left, top = await middle_of(clinic)
    wide, high = (await standing(clinic) or {})["frame"]
    assert abs(hand["middle"][0] - wide / 2 + left - (x - 30)) <= 1
    assert abs(hand["middle"][1] - high / 2 + top - (y + 20)) <= 1
    assert await clinic.at("[data-together] .mark-text").text_content() == "李文博"


async def keeps(call: Call, reader: Screen) -> None:
    """Both lines become marks on her own sheet, once, and say whose hand it was."""
    await reader.at('[data-act="keep"]').click()
    await reader.at('[data-looked="kept"]').wait_for()
    await looks_well(reader, "together-kept")
    await reader.at('[data-act="keep"]').click()
    await reader.at('[data-looked="none"]').wait_for()
    _, told = await call.people[EXPERT].get(f"/api/cases/{call.case_id}/marks")
    marks = told["sheets"][0]["marks"]
    assert [mark["tool"] for mark in marks] == ["freehand", "freehand"]
    assert sorted(mark["label"] for mark in marks) == ["", "陈立民 在通话中所画"]


async def hand_of(screen: Screen) -> dict[str, Any] | None:
    found = [each for each in await marked(screen) if each["id"].startswith("hand ")]
    return found[0] if found else None


async def lines_of(screen: Screen, count: int, *, anything: bool = False) -> Any:
    found = [each for each in await marked(screen) if not each["id"].startswith("hand ")]
    return (found or anything) if len(found) == count else None


async def draws(screen: Screen, down: int = 0) -> None:
    """A line over the middle of the picture."""
    draw = screen.at('[data-act="draw"]')
    if await draw.get_attribute("aria-pressed") == "false":
        await draw.click()
    x, y = await middle_of(screen)
    await screen.page.mouse.move(x - 40, y + down)
    await screen.page.mouse.down()
    await screen.page.mouse.move(x + 40, y + down + 10, steps=8)
    await screen.page.mouse.up()


async def test_the_picture_is_handed_over_and_who_comes_late_finds_it(call: Call) -> None:
    clinic, reader = await call.come(HOST), await call.come(EXPERT)
    await shows(clinic, reader)
    await draws(clinic)
    assert not await reader.at('[data-act="take"]').is_visible(), "the host shows"
    await clinic.at("[data-part=others]").select_option(str(call.house.world.expert.person))
    await clinic.at('[data-act="give"]').click()
    await reader.at('[data-together][data-whose="own"]').wait_for()
    await reader.at('[data-act="invert"]').click()
    await eventually(lambda: says(reader, 1))
    late = await call.come(PHOTOGRAPHER)
    await finds_all(late, clinic, reader)
    await clinic.at('[data-act="take"]').click()
    await clinic.at('[data-together][data-whose="own"]').wait_for()
    await reader.at('[data-together][data-whose="other"]').wait_for()
    await clinic.at('[data-act="stop"]').click()
    await late.at("[data-together]").wait_for(state="hidden")
    _, told = await call.people[HOST].get(f"/api/cases/{call.case_id}/room")
    presenters = [each["presenter_id"] for each in told["rooms"][0]["shown"]]
    assert str(call.house.world.expert.person) in presenters


async def finds_all(late: Screen, clinic: Screen, reader: Screen) -> None:
    """Picture and line are there at once; who may only look points, and does nothing else."""
    seen = await see_the_same(reader, clinic, late)
    assert seen["said"][0]
    assert await eventually(lambda: lines_of(late, 1))
    for act in ("take", "draw", "give", "keep", "stop"):
        assert not await late.at(f'[data-act="{act}"]').is_visible(), act
    x, y = await middle_of(late)
    await late.page.mouse.move(x, y)
    await eventually(lambda: hand_of(reader))
    await looks_well(late, "together-late")


async def test_on_a_telephone_the_picture_stands_over_the_faces_whole_and_in_its_middle(
    call: Call,
) -> None:
    reader = await call.come(EXPERT)
    phone = await call.come(HOST, size=PHONE, language="en")
    await shows(reader)
    await phone.at("[data-together] .view-img canvas").wait_for()
    await reader.page.mouse.move(*await middle_of(reader))
    await reader.page.mouse.wheel(0, -600)
    wide = await standing(reader)
    assert wide is not None

    async def has_followed() -> dict[str, Any] | None:
        found = await standing(phone)
        is_larger = found is not None and found["place"][2] > found["frame"][0] * 1.2
        return found if is_larger else None

    here = await eventually(has_followed)
    middles = [
        [(found["frame"][at] / 2 - found["place"][at]) / found["place"][at + 2] for at in (0, 1)]
        for found in (here, wide)
    ]
    assert middles[0] == pytest.approx(middles[1], abs=0.02)
    await looks_well(phone, "together-phone")


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.shoot(name)
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
