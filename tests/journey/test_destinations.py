"""Who administers the server says where reports are sent, and sees what did not arrive and why."""

from collections.abc import Iterator

import pytest
from aiohttp import web
from pydicom.dataset import Dataset

from consult.reports.destinations.model import Destination, DispatchWay
from consult.reports.dispatches.model import DispatchState
from tests.journey.conftest import Opener
from tests.makers.databases import free_port
from tests.makers.screen import Screen
from tests.makers.sending import ADMIN, SendingHouse, open_sending_house
from tests.makers.web_archive import WebArchive, answered, keep, open_archive

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
LAPTOP, PHONE = (1366, 600), (390, 844)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SendingHouse]:
    """A running server that tries again each second."""
    with open_sending_house(tmp_path_factory.mktemp("sending")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nowhere(house: SendingHouse) -> Iterator[None]:
    """After each test nothing is sent anywhere."""
    yield
    house.stop_all()


def take_papers_alone(
    archive: WebArchive, request: web.Request, sent: list[Dataset]
) -> web.Response:
    """Refuse what is no paper."""
    if request.method == "GET":
        return web.Response(status=204)
    kept = [each for each in sent if each.SOPClassUID == PDF]
    keep(archive, request, kept)
    refused = [(each, 0x0122) for each in sent if each.SOPClassUID != PDF]
    return answered(stored=kept, failed=refused, status=202)


async def come_in(house: SendingHouse, screen: Screen, login: str) -> None:
    """Be signed in already."""
    async with house.browser(login) as visitor:
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
        await screen.come_as(token)


async def look(screen: Screen, name: str, *, at: str = "main") -> None:
    """Nothing overflows and nobody is kept out, on a laptop and on a phone."""
    for size in (PHONE, LAPTOP):
        await screen.resize(size)
        await screen.at(at).first.scroll_into_view_if_needed()
        await screen.shoot(f"destinations-{name}")
        assert await screen.find_overflow() == [], f"{name} at {size}"
    await screen.assert_accessible()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_destination_is_set_up_tried_watched_and_removed_in_the_browser(
    house: SendingHouse, at_door: Opener, language: str
) -> None:
    base = house.images.house.base
    async with open_archive(take_papers_alone) as archive:
        async with at_door(base, language=language, size=LAPTOP) as screen:
            await come_in(house, screen, ADMIN)
            await set_up(house, archive, screen)
            case, _ = await house.sign()
            (there,) = house.all_destinations()
            await house.until_state(there, DispatchState.REFUSED)
            await send_again(house, archive, screen, there)
            await remove(screen)
        async with at_door(base, language=language, size=LAPTOP) as screen:
            await come_in(house, screen, "chen")
            await screen.go(f"/cases/{case.id}")
            card = screen.at("#objects")
            assert screen.say("PACS，第 1 版", "PACS, version 1") in await card.inner_text()
            await look(screen, "case", at="#objects")


async def set_up(house: SendingHouse, archive: WebArchive, screen: Screen) -> None:
    """Fill the form in, wrongly at first, and try the line."""
    await screen.go("/admin/destinations")
    await look(screen, "none")
    form = screen.form("/api/admin/destinations")
    await screen.fill(form, {"way": "stow", "institution_id": house.own})
    assert not await form.locator('[name="called"]').is_visible()
    wrong = {"name": "PACS", "scope": "everything", "url": "http://pacs.example.org"}
    await screen.fill(form, wrong)
    async with screen.refused(422):
        await (await screen.button_of(form)).click()
    await screen.assert_said("不使用 TLS 的地址只能在本机", "only one on this very machine")
    await look(screen, "refused")
    await screen.submit(form, {"url": archive.url})
    assert screen.path.startswith("/admin/destinations/")
    await screen.press(screen.at("button", has_text=screen.say("测试连接", "Try the line")))
    said = (
        await screen.at("[role=status]", has_text="stored")
        .or_(screen.at("[role=status]", has_text="未存入"))
        .inner_text()
    )
    assert screen.say("未存入任何内容", "nothing was stored") in said


async def send_again(
    house: SendingHouse, archive: WebArchive, screen: Screen, there: Destination
) -> None:
    """Read what was refused and why, and send it again once that was mended."""
    await screen.go(f"/admin/destinations/{there.id}")
    why = await screen.at("#unsettled-h").locator("xpath=ancestor::section").inner_text()
    assert screen.say("对方不接收此类对象", "takes no objects of this class") in why
    await look(screen, "refused-there")
    await screen.go("/admin/destinations")
    await look(screen, "list")
    archive.answer = keep
    await screen.go(f"/admin/destinations/{there.id}")
    await screen.press(screen.at("td button", has_text=screen.say("重新发送", "Send again")))
    await house.until_state(there, DispatchState.SENT)
    await screen.go(f"/admin/destinations/{there.id}")
    await look(screen, "arrived")


async def remove(screen: Screen) -> None:
    """Send nothing there any more."""
    button = screen.at('[data-act-confirm-value="remove-destination"]')
    await button.click()
    await screen.press(screen.at("#remove-destination button[type=submit]"))
    assert screen.path == "/admin/destinations"


async def test_an_archive_of_the_network_that_is_away_is_said_to_be_so(
    house: SendingHouse, at_door: Opener
) -> None:
    async with at_door(house.images.house.base, size=LAPTOP) as screen:
        await come_in(house, screen, ADMIN)
        await screen.go("/admin/destinations")
        form = screen.form("/api/admin/destinations")
        await screen.fill(form, {"way": "c-store", "institution_id": house.own})
        assert not await form.locator('[name="url"]').is_visible()
        told = {"name": "放射科归档", "scope": "documents", "called": "PACS", "host": "127.0.0.1"}
        await screen.submit(form, {**told, "port": str(free_port())})
        await house.sign()
        (there,) = house.all_destinations()
        assert there.way is DispatchWay.STORE
        await house.until_failed(there)
        await screen.go(screen.path)
        assert await screen.at(".notice", has_text="该地址无应答").is_visible()
        await look(screen, "away")
