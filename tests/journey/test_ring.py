"""A call rings the panel in order, by the pages alone (VID-08)."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, meets, open_caller_browser, phase
from tests.makers.ring_people import seat_panel
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(300)]
_RINGS_MS = 60_000  # twenty seconds, on a machine that has other things to do
_HEARD = """() => {
  window.notified = [];
  window.tones = 0;
  Object.defineProperty(document, "hidden", { get: () => true });
  window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, { body, tag }) { super(); window.notified.push([title, body, tag]); }
    close() {}
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { window.tones += 1; start.apply(this, at); };
}"""


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("ring") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


async def sits_before_her_list(screen: Screen, token: str) -> None:
    await screen.page.add_init_script(f"({_HEARD})()")
    await screen.come_as(token)
    await screen.go("/worklist")
    await screen.at("[data-controller=stream][data-state=live]").wait_for(state="attached")


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_the_first_declines_the_second_does_not_answer_and_the_third_takes_the_call(
    house: WorldHouse, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    case_id = house.world.things["case"]
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    experts = seat_panel(house)
    base = house.base.replace("127.0.0.1", "localhost")
    look = {"language": language, "size": size}
    async with (
        open_screen(browser, base, **look) as clinic,
        open_screen(browser, base, **look) as first,
        open_screen(browser, base, **look) as second,
        open_screen(browser, base, **look) as third,
    ):
        for screen, person in zip((first, second, third), experts, strict=True):
            await sits_before_her_list(screen, person.token)
        await clinic.come_as(physician.token)
        await call_from_case(clinic, case_id)
        await rings(first)
        await rows(clinic, "heard", "waiting", "waiting")
        await looks_well(clinic, "ringing-first")
        await first.at('[data-action="ring#decline"]').click()
        await first.at("#ring").wait_for(state="hidden")
        await rings(second)
        assert await third.at("#ring").is_hidden()
        await rows(clinic, "declined", "heard", "waiting")
        await second.at("#ring").wait_for(state="hidden", timeout=_RINGS_MS)
        await rings(third)
        await rows(clinic, "declined", "unanswered", "heard")
        await takes_the_call(clinic, third)


async def takes_the_call(clinic: Screen, third: Screen) -> None:
    """Nobody has to let her in: the call asked for her."""
    await third.press(third.at('[data-action="ring#take"]'))
    await third.at('button[data-door="join"]').click()
    await phase(third, "call")
    await clinic.at(".call-ringing").wait_for(state="hidden")
    for screen in (clinic, third):
        await meets(screen)


@pytest.mark.parametrize(("language", "size"), [("zh", PHONE), ("en", DESKTOP)])
async def test_once_nobody_has_answered_the_caller_is_told_what_to_do(
    house: WorldHouse, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    base = house.base.replace("127.0.0.1", "localhost")
    look = {"language": language, "size": size}
    async with (
        open_screen(browser, base, **look) as clinic,
        open_screen(browser, base, **look) as reader,
    ):
        await sits_before_her_list(reader, expert.token)
        await clinic.come_as(physician.token)
        await call_from_case(clinic, house.world.things["case"])
        await rings(reader)
        await looks_well(reader, "ring")
        await reader.at('[data-action="ring#decline"]').click()
        over = clinic.at("[data-ring-over]")
        await over.wait_for(state="visible")
        await looks_well(clinic, "ring-over")
        await over.locator('[data-action="call#ring"]').click()
        await rings(reader)
        await over.wait_for(state="hidden")
        await reader.at('[data-action="ring#decline"]').click()
        await over.wait_for(state="visible")
        await clinic.press(over.locator("a").last)
        assert clinic.path == f"/cases/{house.world.things['case']}"


async def rings(screen: Screen) -> None:
    """It is seen, heard, and told outside the window; nothing of it is about a patient."""
    await screen.at("#ring").wait_for(state="visible", timeout=_RINGS_MS)
    await screen.page.wait_for_function("() => window.tones > 0 && window.notified.length > 0")
    told = await screen.page.evaluate("window.notified")
    assert {title for title, _, _ in told} == {screen.say("视频呼叫", "Video call")}
    said = await screen.at('[data-ring-target="caller"]').text_content()
    assert {body for _, body, _ in told} == {said}


async def rows(clinic: Screen, *states: str) -> None:
    """What stands beside each of those who are rung."""
    wanted = list(states)
    await clinic.page.wait_for_function(
        """(wanted) => JSON.stringify([...document.querySelectorAll(".call-rings li")].map((row) =>
          [...row.querySelectorAll("[data-ring-state]")].find(({ hidden }) => !hidden)
            ?.dataset.ringState)) === JSON.stringify(wanted)""",
        arg=wanted,
    )


async def looks_well(screen: Screen, name: str) -> None:
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
