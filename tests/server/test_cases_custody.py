"""A new case is for one's own patient: whom one may only see belongs to somebody else."""

import pytest

from consult.kernel.work import Role
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


async def test_the_new_case_page_is_for_the_institutions_own_patients(house: WorldHouse) -> None:
    patient_id = house.world.things["patient"]
    statuses = {}
    for side in Side:
        person = house.world.person(side, Role.REQUESTING_PHYSICIAN)
        async with house.visitor(person) as visitor:
            seen, _page = await visitor.page(f"/patients/{patient_id}")
            new, _page = await visitor.page(f"/cases/new?patient={patient_id}")
            statuses[side] = (seen, new)
    # the invited hospital was granted the patient with the case, and still asks nothing for her
    assert statuses == {Side.HOME: (200, 200), Side.LEAD: (200, 404), Side.AWAY: (404, 404)}
