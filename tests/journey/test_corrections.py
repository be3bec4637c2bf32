"""A wrong patient found after the signature, in real browsers: flag, retraction, flag gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consult.cases.model import Case
from tests.journey.conftest import Opener
from tests.makers.image_house import PASSWORD, ImageHouse, Sender, open_image_house
from tests.makers.screen import Screen
from tests.makers.sent import make_target, real_fundus, send_case
from tests.makers.signing import sign_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
_FETCH = """(url) => fetch(url).then(async (it) => [it.status, await it.text()])"""
_PHONE = (390, 844)
FLAG = ("须重新阅片", "To be read again")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ImageHouse]:
    """A running server with a small consortium."""
    with open_image_house(tmp_path / "house") as opened:
        yield opened


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_wrong_patient_after_the_signature_is_flagged_until_somebody_retracts(
    language: str, house: ImageHouse, at_door: Opener, real_files: Path
) -> None:
    async with Sender(house.house.base) as sender, Visitor(house.house.base) as signer:
        await sender.arrive("chen")
        await signer.sign_in("li", PASSWORD)
        case = await send_case(house, sender, real_fundus(real_files))
        await sign_by_door(house, case, signer)
        image = (await sender.images(case.id))["images"][0]
        make_target(house, house.patient("王秀英"))
        async with (
            at_door(house.house.base, language=language) as doctor,
            at_door(house.house.base, language=language) as expert,
        ):
            await enter(doctor, sender)
            await enter(expert, signer)
            await expert.go("/worklist")
            await expert.at('.live[data-state="live"]').wait_for()
            await doctor.go(f"/cases/{case.id}")
            await strike_out(doctor)
            await assert_flagged(doctor, image["full_url"])
            await find_and_retract(expert, case)
            await doctor.at("#report .notice-danger").wait_for()
            text = await doctor.at("#report").inner_text()
            assert doctor.say(*FLAG) not in text
            await expert.go("/worklist")
            assert await expert.at("#rereads li").count() == 0


async def assert_flagged(doctor: Screen, old_address: str) -> None:
    """The page warns, and the old address says by what the picture was replaced."""
    await doctor.at(".notice-danger").first.wait_for()
    assert doctor.say(*FLAG) in await doctor.at("main").inner_text()
    await look(doctor, "corrected-case")
    doctor.awaited.append("410 ")
    status, body = await doctor.page.evaluate(_FETCH, old_address)
    assert (status, "replaced_by" in body) == (410, True)


async def find_and_retract(expert: Screen, case: Case) -> None:
    """The open list tells the author, without anybody loading it; she takes her report back."""
    waiting = expert.at("#rereads li")
    await waiting.wait_for()
    await look(expert, "rereads")
    await expert.press(waiting.locator("a"))
    assert expert.path == f"/cases/{case.id}"
    await look(expert, "flagged-case")
    await retract(expert)


async def enter(screen: Screen, visitor: Visitor) -> None:
    """Come in with the session that was opened before the browser."""
    cookies = {each.key: each.value for each in visitor.raw.cookie_jar}
    await screen.come_as(cookies["lianzhen"])


async def strike_out(doctor: Screen) -> None:
    """Every picture is another patient's, whose draft is open."""
    await doctor.at('button[data-dialog-id-value="correct-patient"]').click()
    form = doctor.at("#correct-patient form, form#correct-patient").first
    await form.wait_for()
    for tick in await form.locator('label:has([name="image_ids"])').all():
        await tick.click()
    target = form.locator('[name="to_case_id"] option').nth(1)
    await form.locator('[name="to_case_id"]').select_option(await target.get_attribute("value"))
    await doctor.assert_accessible()
    await doctor.shoot("strike-out")
    async with doctor.refused(422, "/corrections/patient"):
        await form.locator("button[type=submit]").click()
    await form.locator('[name="reason"]').fill("登记卡拿错，照片属于另一位患者")
    await doctor.press(form.locator("button[type=submit]"))


async def retract(expert: Screen) -> None:
    """The author takes her report back."""
    await expert.at('button[data-dialog-id-value="retract-dialog"]').click()
    form = expert.at("#retract-dialog form, form#retract-dialog").first
    await expert.fill(form, {"cause": "wrong_patient", "reason": "照片不是该患者的"})
    await form.locator("[name=password]").fill(PASSWORD)
    await expert.press(form.locator("button[type=submit]"))


async def look(screen: Screen, name: str) -> None:
    """The page at the size of a laptop and of a telephone: nothing barred, nothing cut."""
    size = screen.size
    for each in (size, _PHONE):
        await screen.resize(each)
        await screen.assert_accessible()
        assert await screen.find_overflow() == []
        await screen.shoot(name)
    await screen.resize(size)
