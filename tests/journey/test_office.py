"""A morning at the referral office: copied, written back and called without leaving the list."""

import asyncio

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.office_morning import (
    COUNT,
    copy_and_write_back,
    make_missed,
    make_morning,
    miss_and_call,
)
from tests.makers.screen import DESKTOP, NARROW, PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
MOST_CLICKS, MOST_SALVAGE_CLICKS = 6, 3


async def test_twelve_requests_are_copied_and_written_back_in_few_clicks_each(
    world_house: WorldHouse, at_door: Opener
) -> None:
    morning = await asyncio.to_thread(make_morning, world_house, sequence=802)
    async with at_door(world_house.base, size=DESKTOP) as desk:
        await _come(desk, world_house)
        await desk.go("/desk?view=asked")
        await desk.page.evaluate("() => { window.wasHere = true; }")
        waiting = [each for each in await _rows(desk) if each in morning.referral_ids]
        assert sorted(waiting) == sorted(morning.referral_ids)
        for place, row_id in enumerate(waiting):
            effort, copied = await copy_and_write_back(desk, row_id, place=place)
            assert 0 < effort.clicks <= MOST_CLICKS, effort
            fields = copied.split("\t")
            assert (fields[0].startswith("祝802"), fields[-1].startswith("ZZ")) == (True, True)
        assert await desk.page.evaluate("() => window.wasHere")


async def test_what_is_red_is_seen_without_scrolling_and_opens_in_its_place(
    world_house: WorldHouse, at_door: Opener
) -> None:
    morning = await asyncio.to_thread(make_morning, world_house, sequence=812, count=8)
    for language, size in (("zh", DESKTOP), ("en", NARROW), ("zh", PHONE), ("en", PHONE)):
        async with at_door(world_house.base, language=language, size=size) as desk:
            await _come(desk, world_house)
            await desk.go("/desk")
            red = [morning.referral_ids[place] for place in (3, 7)]
            if size is not PHONE:
                for row_id in red:
                    box = await desk.at(f'tr[data-key="{row_id}"]').bounding_box()
                    assert box is not None
                    assert box["y"] + box["height"] <= size[1]
            await desk.shoot("office-list")
            await desk.at(f'tr[data-key="{red[0]}"] a.row-link').click()
            await desk.at("#written").wait_for()
            await desk.assert_accessible()
            assert await desk.find_overflow() == []
            await desk.shoot("office-open")


async def test_a_patient_who_did_not_come_is_called_in_three_clicks(
    world_house: WorldHouse, at_door: Opener
) -> None:
    morning = await asyncio.to_thread(make_morning, world_house, sequence=822, count=1)
    await asyncio.to_thread(make_missed, world_house, morning.referral_ids[0])
    async with at_door(world_house.base) as desk:
        await _come(desk, world_house)
        await desk.go("/desk?view=open")
        effort = await miss_and_call(desk, morning.referral_ids[0])
        assert 0 < effort.clicks <= MOST_SALVAGE_CLICKS, effort


async def test_a_request_is_returned_with_advice_and_the_sender_reads_it(
    world_house: WorldHouse, at_door: Opener
) -> None:
    morning = await asyncio.to_thread(make_morning, world_house, sequence=832, count=2)
    first, second = morning.referral_ids
    async with at_door(world_house.base) as desk:
        await _come(desk, world_house)
        await desk.go(f"/desk?view=asked&row={first}")
        await desk.at('button[data-act-url-value$="/accept"]').click()
        await desk.at("dialog[open] textarea").fill("周二安排OCT")
        await desk.at("dialog[open] button[type=submit]").click()
        await desk.at("#office-open", has_text="周二安排OCT").wait_for()
        await desk.at('#office-open button[data-act-confirm-value^="returned-"]').click()
        await desk.at("dialog[open] textarea").fill("先复查视力，3 月后再转")
        await desk.assert_accessible()
        await desk.shoot("office-return")
        await desk.at("dialog[open] button[type=submit]").click()
        await desk.at(f'tr[data-key="{first}"]').wait_for(state="detached")
        # the next request has taken its place
        await desk.at(f'tr.row-form[data-key="open-{second}"]').wait_for()


async def _come(desk: Screen, house: WorldHouse) -> None:
    world = house.world
    clerk = let_in(world.now, world.person(Side.LEAD, Role.REFERRAL_DESK))
    await desk.come_as(clerk.token)
    await desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await desk.page.add_init_script(COUNT)


async def _rows(desk: Screen) -> list[str]:
    script = "(rows) => rows.map((row) => row.dataset.key)"
    return list(await desk.at("#desk tr[data-keys-target]").evaluate_all(script))
