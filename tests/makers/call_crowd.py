"""Several people in one call, each at a page of her own in Chromium (VID-06)."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Browser

from tests.makers.call_counts import PATIENCE_S, everybody_has_all, has_all, hears_nothing_of
from tests.makers.call_people import TINY, let_in_all, open_caller, secure_base, take_place
from tests.makers.calls import phase
from tests.makers.media_house import eventually
from tests.makers.screen import PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person

_LAPTOP: Final = (1366, 768)
_FEW: Final = 3
_DRAWN: Final = """() => {
  const video = document.querySelector('.call-tile[data-shows="screen"] video');
  return video?.srcObject ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
}"""
_CUT_OFF: Final = """() => {
  const stage = document.querySelector(".call-tiles").getBoundingClientRect();
  return [...document.querySelectorAll(".call-tile")]
    .map((tile) => tile.getBoundingClientRect())
    .filter((box) => box.width < 80 || box.height < 60
      || box.right > stage.right + 1 || box.left < stage.left - 1 || box.bottom > stage.bottom + 1)
    .map(({ width, height }) => [width, height]);
}"""


@dataclass(frozen=True)
class Call:
    """Who is in it, and each at what page: person and page stand at the same place."""

    case_id: str
    people: Sequence[Person]
    screens: Sequence[Screen]

    async def goes_on(self) -> None:
        """Everybody sees and hears everybody."""
        await everybody_has_all(self.screens, self.people)

    async def go_without(self, place: int) -> None:
        """She leaves; the others go on, and hers is no tile any more."""
        await self.screens[place].at('[data-action="call#leave"]').click()
        await phase(self.screens[place], "over")
        left = [each for each in range(len(self.people)) if each != place]
        await everybody_has_all(
            [self.screens[each] for each in left], [self.people[each] for each in left]
        )

    async def be_mute(self, place: int) -> None:
        """She mutes herself, nobody hears her, and everybody hears her when she speaks again."""
        microphone = self.screens[place].at('[data-toggle="microphone"]')
        await microphone.click()
        for screen in self.others(place):
            await hears_nothing_of(screen, self.people[place])
        await microphone.click()
        for screen in self.others(place):
            everybody_else = [each for each in self.people if each is not self.person_at(screen)]
            await has_all(screen, everybody_else)

    async def show_screen(self, place: int) -> None:
        """All others see what she shows of her screen, until she shows it no more."""
        button = self.screens[place].at('[data-toggle="screen"]')
        await button.click()
        for screen in self.others(place):
            await eventually(lambda screen=screen: draws_screen(screen), within_s=PATIENCE_S)
        await button.click()
        for screen in self.others(place):
            await screen.at('.call-tile[data-shows="screen"]').wait_for(state="detached")

    def others(self, place: int) -> list[Screen]:
        """All pages but hers."""
        return [each for number, each in enumerate(self.screens) if number != place]

    def person_at(self, screen: Screen) -> Person:
        """Whose page it is."""
        return self.people[list(self.screens).index(screen)]


async def draws_screen(screen: Screen) -> bool:
    return bool(await screen.page.evaluate(_DRAWN) > 2)


async def call_of(
    house: WorldHouse, browser: Browser, stack: AsyncExitStack, people: list[Person]
) -> Call:
    """One after the other comes to her page, and joins; the second reads English.

    Of many people all but the first two sit at telephones, with tiny cameras.
    """
    case_id, screens, is_many = house.world.things["case"], [], len(people) > _FEW
    await let_in_all(house, people[0], people[1:])
    for place, person in enumerate(people):
        look = {
            "language": "en" if place == 1 else "zh",
            "size": PHONE if is_many and place > 1 else _LAPTOP,
            "script": TINY if is_many else "",
        }
        opened = open_caller(browser, secure_base(house), person, **look)
        screen = await stack.enter_async_context(opened)
        await take_place(screen, case_id)
        screens.append(screen)
    return Call(case_id, people, screens)


async def holds_everybody(screen: Screen, name: str) -> None:
    """No tile is cut off, nothing scrolls sideways, nobody is kept out."""
    for size in (PHONE, _LAPTOP):
        await screen.resize(size)
        assert await screen.find_overflow() == []
        assert await screen.page.evaluate(_CUT_OFF) == [], size
        await screen.assert_accessible()
        await screen.shoot(name)
