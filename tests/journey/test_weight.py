"""What a page costs on a clinic's line: at most 300 KB the first time, 50 KB afterwards (U27)."""

from collections.abc import Sequence

import pytest

from consult.access.model import parse_role_rules
from tests.journey.conftest import Opener
from tests.makers.rulebooks import read_config
from tests.makers.screen import Screen
from tests.makers.tour import Sight, sights_of
from tests.makers.weight import AGAIN_BYTES, FIRST_BYTES, Scales, open_scales
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(580)]
VIEWERS = frozenset({"reading.show"})
"""Pages that bring the viewer, which shows pictures in full: 0.7 MB once, kept afterwards."""
_LEAST_BYTES = 20_000  # what weighs less the first time was not weighed


async def test_every_page_is_light_on_a_clinic_s_line(
    world_house: WorldHouse, at_door: Opener
) -> None:
    roles = parse_role_rules(read_config("roles.toml"))
    every = list(sights_of(world_house.world, roles, world_house.things()))
    assert {each.name for each in every} >= VIEWERS
    sights = [each for each in every if each.name not in VIEWERS]
    assert len(sights) > 60
    heavy: list[str] = []
    for person in dict.fromkeys(sight.person for sight in sights):
        async with at_door(world_house.base) as screen:
            if person is not None:
                await screen.come_as(person.token)
            heavy += await weigh_all(screen, [each for each in sights if each.person is person])
            screen.refusals.clear()
            screen.complaints.clear()
    assert heavy == [], "\n".join(heavy)


async def test_a_page_that_is_too_heavy_is_found(world_house: WorldHouse, at_door: Opener) -> None:
    async with at_door(world_house.base) as screen:
        scales = await open_scales(screen.page)
        sight = Sight("sign_in.page", "/sign-in", None)
        assert len(await weigh(scales, screen.base, sight, bars=(90_000, 500))) == 2
        assert await weigh(scales, screen.base, sight, bars=(FIRST_BYTES, AGAIN_BYTES)) == []


async def weigh_all(screen: Screen, sights: Sequence[Sight]) -> list[str]:
    """The pages that are too heavy, each with its heaviest parts."""
    scales = await open_scales(screen.page)
    bars = (FIRST_BYTES, AGAIN_BYTES)
    return [line for each in sights for line in await weigh(scales, screen.base, each, bars=bars)]


async def weigh(scales: Scales, base: str, sight: Sight, *, bars: tuple[int, int]) -> list[str]:
    """What is too much of one page, for the first time and again."""
    heavy = []
    for is_first, most in zip((True, False), bars, strict=True):
        whole, each = await scales.weigh(base + sight.path, is_first=is_first)
        parts = sorted(each.items(), key=lambda one: -one[1])[:3]
        if whole > most or (is_first and whole < _LEAST_BYTES):
            heavy.append(f"{sight.name} {is_first=}: {whole} {parts}")
    return heavy
