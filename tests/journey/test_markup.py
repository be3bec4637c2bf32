"""Markup that somebody typed is text on every page that shows it; nothing of it ever runs."""

from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.markup import PAYLOADS, Marked, type_markup
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
_CAME_ALIVE = """() => [window.xss ?? "", ...[...document.querySelectorAll(
    "[onerror],[onload],[onfocus],[onmouseover],[ontoggle],iframe,base,math,script:not([src]),"
    + "[href^='javascript:'],[href*='evil.example'],[src=x]")].map((it) => it.outerHTML)]
  .filter((it) => it !== "")"""


async def assert_dead(screen: Screen, path: str) -> None:
    """The page shows text and nothing else; what it complains about is judged at the end."""
    await screen.go(path)
    assert await screen.page.evaluate(_CAME_ALIVE) == [], path


async def test_markup_that_somebody_typed_stays_text(tmp_path: Path, at_door: Opener) -> None:
    assert len(PAYLOADS) == 20
    with open_world(tmp_path / "data") as house:  # nobody else wants these names in their lists
        told = type_markup(house)
        await look_at_the_clinic(told, house.base, at_door)
        await look_at_the_report(told, house.base, at_door)


async def look_at_the_clinic(told: Marked, base: str, at_door: Opener) -> None:
    """Names, questions, answers and reasons, on every page of the clinic that shows them."""
    physician = told.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(base, language="en") as screen:
        await screen.come_as(physician.token)
        for path in ("/patients", "/cases?view=drafts"):
            await assert_dead(screen, path)
        for payload, patient, draft in zip(PAYLOADS, told.patients, told.drafts, strict=True):
            await assert_dead(screen, f"/patients/{patient.id}")
            if payload not in told.refused:
                assert await screen.at(".patient-name").inner_text() == payload
            await assert_dead(screen, f"/cases/{draft.id}")
            assert await screen.at('[name="answers.purpose"]').input_value() == payload


async def look_at_the_report(told: Marked, base: str, at_door: Opener) -> None:
    """A report and a draft of one, for the expert and for the physician who asked."""
    assert told.waiting is not None
    assert told.reported is not None
    for side, role in ((Side.LEAD, Role.EXPERT), (Side.HOME, Role.REQUESTING_PHYSICIAN)):
        async with at_door(base) as screen:
            await screen.come_as(told.world.person(side, role).token)
            await assert_dead(screen, f"/reports/{told.report_id}")
            await assert_dead(screen, f"/cases/{told.reported.id}")
            if role is Role.EXPERT:
                await assert_dead(screen, "/worklist?tab=mine")
                await assert_dead(screen, f"/cases/{told.waiting.id}/reading")
                advice = await screen.at("[name=advice]").input_value()
                assert advice == "\n".join(PAYLOADS)


async def test_markup_in_a_page_would_be_noticed(world_house: WorldHouse, at_door: Opener) -> None:
    async with at_door(world_house.base) as screen:
        await screen.go("/sign-in")
        await screen.page.evaluate(
            "() => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=xss=1>')"
        )
        assert await screen.page.evaluate(_CAME_ALIVE) != []
        await screen.page.wait_for_timeout(200)
        assert screen.complaints
        screen.complaints.clear()
        screen.refusals.clear()
