"""Every frame of a picture that only the server draws is paged through and can be signed on."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.makers.image_house import ImageHouse
from tests.makers.many_frames import (
    FRAMES,
    bit_frames,
    bits_of,
    colours_of,
    ends_of,
    fraction_frames,
    meant_by,
    palette_frames,
    spread,
    table_frames,
)
from tests.makers.reading_room import at_the_case, standing
from tests.makers.screen import Screen
from tests.makers.viewing import ReadCase, take_case

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

WAYS = ["webgl", "cpu"]
_WINDOW = re.compile(r"窗宽 ([0-9.e+-]+) 窗位 ([0-9.e+-]+)")


@pytest.fixture(scope="module")
def objects(real_files: Path) -> dict[str, bytes]:
    """One of each kind."""
    return {
        "palette": palette_frames(real_files),
        "loop": palette_frames(real_files),
        "fractions": fraction_frames(real_files),
        "table": table_frames(real_files),
        "bits": bit_frames(real_files),
    }


@pytest.fixture(scope="module")
async def read_case(room: ImageHouse, real_files: Path, objects: dict[str, bytes]) -> ReadCase:
    """A photograph and the objects, taken by the expert."""
    return await take_case(room, real_files, objects, photographs=1)


async def take_up(screen: Screen, film: str) -> None:
    """Choose a film that the server draws."""
    await screen.at(f'.film[data-film="{film}"]').click()
    await screen.at('.read-shell[data-way="server"]').wait_for()


async def step(screen: Screen) -> None:
    """On to the next frame."""
    await screen.page.keyboard.press("PageDown")


async def is_full(screen: Screen, film: str) -> None:
    """The strip says that the whole object was seen."""
    await screen.at(f'.film[data-film="{film}"][data-seen="full"]').wait_for()


@pytest.mark.parametrize("way", WAYS)
async def test_each_frame_of_a_palette_has_the_colours_that_its_palette_says(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, objects: dict[str, bytes], way: str
) -> None:
    film, data = read_case.instances["palette"], objects["palette"]
    async with at_the_case(graphics, room, read_case, way=way) as screen:
        await take_up(screen, film)
        for number in range(1, FRAMES + 1):
            drawn = await standing(screen, film, number)
            assert np.array_equal(drawn, colours_of(data, number))
            await step(screen)
        await is_full(screen, film)
        await screen.page.keyboard.press("v")
        red_free = await standing(screen, film, FRAMES)
        await screen.shoot("drawn-palette")
    green = colours_of(data, FRAMES)[:, :, 1]
    assert np.array_equal(red_free, np.repeat(green[:, :, None], 3, axis=2))


async def test_a_loop_that_the_server_draws_counts_as_seen_with_its_last_frame_and_is_played(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    film = read_case.instances["loop"]
    async with at_the_case(graphics, room, read_case) as screen:
        await take_up(screen, film)
        told = screen.at(f'[data-film="{film}"] [data-part=seen]')
        for number in range(1, FRAMES):
            await told.filter(has_text=f"{number}/{FRAMES}").wait_for(state="attached")
            state = await screen.at(f'.film[data-film="{film}"]').get_attribute("data-seen")
            assert state != "full"
            await step(screen)
        await is_full(screen, film)
        await screen.page.keyboard.press("u")
        for number in (1, 2, 3):
            await standing(screen, film, number)
        await screen.page.keyboard.press("u")


@pytest.mark.parametrize("way", WAYS)
async def test_each_frame_of_one_bit_a_pixel_is_black_and_white(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, objects: dict[str, bytes], way: str
) -> None:
    film, data = read_case.instances["bits"], objects["bits"]
    async with at_the_case(graphics, room, read_case, way=way) as screen:
        await take_up(screen, film)
        for number in (1, 2, 3):
            drawn = await standing(screen, film, number)
            assert np.array_equal(drawn[:, :, 0], bits_of(data, number))
            await step(screen)
        await is_full(screen, film)
        await screen.page.keyboard.press("i")
        inverted = await standing(screen, film, 3)
    assert np.array_equal(inverted[:, :, 0], 255 - bits_of(data, 3))


@pytest.mark.parametrize("kind", ["fractions", "table"])
@pytest.mark.parametrize("way", WAYS)
async def test_values_are_drawn_through_the_window_that_the_page_tells(
    graphics: Browser,
    room: ImageHouse,
    read_case: ReadCase,
    objects: dict[str, bytes],
    way: str,
    kind: str,
) -> None:
    film, data = read_case.instances[kind], objects[kind]
    async with at_the_case(graphics, room, read_case, way=way) as screen:
        await take_up(screen, film)
        for number in range(1, FRAMES + 1):
            drawn = await standing(screen, film, number)
            values = meant_by(data, number)
            lower, upper = ends_of(values)
            expected = spread(values, lower=lower, upper=upper)
            assert np.abs(drawn[:, :, 0] - expected).max() <= 2
            await step(screen)
        await is_full(screen, film)
        await drag_a_window(screen, film)
        told = await window_of(screen, film)
        drawn = await standing(screen, film, FRAMES)
    lower, upper = told
    assert upper - lower > 1.2 * np.subtract(*ends_of(meant_by(data, FRAMES))[::-1])
    expected = spread(meant_by(data, FRAMES), lower=lower, upper=upper)
    assert np.abs(drawn[:, :, 0] - expected).max() <= 3


async def drag_a_window(screen: Screen, film: str) -> None:
    """Drag far to the right with the window in the hand, and wait until it was drawn so."""
    told = f'[data-room-target=shot][data-film="{film}"] [data-part=window]'
    before = await screen.at(told).text_content()
    await screen.page.keyboard.press("w")
    picture = screen.at(f'[data-room-target=shot][data-film="{film}"] .view-img')
    box = await picture.bounding_box()
    assert box is not None
    mouse, y = screen.page.mouse, box["y"] + box["height"] / 2
    await mouse.move(box["x"] + 40, y)
    await mouse.down()
    await mouse.move(box["x"] + 440, y, steps=1)
    await mouse.up()
    await screen.page.wait_for_function(
        "([place, text]) => document.querySelector(place).textContent !== text",
        arg=[told, before],
    )


async def window_of(screen: Screen, film: str) -> tuple[float, float]:
    """Between which values the page says that it draws."""
    place = screen.at(f'[data-room-target=shot][data-film="{film}"] [data-part=window]')
    told = _WINDOW.search(str(await place.text_content()))
    assert told is not None
    width, centre = float(told[1]), float(told[2])
    return centre - width / 2, centre + width / 2
