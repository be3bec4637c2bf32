"""A call whose caller changes her network: the page finds its way back by itself (VID-05, U30).

Her browser runs in a network of its own; where none can be made the test fails and says why.
"""

from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, counted, meets, phase
from tests.makers.hospital import open_hospital, screen_of
from tests.makers.media_house import eventually
from tests.makers.screen import Screen
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(700)]
_BACK_S = 200.0
_SOME = 5
_COUNT = """window.madeConnections = 0;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    this.addEventListener("connectionstatechange", () => {
      window.madeConnections += this.connectionState === "connected" ? 1 : 0;
    });
  }
};"""


async def connected(screen: Screen) -> int:
    """How many connections of its calls have come to stand so far."""
    return int(await screen.page.evaluate("window.madeConnections"))


async def goes_on(screen: Screen) -> None:
    """More and more is shown of the other one."""
    before = (await counted(screen))["frames"]

    async def moves() -> bool:
        return bool((await counted(screen))["frames"] >= before + _SOME)

    await eventually(moves, within_s=_BACK_S)


async def test_a_call_goes_on_after_the_address_of_a_caller_has_changed(tmp_path: Path) -> None:
    with open_hospital(tmp_path) as hospital:
        case_id, clinic = hospital.house.world.things["case"], hospital.clinic
        physician, expert = Role.REQUESTING_PHYSICIAN, Role.EXPERT
        async with (
            screen_of(
                hospital, physician, Side.HOME, clinic.browser(), scripts=(_COUNT,)
            ) as caller,
            screen_of(hospital, expert, Side.LEAD, "", scripts=(_COUNT,)) as reader,
        ):
            await call_from_case(caller, case_id)
            await reader.go(f"/cases/{case_id}/room")
            await reader.at('button[data-door="knock"]').click()
            await caller.at(".call-knock [data-admits]").click()
            await phase(reader, "call")
            for screen in (caller, reader):
                await meets(screen)
            before = await connected(caller)
            clinic.move()
            # both are made anew: what was on its way before is not counted
            await eventually(lambda: both_anew(caller, before), within_s=_BACK_S)
            for screen in (caller, reader):
                await goes_on(screen)
        (room,) = await hospital.record(physician, Side.HOME)
        assert len(room["attendances"]) == 2, "both are in the same record, once each"


async def both_anew(screen: Screen, before: int) -> bool:
    """Whether the page has another connection for each direction."""
    return await connected(screen) >= before + 2
