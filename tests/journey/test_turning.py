"""From one room of a row to the next in the same page: nothing of the one before comes along."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
from playwright.async_api import Page, Route

from consult.cases.model import Case, ServiceType
from consult.queue import evening
from server.rules.rulebook import load_rulebook
from tests.journey.conftest import Opener
from tests.makers.consortium import CONFIG
from tests.makers.evening import LAPTOP, come_with_window, make_row
from tests.makers.screen import Screen
from tests.makers.tiny_images import shifted
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
NAMES = ["卫长青", "蒋素云", "沈月娥", "韩立民", "尤德海", "许凤英"]
ADVICE = "只给前一位患者的建议"
THIN = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 30_000,
    "uploadThroughput": 30_000,
}
# at every drawing of the screen: which room stands, what can be read, and what each picture shows
_WATCH = """() => {
  const middle = (picture) => {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = 16;
    const pen = sheet.getContext("2d", { willReadFrequently: true });
    pen.drawImage(picture, 0, 0, 16, 16);
    const [, green, , alpha] = pen.getImageData(8, 8, 1, 1).data;
    return alpha === 0 ? null : green; // nothing is drawn there yet: nobody's picture
  };
  const has = (it) => (it.naturalWidth ?? it.width) > 0 && it.offsetParent !== null;
  window.lianzhenSeen = [];
  const look = () => {
    const written = [...document.querySelectorAll("textarea, input")].map(({ value }) => value);
    const shown = [...document.querySelectorAll(".view-img :is(img, canvas), .film img")];
    window.lianzhenSeen.push({
      heading: document.querySelector("h1")?.textContent ?? "",
      text: [document.title, document.body.textContent, ...written].join(" "),
      middles: shown.filter(has).map(middle).filter((it) => it !== null),
      held: document.querySelector(".read-shell")?.inert ?? false,
    });
    window.requestAnimationFrame(look);
  };
  look();
}"""
_IS_FULL = "document.fullscreenElement !== null"
_VALUES = """() => [...document.querySelectorAll(".view-cell:not([hidden]) .view-img canvas")]
  .filter((canvas) => canvas.width > 0).map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((_, at) => at % 4 === 0);
  })"""


# what a page does that nobody has touched for too long; how long is the test of the lock
_LOCK = """async () => {
  const told = (name) => document.querySelector(`meta[name="${name}"]`).content;
  const answer = await fetch("/api/session/lock", { method: "POST", body: "{}", headers: {
    "Content-Type": "application/json", "X-CSRF-Token": told("csrf-token"),
  } });
  const pages = new BroadcastChannel(`lock ${told("account")}`);
  pages.postMessage({ say: "lock" });
  pages.close();
  return answer.status;
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A world of its own, whose row is gone through."""
    with open_world(tmp_path_factory.mktemp("turning") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def row(house: WorldHouse) -> Sequence[Case]:
    """Cases that the expert has taken at once; each test goes from one of them to the next."""
    made = make_row(house, NAMES)
    expert = come_with_window(house)
    house.world.now.do(
        expert.actor,
        evening.take_next,
        service_type=ServiceType.SCREENING_READ,
        count=10,
        limits=load_rulebook(CONFIG).queue,
    )
    return made


@asynccontextmanager
async def in_room(house: WorldHouse, at_door: Opener, case: Case) -> AsyncIterator[Screen]:
    """The expert before a case of her row, with pictures and pen."""
    async with at_door(house.base, size=LAPTOP) as screen:
        await screen.come_as(come_with_window(house).token)
        await screen.go(f"/cases/{case.id}/reading")
        await ready(screen)
        yield screen


async def ready(screen: Screen) -> None:
    """Both pictures stand there in their own pixels, were seen in full, and the pen is there."""
    await screen.at(".view-cell:not([hidden]) .view[data-spot-film] canvas").nth(1).wait_for()
    await screen.at('.film.is-on[data-seen="full"]').nth(1).wait_for()
    await screen.at(".marks[data-ready]").wait_for(state="attached")


async def test_over_a_thin_line_no_moment_shows_one_patient_in_the_room_of_another(
    house: WorldHouse, row: Sequence[Case], at_door: Opener
) -> None:
    before, after = row[0], row[1]
    async with in_room(house, at_door, before) as screen:
        await screen.at("[name=advice]").fill(ADVICE)
        await screen.at("h1").evaluate("(it) => it.ownerDocument.activeElement.blur()")
        session = await screen.page.context.new_cdp_session(screen.page)
        await session.send("Network.enable")
        await session.send("Network.emulateNetworkConditions", THIN)
        await screen.page.evaluate(_WATCH)
        await screen.page.keyboard.press(".")
        await screen.page.wait_for_url(f"**/cases/{after.id}/reading")
        focus = await screen.page.evaluate("document.activeElement.textContent")
        await ready(screen)
        values = await screen.page.evaluate(_VALUES)
        seen: list[dict[str, Any]] = await screen.page.evaluate("window.lianzhenSeen")
    assert after.number in focus, "the new room's heading has the focus"
    assert any(each["held"] for each in seen), "the next room was on its way for a while"
    for here, other in ((0, 1), (1, 0)):
        assert_alone(
            [each for each in seen if row[here].number in each["heading"]], row, here, other
        )
    assert any(each["middles"] for each in seen if after.number in each["heading"])
    assert len(values) == 2, "both eyes"
    for canvas in values:
        wanted = shifted(96)
        assert max(abs(a - b) for a, b in zip(canvas, wanted, strict=True)) <= 1


def assert_alone(
    moments: Sequence[dict[str, Any]], row: Sequence[Case], here: int, other: int
) -> None:
    """At each of these moments all that could be read or seen is of the patient of this room."""
    assert moments
    for each in moments:
        assert NAMES[other] not in each["text"]
        assert row[other].number not in each["text"]
        assert other == 1 or ADVICE not in each["text"]
        assert [it for it in each["middles"] if not is_of(here, it)] == []


def is_of(place: int, middle: int) -> bool:
    """Whether a picture whose middle has this value is that of this place of the row."""
    return abs(middle - shifted(96 * place)[8 * 16 + 8]) < 24


async def test_full_screen_outlives_the_turn_and_tells_whose_pictures_they_are(
    house: WorldHouse, row: Sequence[Case], at_door: Opener
) -> None:
    async with in_room(house, at_door, row[2]) as screen:
        await screen.page.keyboard.press("f")
        await screen.page.wait_for_function("document.fullscreenElement !== null")
        assert not await screen.at(".grade").is_visible()
        await screen.page.keyboard.press(".")
        await screen.page.wait_for_url(f"**/cases/{row[3].id}/reading")
        await ready(screen)
        assert await screen.page.evaluate("document.fullscreenElement !== null")
        assert await screen.at(".patient .name", has_text=NAMES[3]).first.is_visible()
        await screen.shoot("full-screen-after-turn")
        await screen.page.keyboard.press("f")
        await screen.page.wait_for_function("document.fullscreenElement === null")
        assert await screen.at(".grade").is_visible()


async def test_in_full_screen_no_key_acts_on_the_form_that_is_not_seen(
    house: WorldHouse, row: Sequence[Case], at_door: Opener
) -> None:
    async with in_room(house, at_door, row[2]) as screen:
        page = screen.page
        quality = page.locator('[name="right.quality"]')
        before = await quality.input_value()
        for key in ("n", "e", "Control+Enter"):
            await page.keyboard.press("f")
            await page.wait_for_function(_IS_FULL)
            await page.keyboard.press(key)
            await page.wait_for_function(f"!({_IS_FULL})")
            assert await quality.input_value() == before
            assert await page.locator("dialog[open]").count() == 0
            assert await page.evaluate("document.activeElement.closest('.grade') === null")
        await page.keyboard.press("f")
        await page.wait_for_function(_IS_FULL)
        await page.keyboard.press("b")
        assert await page.evaluate(_IS_FULL), "a tool of the pictures is pressed there"
        await page.locator(".sign-why a").first.click()
        await page.wait_for_function(f"!({_IS_FULL})")
        await page.wait_for_function("document.activeElement.closest('.grade') !== null")
        assert await quality.input_value() == before


class Held:
    """An answer that has come to the browser, and is handed on when the test says."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.has_come, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def hold(self, route: Route) -> None:
        """Stand between the server and the page."""
        answer = await route.fetch()
        self.has_come.set()
        await self.may_go_on.wait()
        await route.fulfill(response=answer)


async def test_a_lock_that_falls_while_the_next_room_is_on_its_way_covers_it(
    house: WorldHouse, row: Sequence[Case], at_door: Opener
) -> None:
    after, answer = row[5], Held()
    async with in_room(house, at_door, row[4]) as screen:
        screen.awaited += ["401 "] * 40
        other = await screen.page.context.new_page()
        await other.goto(f"{house.base}/worklist")
        await screen.page.route(f"**/cases/{after.id}/reading", answer.hold)
        await screen.page.keyboard.press(".")
        await answer.has_come.wait()
        assert await other.evaluate(_LOCK) == HTTPStatus.OK
        await screen.at("html.is-locked").wait_for(state="attached")
        answer.may_go_on.set()
        await screen.page.wait_for_url(f"**/cases/{after.id}/reading")
        await screen.at("#lock").wait_for()
        await assert_covered(screen.page, after)
        await screen.shoot("room-locked")
        await uncover(screen)
        assert after.number in await screen.page.title()
        assert NAMES[5] in await screen.page.inner_text("body")
        await ready(screen)


async def uncover(screen: Screen) -> None:
    """The reader is back."""
    await screen.page.fill("#lock-password", PASSWORD)
    await screen.page.click("#lock button[type=submit]")
    await screen.at("html.is-locked").wait_for(state="detached")


async def assert_covered(page: Page, case: Case) -> None:
    """Nothing of the case can be read, and the dialog stays."""
    await page.keyboard.press("Escape")
    assert await page.locator("#lock").is_visible()
    assert await page.title() == "已锁定"
    text = await page.inner_text("body")
    assert NAMES[5] not in text
    assert case.number not in text
    assert not await page.locator(".view-img").first.is_visible()


async def test_while_a_pen_is_held_no_key_writes_the_report_or_leaves_the_case(
    house: WorldHouse, row: Sequence[Case], at_door: Opener
) -> None:
    async with in_room(house, at_door, row[3]) as screen:
        page, path = screen.page, screen.path
        quality = page.locator('[name="right.quality"]')
        await page.keyboard.press("2")
        await page.locator('[data-marks-tool-param="point"][aria-pressed=true]').wait_for()
        for key in ("n", "q", ".", ",", "d"):
            await page.keyboard.press(key)
        assert await quality.input_value() == ""
        assert not await quality.evaluate("(it) => it === document.activeElement")
        assert not await page.locator("#return-dialog").is_visible()
        await page.keyboard.press("t")
        await page.locator('[data-marks-tool-param="text"][aria-pressed=true]').wait_for()
        await page.locator(".view-img canvas:visible").first.click(position={"x": 60, "y": 60})
        await page.keyboard.type("nq.,")
        words = page.locator("[data-part=marks-label]")
        assert await words.input_value() == "nq.,"
        assert screen.path == path
        assert await quality.input_value() == ""
        await words.press("Tab")
        await page.keyboard.press("Escape")
        await page.locator('[data-part="marks-open"][aria-expanded=false]').wait_for()
        await page.keyboard.press("n")
        assert await quality.input_value() == "good", (
            "with the pen put down the key is itself again"
        )
        await page.locator("[data-action='normal#undo']").click()
        await page.locator('.marks-state[data-where="saved"]').wait_for(state="attached")


async def test_lesions_by_letters_and_the_list_of_a_return_keep_nobody_out(
    house: WorldHouse, row: Sequence[Case], at_door: Opener
) -> None:
    async with in_room(house, at_door, row[5]) as screen:
        page = screen.page
        for key in ("e", "m", "Enter", "Enter"):
            await page.keyboard.press(key)
        takes = page.locator("[data-ruled-target=take]")
        assert await takes.evaluate("(it) => it === document.activeElement")
        await page.locator("[data-ruled-target=take][aria-disabled=false]").wait_for()
        assert await page.locator("[name=advice]").input_value() == "", "only when it is asked for"
        await page.keyboard.press("Enter")
        await page.locator("[data-ruled-target=undo]").wait_for()
        assert await page.locator("[name=interval_months]").input_value() == "12"
        await screen.assert_accessible()
        await screen.shoot("told-by-letters")
        await page.keyboard.press(",")
        await page.locator("#return-dialog").wait_for()
        for key in ("l", "4"):
            await page.keyboard.press(key)
        reasons = page.locator("#return-dialog [data-eye=left] select")
        assert (
            await reasons.evaluate_all("(all) => all.map((it) => it.value)") == ["small_pupil"] * 2
        )
        await screen.assert_accessible()
        await screen.shoot("list-of-a-return")
