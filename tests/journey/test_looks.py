"""Every page in both languages and three windows: nothing scrolls sideways, nobody is kept out."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser

from consult.access.model import parse_role_rules
from consult.blobs.folder import FolderStore
from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number, make_patient
from tests.makers.furnished import Furnisher
from tests.makers.reports import claim
from tests.makers.rulebooks import read_config
from tests.makers.screen import DESKTOP, NARROW, PHONE, Screen
from tests.makers.tiny_images import Darkroom
from tests.makers.tour import NOT_DRAWN, Sight, sights_of
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side
from tests.makers.world_story import wait_for_reading

_SEQUENCE = iter(range(402, 900, 2))
pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(580)]
# the page's own main act: a discussion has one of its own
_MAIN_OUT_OF_SIGHT = """() => { const all = [...document.querySelectorAll(".btn-main")]
    .filter((it) => it.offsetParent !== null && !it.closest("dialog, [data-key]"))
    .filter((it) => !it.closest("[data-controller~=talk]"));
  const isOut = (it) => it.getBoundingClientRect().bottom > innerHeight;
  return all.length > 0 && all.every(isOut) ? all.map((it) => it.textContent.trim()) : []; }"""
_NAMELESS_CONTROL = "<html lang=en><title>x</title><main><input></main>"


async def show_target(screen: Screen) -> None:
    """What the address names stays in sight in each window."""
    await screen.page.evaluate("() => document.querySelector(':target')?.scrollIntoView()")


async def look(screen: Screen, sight: Sight) -> list[str]:
    """What is wrong with a page; its pictures are kept."""
    await screen.resize(DESKTOP)
    await screen.go(sight.path)
    faults = []
    for size in (DESKTOP, NARROW, PHONE):
        await screen.resize(size)
        await show_target(screen)
        faults += [f"{size}: {each}" for each in await screen.find_overflow()]
        faults += [f"{size}: {each}" for each in await screen.find_barriers()]
        if out := await screen.page.evaluate(_MAIN_OUT_OF_SIGHT):
            faults.append(f"{size}: the main button is below the window: {out}")
        await screen.shoot(sight.name)
    faults += screen.complaints
    screen.complaints.clear()
    return [f"{sight.name} {sight.path}: {fault}" for fault in faults]


def reading_room(house: WorldHouse) -> Sight:
    """A case that its reader has taken: the report is open to be written."""
    world = house.world
    number = citizen_number(next(_SEQUENCE), birth="19580808")
    patient = make_patient(world.consortium, name="许桂兰", document_number=number)
    darkroom = Darkroom(world.consortium, FolderStore(house.house.data_dir / "blobs"))
    case = wait_for_reading(world, patient, darkroom)
    near = world.consortium
    claim(near, case, by=near.expert)
    reader = world.person(Side.LEAD, Role.EXPERT)
    return Sight("reading.show-taken", f"/cases/{case.id}/reading", reader)


@pytest.fixture(scope="module")
async def furnished(world_house: WorldHouse, real_files: Path) -> Sequence[Sight]:
    """The pages about images with something on them, as on a day at work."""
    return await Furnisher(world_house, real_files).furnish()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_can_be_looked_at(
    language: str, world_house: WorldHouse, furnished: Sequence[Sight], at_door: Opener
) -> None:
    roles = parse_role_rules(read_config("roles.toml"))
    world = world_house.world
    faults: list[str] = []
    sights = [*sights_of(world, roles, world_house.things()), *furnished]
    sights.append(reading_room(world_house))
    assert len(sights) > 30
    for person in dict.fromkeys(sight.person for sight in sights):
        async with at_door(world_house.base, language=language) as screen:
            if person is not None:
                await screen.come_as(person.token)
            for sight in sights:
                if sight.person is person:
                    faults += await look(screen, sight)
            screen.refusals.clear()
    assert faults == [], "\n".join(faults)


async def test_the_doors_that_are_not_looked_at_draw_nothing(
    world_house: WorldHouse, at_door: Opener
) -> None:
    async with at_door(world_house.base) as screen:
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
            answer = await screen.page.request.get(world_house.base + path)
            assert "html" not in answer.headers["content-type"], path
        assert len(NOT_DRAWN) == 21


async def test_a_page_with_a_nameless_field_would_be_found(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content(_NAMELESS_CONTROL)
    assert [each.split(":")[0] for each in await Screen(page, "", "en", DESKTOP).find_barriers()]
    await page.close()
