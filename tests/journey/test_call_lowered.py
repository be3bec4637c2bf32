"""What the page of a call says when the room tells it that its line carries little (VID-05)."""

from collections.abc import Iterator
from typing import Final

import pytest

from consult.kernel.work import Role
from tests.makers.call_people import let_in_all, open_caller, open_video_world, secure_base
from tests.makers.calls import open_caller_browser, phase
from tests.makers.screen import PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]
_LAPTOP = (1366, 768)
_TAP: Final = """
window.lines = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    window.lines.push(this);
  }
};
"""
_TELL: Final = """(is_lowered) => {
  const data = JSON.stringify({ told: "rate", is_lowered });
  window.lines.at(-1).dispatchEvent(new MessageEvent("message", { data }));
}"""


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("lowered")) as opened:
        yield opened


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_who_is_told_of_a_lower_rate_reads_it_until_she_is_told_otherwise(
    house: WorldHouse, language: str
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    await let_in_all(house, physician, [])
    async with (
        open_caller_browser() as browser,
        open_caller(
            browser, secure_base(house), physician, language=language, size=_LAPTOP, script=_TAP
        ) as screen,
    ):
        await screen.go(f"/cases/{house.world.things['case']}/room")
        await screen.at('button[data-door="join"]').click()
        await phase(screen, "call")
        await screen.at('[data-line="waiting"]').wait_for(state="visible")
        said = screen.at('.call-told [data-rung="lower"]')
        assert not await said.is_visible()
        await screen.page.evaluate(_TELL, arg=True)
        await said.wait_for(state="visible")
        await looks_well(screen)
        await screen.page.evaluate(_TELL, arg=False)
        await said.wait_for(state="hidden")


async def looks_well(screen: Screen) -> None:
    """In both sizes nothing scrolls sideways and nobody is kept out."""
    for size in (PHONE, _LAPTOP):
        await screen.resize(size)
        assert await screen.find_overflow() == []
        await screen.assert_accessible()
        await screen.shoot("call-lowered")
