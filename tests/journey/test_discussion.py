"""Two people write to each other on one case, each in a browser of her own."""

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]


async def test_a_question_from_the_reading_room_is_answered_on_the_page_of_the_case(
    world_house: WorldHouse, at_door: Opener
) -> None:
    world, case_id = world_house.world, world_house.world.things["case"]
    near = let_in(world.now, world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
    far = let_in(world.now, world.person(Side.LEAD, Role.EXPERT))
    async with at_door(world_house.base) as clinic, at_door(world_house.base) as reader:
        await clinic.come_as(near.token)
        await reader.come_as(far.token)
        await clinic.go(f"/cases/{case_id}")
        await ask(reader, case_id)
        asked = clinic.at("#talk .talk-thread", has_text="左眼是散瞳后拍的吗？")
        await asked.wait_for()
        await asked.locator("[data-thread]").first.click()
        await clinic.at("#talk-text").fill("散瞳后拍的。")
        await clinic.at("#talk-text").press("Control+Enter")
        await asked.locator(".talk-replies .talk-msg", has_text="散瞳后拍的。").wait_for()
        answered = reader.at("#talk .talk-replies .talk-msg", has_text="散瞳后拍的。")
        await answered.wait_for(state="visible")
        await reader.shoot("discussion-room")
        await clinic.go(f"/cases/{case_id}/discussion")
        assert await clinic.at("#talk-text").input_value() == ""
        await clinic.shoot("discussion")


async def ask(reader: Screen, case_id: str) -> None:
    """By the keyboard: the panel opens, the draft outlives a reload, Ctrl+Enter sends it."""
    words = reader.at("#talk-text")
    await open_panel(reader, case_id)
    await words.fill("左眼是散瞳后拍的吗？")
    await reader.at("#talk-form .saved:not(:empty)").wait_for()
    await open_panel(reader, case_id)
    assert await words.input_value() == "左眼是散瞳后拍的吗？"
    await words.press("Control+Enter")
    await reader.at("#talk .talk-msg").first.wait_for()
    assert await words.input_value() == ""
    assert await reader.at("dialog[open]").count() == 0


async def open_panel(reader: Screen, case_id: str) -> None:
    """Come into the room and open the discussion."""
    await reader.go(f"/cases/{case_id}/reading")
    await reader.page.keyboard.press("m")
    await reader.at("#talk-text").wait_for(state="visible")
