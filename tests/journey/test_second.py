"""Second readers and the arbiter at their pages: a row, a question before a press, a way back."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from consult.blobs.folder import FolderStore
from consult.cases.model import Case, ServiceType
from tests.journey.conftest import Opener
from tests.makers.cases import (
    SCREENING_ANSWERS,
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.screen import Screen
from tests.makers.second_house import open_second_house, sign_in_turn
from tests.makers.second_readings import normal_body, urgent_body
from tests.makers.tiny_images import Darkroom
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
OWN = "仲裁者自己的印象"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house whose screening is read twice."""
    with open_second_house(tmp_path_factory.mktemp("second")) as opened:
        yield opened


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_arbiter_is_asked_before_her_words_give_way_and_can_put_them_back(
    house: ImageHouse, at_door: Opener, language: str
) -> None:
    case = await make_difference(house, 801 if language == "zh" else 803)
    async with at_door(house.house.base, language=language) as screen:
        await come(house, screen, "zhou")
        await screen.go(f"/cases/{case.id}/reading")
        await screen.press(screen.at(f'button[data-act-url-value="/api/queue/{case.id}/claim"]'))
        advice = screen.at("#report-form [name=advice]")
        await advice.fill(OWN)

        await begin_as_the_second(screen, "[data-dialog-close]", shot="second-asked")
        await expect(advice).to_have_value(OWN)
        await begin_as_the_second(screen, "button[type=submit]")

        back = screen.at("[data-adopted-target=undo]")
        await expect(back).to_be_visible()
        await expect(advice).to_have_value(normal_body().advice)
        await screen.assert_accessible()
        await screen.shoot("second-adopted")
        await back.locator("button").click()
        await expect(advice).to_have_value(OWN)
        await expect(back).to_be_hidden()
        screen.assert_quiet()
        await screen.press(screen.at('button[data-act-url-value$="/release"]'))


async def begin_as_the_second(screen: Screen, answer: str, *, shot: str = "") -> None:
    """Press "begin as this reading" and answer what is asked."""
    await screen.at("#arbitration button[data-act-url-value$='/adopt']").nth(1).click()
    dialog = screen.at("dialog[open]")
    await expect(dialog).to_be_visible()
    if shot:
        await screen.shoot(shot)
    await dialog.locator(answer).click()


async def make_difference(house: ImageHouse, sequence: int) -> Case:
    """A case whose two readings differ."""
    case = make_case(house, sequence)
    for login, body in (("li", None), ("meng", normal_body())):
        async with Visitor(house.house.base) as reader:
            await reader.sign_in(login, PASSWORD)
            await sign_in_turn(house, case, reader, body=body)
    return case


async def test_a_second_reader_takes_a_row_from_the_list(
    house: ImageHouse, at_door: Opener
) -> None:
    cases = [make_case(house, 811), make_case(house, 813)]
    async with Visitor(house.house.base) as reader:
        await reader.sign_in("li", PASSWORD)
        for case in cases:
            await sign_in_turn(house, case, reader)
    async with at_door(house.house.base) as screen:
        await come(house, screen, "meng")
        await screen.go("/worklist")
        await screen.shoot("second-list")
        await screen.assert_accessible()
        await screen.press(
            screen.at("#evening button", has_text="领取 10 例").and_(
                screen.at('[aria-label="领取 10 例复核"]')
            )
        )
        await screen.page.wait_for_url(f"**/cases/{cases[0].id}/reading")
        assert "第 1 例，共 2 例" in await screen.at(".row-place").inner_text()
        async with screen.page.expect_response("**/aside"):
            await screen.page.keyboard.press(".")
        await screen.page.wait_for_url(f"**/cases/{cases[1].id}/reading")
        await screen.go("/worklist?tab=mine")
        await screen.shoot("second-row")
        await expect(screen.at("#evening .row-case")).to_have_count(2)
        await expect(screen.at('#evening [title="复核"]')).to_have_count(2)


async def test_an_open_list_tells_the_first_reader_of_a_second_reading_that_could_not_wait(
    house: ImageHouse, at_door: Opener
) -> None:
    case = make_case(house, 821)
    async with (
        Visitor(house.house.base) as first,
        Visitor(house.house.base) as second,
        at_door(house.house.base) as screen,
    ):
        await first.sign_in("li", PASSWORD)
        await second.sign_in("meng", PASSWORD)
        await sign_in_turn(house, case, first)
        await come(house, screen, "li")
        await screen.go("/worklist")
        await screen.at('.live[data-state="live"]').wait_for()
        told = screen.at(f'#at-once [data-key="{case.id}"]')
        await expect(told).to_have_count(0)

        await sign_in_turn(house, case, second, body=urgent_body())

        await told.wait_for()
        await screen.shoot("second-told")
        await screen.assert_accessible()
        async with screen.page.expect_navigation():
            await told.locator("a").click()
        assert screen.path == f"/cases/{case.id}/readings"


async def come(house: ImageHouse, screen: Screen, login: str) -> None:
    """Be signed in."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in(login, PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
    await screen.come_as(token)


def make_case(house: ImageHouse, sequence: int) -> Case:
    """A screening with four photographs before the panel."""
    world = house.world
    patient = make_patient(world, document_number=citizen_number(sequence))
    give_consent(world, patient)
    draft = make_draft(world, patient, service_type=ServiceType.SCREENING_READ)
    Darkroom(world, FolderStore(house.house.data_dir / "blobs")).add(draft, patient)
    return submit(world, fill_in(world, draft, SCREENING_ANSWERS))
