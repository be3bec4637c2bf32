"""A video is played in the reading room, and counts as seen once all of it was played."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.makers.browsers import open_floor_chromium
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reading_room import at_the_case
from tests.makers.screen import Screen
from tests.makers.videos import MPEG2, make_mp4, video_object
from tests.makers.viewing import ReadCase, take_case
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

_PAUSED = "(at) => document.querySelector(at).paused"
# what another page of this browser tells when nobody has touched any of them for too long
_LOCK = """() => {
  const account = document.querySelector('meta[name="account"]').content;
  const pages = new BroadcastChannel(`lock ${account}`);
  pages.postMessage({ say: "lock" });
  pages.close();
}"""


@pytest.fixture(scope="module")
def objects(real_files: Path) -> dict[str, bytes]:
    """What devices send: a video in one piece, one in several, and a stream without a container."""
    short = make_mp4(seconds=2)
    return {
        "short": video_object(real_files, short),
        "locked": video_object(real_files, make_mp4(seconds=3)),
        "left out": video_object(real_files, short),
        "oldest": video_object(real_files, short),
        "pieces": video_object(real_files, make_mp4(seconds=3, columns=640, rows=480), pieces=7),
        "bare": video_object(real_files, b"\x00\x00\x01\xb3" * 1000, syntax=MPEG2),
    }


@pytest.fixture(scope="module")
async def read_case(room: ImageHouse, real_files: Path, objects: dict[str, bytes]) -> ReadCase:
    """A photograph and the videos, taken by the expert."""
    return await take_case(room, real_files, objects, photographs=1)


async def take_up(screen: Screen, film: str) -> str:
    """Choose a film; the place of its view."""
    await screen.at(f'.film[data-film="{film}"]').click()
    view = f'[data-room-target=shot][data-film="{film}"] .view'
    await screen.at(view).wait_for()
    return view


async def duration(screen: Screen, view: str) -> float:
    """How long the browser finds the video, in seconds."""
    await screen.page.wait_for_function(
        "(at) => document.querySelector(at).readyState >= 1", arg=f"{view} video"
    )
    return float(await screen.at(f"{view} video").evaluate("(it) => it.duration"))


async def test_a_video_is_seen_once_all_of_it_was_played(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    film = read_case.instances["short"]
    async with at_the_case(graphics, room, read_case) as screen:
        view = await take_up(screen, film)
        assert await duration(screen, view) == pytest.approx(2)
        assert "视频 · H.264" in str(await screen.at(f"{view} .view-tl").text_content())
        video = screen.at(f"{view} video")
        await video.evaluate("(it) => { it.muted = true; it.currentTime = 1.9; return it.play(); }")
        await screen.page.wait_for_function(
            "(at) => document.querySelector(at).ended", arg=f"{view} video"
        )
        strip = screen.at(f'.film[data-film="{film}"]')
        assert await strip.get_attribute("data-seen") != "full"
        assert await screen.at(f"{view} .when-preview").is_visible()
        await screen.shoot("video-unplayed")
        await video.evaluate("(it) => { it.currentTime = 0; return it.play(); }")
        await screen.at(f'.film[data-film="{film}"][data-seen="full"]').wait_for()
        await screen.at(f'{view}[data-seen="full"] .when-full').wait_for()
        await screen.shoot("video-played")
        await screen.assert_accessible()
        await screen.go(screen.path)
        await screen.at(f'.film[data-film="{film}"][data-seen="full"]').wait_for()


async def test_a_long_video_comes_in_pieces_and_rests_behind_another_picture(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    film = read_case.instances["pieces"]
    async with at_the_case(graphics, room, read_case) as screen:
        view = await take_up(screen, film)
        assert await duration(screen, view) == pytest.approx(3)
        video = screen.at(f"{view} video")
        await video.evaluate("(it) => { it.muted = true; return it.play(); }")
        await screen.at('.film[data-side="R"]').click()
        await screen.page.wait_for_function(
            "(at) => document.querySelector(at).paused", arg=f"{view} video"
        )
        await take_up(screen, film)
        await video.evaluate("(it) => it.play()")
        await screen.at(f'.film[data-film="{film}"][data-seen="full"]').wait_for()
        assert await video.evaluate("(it) => it.error") is None


async def test_a_video_rests_behind_the_lock_and_leaves_the_page_in_no_window_of_its_own(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    async with at_the_case(graphics, room, read_case) as screen:
        view = await take_up(screen, read_case.instances["locked"])
        await duration(screen, view)
        video = screen.at(f"{view} video")
        assert await video.evaluate("(it) => it.disablePictureInPicture")
        playing = "(it) => { it.muted = it.loop = true; return it.play().then(() => !it.paused); }"
        assert await video.evaluate(playing)
        await screen.page.evaluate(_LOCK)
        await screen.at("#lock[open]").wait_for()
        await screen.page.wait_for_function(_PAUSED, arg=f"{view} video")
        await video.evaluate("(it) => { it.play().catch(() => undefined); }")
        await screen.page.wait_for_function(_PAUSED, arg=f"{view} video")
        await screen.at("#lock [name=password]").fill(PASSWORD)
        await screen.page.keyboard.press("Enter")
        await screen.at("#lock:not([open])").wait_for(state="attached")
        assert await video.evaluate("(it) => it.paused"), "it goes on when she says so"
        assert await video.evaluate(playing)


async def test_a_video_that_is_not_to_be_played_says_what_it_is_and_where_it_is_fetched(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    film = read_case.instances["bare"]
    async with at_the_case(graphics, room, read_case) as screen:
        view = await take_up(screen, film)
        said = screen.at(f"{view} [data-video-target=cannot]", has_text="无法播放该视频（MPEG-2）")
        await said.wait_for()
        await screen.shoot("video-cannot")
        strip = screen.at(f'.film[data-film="{film}"]')
        assert await strip.get_attribute("data-seen") != "full"
        place = str(await said.locator("a").get_attribute("href"))
        await screen.go(place)
        await screen.at("main", has_text="可见光视频").wait_for()
        await screen.at("form[action$='/document/file']").wait_for()


async def test_a_report_does_not_rest_on_a_video_that_was_not_played(
    room: ImageHouse, read_case: ReadCase
) -> None:
    film = read_case.instances["left out"]
    place = f"/api/cases/{read_case.case.id}/images/{film}"
    async with Visitor(room.house.base) as expert:
        await expert.sign_in("li", PASSWORD)
        assert film in await unseen(expert, read_case)
        status, _ = await expert.send(f"{place}/leave-out", {"reason": "无法播放"})
        assert status == 200
        assert film not in await unseen(expert, read_case)
        await expert.send(f"{place}/leave-out", {"reason": ""})
        assert film in await unseen(expert, read_case)
        status, _ = await expert.send(f"{place}/seen")
        assert status == 200
        assert film not in await unseen(expert, read_case)


async def unseen(expert: Visitor, read_case: ReadCase) -> set[str]:
    """What still keeps the report from being signed because it was not seen in full."""
    door = f"/api/cases/{read_case.case.id}/report/check"
    _, check = await expert.send(door, {"version": 0})
    fields = [str(problem["field"]) for problem in check["problems"]]
    return {field.removeprefix("images.") for field in fields if field.startswith("images.")}


async def test_the_oldest_browser_plays_it_too(room: ImageHouse, read_case: ReadCase) -> None:
    film = read_case.instances["oldest"]
    async with open_floor_chromium() as floor, at_the_case(floor, room, read_case) as screen:
        assert screen.is_floor
        view = await take_up(screen, film)
        assert await duration(screen, view) == pytest.approx(2)
        await screen.at(f"{view} video").evaluate("(it) => { it.muted = true; return it.play(); }")
        await screen.at(f'.film[data-film="{film}"][data-seen="full"]').wait_for()
