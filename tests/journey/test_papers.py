"""The nurse's telephone photographs a signed consent straight into the case (U17, U21)."""

import io
import secrets
from pathlib import Path

import pytest
from PIL import Image

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number
from tests.makers.pictures import make_exif, with_exif
from tests.makers.screen import DESKTOP, PHONE, Screen
from tests.makers.screening_morning import come, consent, paste
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
NAME = "褚小满"


def new_picture() -> bytes:
    """A picture that nobody has taken before: the page draws it anew, so that its points count."""
    coded = io.BytesIO()
    Image.frombytes("RGB", (96, 64), secrets.token_bytes(96 * 64 * 3)).save(coded, "JPEG")
    return coded.getvalue()


async def open_row(nurse: Screen, number: int) -> None:
    """A patient of a pasted list stands open at the desk, and has signed on paper."""
    card = citizen_number(number, birth="19580203")
    await paste(nurse, f"姓名\t身份证号\n{NAME}\t{card}")
    await nurse.press(nurse.at("#list-report form button[type=submit]"))
    row = nurse.at(".desk-list tr", has_text=NAME)
    await row.get_by_role("button").click()
    await nurse.at("#desk-open form").first.wait_for()
    await consent(nurse)


async def make_code(nurse: Screen) -> str:
    """The path of the code that the desk shows."""
    await nurse.at('[data-action="paper-link#make"]').click()
    address = nurse.at(".paper-qr .call-address")
    await address.wait_for()
    await nurse.assert_accessible()
    assert await nurse.find_overflow() == []
    await nurse.shoot("papers-code")
    link = str(await address.inner_text()).strip()
    return link[link.index("/join/") :]


async def photograph(phone: Screen, path: str, paper: Path) -> None:
    """The code is scanned, the button pressed, and the consent photographed."""
    await phone.go(path)
    assert NAME not in await phone.page.content()
    await phone.assert_accessible()
    await phone.shoot("papers-invited")
    await phone.press(phone.at('[data-act-url-value="/api/join/papers"]'))
    await phone.at("input[type=file]").first.set_input_files(paper)
    await phone.at("#came", has_text=phone.say("已进入病例", "is in the case")).wait_for()
    await phone.assert_accessible()
    assert await phone.find_overflow() == []
    await phone.shoot("papers-telephone")


@pytest.mark.parametrize(("language", "number"), [("zh", 701), ("en", 703)])
async def test_a_telephone_photographs_a_consent_and_the_desk_shows_it_at_once(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path, language: str, number: int
) -> None:
    paper = tmp_path / "IMG_0001.jpg"
    paper.write_bytes(with_exif(new_picture(), make_exif()))
    base = world_house.base
    async with (
        at_door(base, language=language, size=DESKTOP) as nurse,
        at_door(base, language=language, size=PHONE) as phone,
    ):
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await open_row(nurse, number)
        await nurse.at("#papers", has_text=nurse.say("照片待补", "photograph is due")).wait_for()
        await photograph(phone, await make_code(nurse), paper)
        await nurse.at("#papers .paper-shot img").wait_for()
        await nurse.at(".paper-qr[data-own]").wait_for(state="detached")  # it was scanned
        due = nurse.say("照片待补", "photograph is due")
        await nurse.at("#papers", has_text=due).wait_for(state="detached")
        await nurse.shoot("papers-came")
        async with phone.refused(410, "/join/papers"):
            await phone.press(phone.at('[data-act-url-value="/api/join/papers/end"]'))
        await phone.shoot("papers-over")


async def test_the_list_of_consents_to_photograph_takes_the_picture_at_its_line(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    scan = tmp_path / "扫描件.jpg"
    scan.write_bytes(new_picture())
    async with at_door(world_house.base) as nurse:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await open_row(nurse, 705)
        await nurse.go("/papers")
        line = nurse.at("#due-papers li", has_text=NAME)
        await line.wait_for()
        await nurse.assert_accessible()
        await nurse.shoot("papers-due")
        await nurse.resize(PHONE)
        assert await nurse.find_overflow() == []
        await nurse.shoot("papers-due")
        await line.locator("input[type=file]").set_input_files(scan)
        await line.wait_for(state="detached")
        await nurse.go("/screening/days?day=2026-01-05")
        await nurse.assert_accessible()
        assert await nurse.find_overflow() == []
        await nurse.shoot("screening-day")
