"""What a page costs on a clinic's line: at most 300 KB the first time, 50 KB afterwards."""

from pathlib import Path

import pytest

from consult.access.model import parse_role_rules
from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.months import Place, fill_month
from tests.makers.rulebooks import read_config
from tests.makers.tour import sights_of
from tests.makers.weight import open_scales
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(580)]
FIRST_BYTES, AGAIN_BYTES = 300_000, 50_000
SHOWS_PICTURES = ("reading", "playback", "rooms", "joined", "room-page", "rendered", "wado")
"""Pages whose weight is that of pictures, and of what decodes them."""


async def test_every_page_but_the_viewer_is_light(world_house: WorldHouse, at_door: Opener) -> None:
    roles = parse_role_rules(read_config("roles.toml"))
    things = world_house.things()
    sights = [
        sight
        for sight in sights_of(world_house.world, roles, things)
        if not sight.name.startswith(SHOWS_PICTURES)
    ]
    assert len(sights) > 30
    heavy: list[str] = []
    for person in dict.fromkeys(sight.person for sight in sights):
        async with at_door(world_house.base) as screen:
            if person is not None:
                await screen.come_as(person.token)
            scales = await open_scales(screen.page)
            for sight in sights:
                if sight.person is person:
                    for is_first, most in ((True, FIRST_BYTES), (False, AGAIN_BYTES)):
                        address = world_house.base + sight.path
                        whole, each = await scales.weigh(address, is_first=is_first)
                        if whole > most or (is_first and whole < 1_000):
                            heavy.append(f"{sight.name} {is_first}: {whole} {_largest(each)}")
            screen.refusals.clear()
            screen.complaints.clear()
    assert heavy == [], "\n".join(heavy)


def _largest(each: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(each.items(), key=lambda one: -one[1])[:3]


async def test_a_month_of_charts_stands_on_the_page_and_nothing_else_loads_them(
    tmp_path: Path, at_door: Opener
) -> None:
    """The director's page: drawn, beside its table, light, without barriers, on a phone too."""
    with open_world(tmp_path) as house:
        place = Place(
            consortium_id=house.world.things["consortium"],
            lead_id=house.world.places[Side.LEAD],
            readers=[house.world.person(Side.LEAD, Role.EXPERT).actor.person],
            clinics={house.world.places[Side.HOME]: (None,)},
        )
        house.world.now.system(fill_month, place=place, count=120, mark="0" * 26)
        manager = house.world.person(Side.LEAD, Role.MANAGER)
        for language in ("zh", "en"):
            async with at_door(house.base, language=language) as screen:
                await screen.come_as(manager.token)
                scales = await open_scales(screen.page)
                for path, name in (("/month", "month"), ("/month/year", "year")):
                    address = f"{house.base}{path}?month=2025-12"
                    whole, each = await scales.weigh(address, is_first=True)
                    assert whole < FIRST_BYTES
                    assert any("/draw-" in url for url in each)
                    assert (await scales.weigh(address, is_first=False))[0] < AGAIN_BYTES
                    assert await screen.page.locator("canvas").count() == 2
                    for size in ((1366, 768), (390, 844)):
                        await screen.resize(size)
                        assert await screen.find_overflow() == []
                        assert await screen.find_barriers() == []
                        await screen.shoot(f"manager-{name}")
                listed = f"{house.base}/month/cases?month=2025-12"
                _whole, each = await scales.weigh(listed, is_first=True)
                assert each
                assert not any("/draw-" in url for url in each)
                await screen.shoot("manager-cases")
                assert screen.complaints == []
