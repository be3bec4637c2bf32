"""From an empty installation to a closed case, in real browsers before a real server."""

import contextlib
from pathlib import Path

import pytest

from tests.journey.acts import administration, clinic
from tests.journey.acts.administration import CENTRE
from tests.journey.conftest import Opener
from tests.makers.house import open_house

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(180)]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_photograph_becomes_a_signed_opinion_and_a_booked_slot(
    language: str, tmp_path: Path, at_door: Opener, real_files: Path
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        house = stack.enter_context(open_house(tmp_path / "data"))
        root = await stack.enter_async_context(at_door(house.base, language=language))
        await administration.set_up(root)
        await administration.found_consortium(root)
        passwords = await administration.add_people(root)
        await administration.add_second_place(root, "chen")
        await administration.found_panel(root)
        await administration.sign_agreement(root)
        doctor = await stack.enter_async_context(at_door(house.base, language=language))
        await administration.come_in(doctor, "chen", passwords["chen"], CENTRE)
        await clinic.register(doctor)
        await clinic.open_case(doctor, "screening_read")
        await clinic.fill_screening(doctor)
        await clinic.record_consent(doctor)
        await clinic.assert_kept(doctor)
        await doctor.shoot("draft")
        await clinic.send_folder(doctor, clinic.pack_folder(tmp_path / "card", real_files))
        await doctor.shoot("draft-sent")
