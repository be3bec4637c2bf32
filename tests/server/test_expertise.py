"""The administrator says what an expert reads and does, and everybody finds her by it (ID-06)."""

from collections.abc import Iterator

import pytest

from consult.kernel.work import Role
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_ASKED = "/capabilities?need=oct&need=intravitreal_injection&field=retina"
_BODY = {"fields": ["retina"], "reads": ["oct"], "treats": ["intravitreal_injection"]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house whose experts nobody else speaks of."""
    with open_world(tmp_path_factory.mktemp("expertise")) as opened:
        yield opened


async def test_an_expert_is_found_by_what_the_administrator_ticked(house: WorldHouse) -> None:
    near = house.world.person(Side.LEAD, Role.CONSORTIUM_ADMINISTRATOR)
    person = house.world.person(Side.LEAD, Role.EXPERT).id
    page, api = f"/admin/people/{person}", f"/api/admin/people/{person}/expertise"
    assert all("Yes</span>" not in row for row in await experts_found(house, _ASKED))
    async with house.visitor(near) as visitor:
        _status, form = await visitor.page(page)
        assert "专家能力" in form
        assert (await visitor.send(api, _BODY))[0] == 200
        status, answer = await visitor.send(api, {"reads": ["ward_beds"]})
        assert (status, answer["errors"][0]["field"]) == (422, "capability")
        _status, form = await visitor.page(page)
        for code in ("oct", "intravitreal_injection", "retina"):
            assert f'value="{code}" checked' in form
    for asked in (_ASKED, f"{_ASKED}&in={house.world.consortium.id}"):
        first, *others = await experts_found(house, asked)
        assert all(word in first for word in ("Yes</span>", "Intravitreal", "On duty now"))
        assert all("Yes</span>" not in row for row in others)


async def experts_found(house: WorldHouse, asked: str) -> list[str]:
    """The lines of the table as a physician of the clinic sees them."""
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(doctor, language="en") as visitor:
        _status, page = await visitor.page(asked)
    return page.split('id="experts"')[1].split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]


async def test_a_place_that_is_not_there_and_a_field_that_nobody_has_are_told(
    house: WorldHouse,
) -> None:
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    async with house.visitor(doctor) as visitor:
        assert (await visitor.page(f"{_ASKED}&in=nowhere"))[0] == 404
        assert (await visitor.page("/capabilities?field=moon"))[0] == 200
        refused, _ = await visitor.send(f"/api/admin/people/{expert.id}/expertise", _BODY)
        assert refused == 403


async def test_only_an_expert_is_asked_what_she_reads(house: WorldHouse) -> None:
    near = house.world.person(Side.LEAD, Role.CONSORTIUM_ADMINISTRATOR)
    clerk = house.world.person(Side.LEAD, Role.COORDINATOR)
    async with house.visitor(near) as visitor:
        status, form = await visitor.page(f"/admin/people/{clerk.id}")
        assert status == 200
        assert "/expertise" not in form
