"""A lease that runs out while the reader's page stands open: the row is free, the draft is kept."""

import pytest

from consult.blobs.folder import FolderStore
from consult.kernel.work import Role
from consult.queue import service as queue
from tests.journey.acts import reading
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number, make_patient
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import wait_for_reading

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]


async def test_an_expired_lease_frees_the_row_and_keeps_the_draft(
    world_house: WorldHouse, at_door: Opener
) -> None:
    world = world_house.world
    patient = make_patient(
        world.consortium, name="郑秀珍", document_number=citizen_number(212, birth="19590203")
    )
    store = FolderStore(world_house.house.data_dir / "blobs")
    darkroom = Darkroom(world.consortium, store)
    case = wait_for_reading(world, patient, darkroom)
    expert = let_in(world.now, world.person(Side.LEAD, Role.EXPERT))
    async with at_door(world_house.base) as reader, at_door(world_house.base) as beside:
        for screen in (reader, beside):
            await screen.come_as(expert.token)
        await reader.go("/worklist")
        await reader.press(reader.at(f'button[data-act-url-value="/api/queue/{case.id}/claim"]'))
        await reading.write(reader, {"right": {"icdr": "2"}}, advice="草稿里的话")
        await reading.watch_list(beside)
        row = beside.at(f'#worklist [data-key="{case.id}"]')
        free = row.locator('button[data-act-url-value$="/claim"]')
        assert await free.count() == 0
        world.now.later(hours=2).system(queue.expire_leases)
        await free.wait_for()
        await reader.at('[data-lease-target="lost"]').wait_for(state="visible")
        reader.awaited += ["409 ", "409 "]  # the lease, and a check of the draft that was under way
        await reader.shoot("lease-lost")
        await reader.go("/worklist")
        await reader.press(reader.at(f'button[data-act-url-value="/api/queue/{case.id}/claim"]'))
        assert await reader.at("[name=advice]").input_value() == "草稿里的话"
        assert await reader.at('[name="right.icdr"]').input_value() == "2"
        await reader.press(reader.at('button[data-act-url-value$="/release"]'))
