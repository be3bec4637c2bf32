"""The manager's month in a browser: drawn, light on a clinic's line, on a phone too."""

from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.months import Place, fill_month
from tests.makers.weight import AGAIN_BYTES, FIRST_BYTES, open_scales
from tests.makers.world_house import open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(580)]


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
