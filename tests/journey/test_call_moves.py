"""A call whose caller changes her network: the page finds its way back by itself (VID-05, U30).

Her browser runs in a network of its own; where none can be made the test fails and says why.
"""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, counted, meets, phase
from tests.makers.certificates import make_authority
from tests.makers.databases import free_port
from tests.makers.front import open_front
from tests.makers.line_test import open_speaking_browser
from tests.makers.media_house import eventually
from tests.makers.networks import ClinicNetwork, open_clinic_network
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(700)]
_HOST = "lianzhen.test"
_BASE = f"https://{_HOST}"
_SECURE = "__Host-lianzhen"
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


@dataclass(frozen=True)
class Hospital:
    """A house at one address, and a clinic that reaches it."""

    house: WorldHouse
    clinic: ClinicNetwork


@contextlib.contextmanager
def open_hospital(folder: Path) -> Iterator[Hospital]:
    """Pages and media at the same address."""
    pair = make_authority(folder / "tls", hosts=(_HOST,)).pair
    first = 20_000 + secrets.randbelow(12_000)
    with contextlib.ExitStack() as stack:
        clinic = stack.enter_context(open_clinic_network(folder))
        told = {
            "media": "true",
            "media_address": clinic.server,
            "media_ports": f"{first}-{first + 199}",
            "trusted_proxy": "127.0.0.1",
        }
        house = stack.enter_context(open_world(folder / "data", **told))
        places = {"address": clinic.server, "upstream": house.house.port, "relay": free_port()}
        stack.enter_context(open_front(folder / "front", pair, **places))
        yield Hospital(house, clinic)


@contextlib.asynccontextmanager
async def screen_of(
    hospital: Hospital, role: Role, side: Side, program: str
) -> AsyncIterator[Screen]:
    """Somebody's browser, signed in."""
    person = hospital.house.world.person(side, role)
    flags = ("--ignore-certificate-errors", "--autoplay-policy=no-user-gesture-required")
    names = f"--host-resolver-rules=MAP {_HOST} {hospital.clinic.server}"
    async with open_speaking_browser(*flags, names, program=program) as browser:
        async with open_screen(browser, _BASE, trusts_anybody=True) as screen:
            session = {"name": _SECURE, "value": person.token, "url": _BASE, "secure": True}
            await screen.page.context.add_cookies([session])
            await screen.page.add_init_script(_COUNT)
            yield screen
            screen.complaints.clear()  # what was under way when the network went is no fault


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
            screen_of(hospital, physician, Side.HOME, clinic.browser()) as caller,
            screen_of(hospital, expert, Side.LEAD, "") as reader,
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


async def both_anew(screen: Screen, before: int) -> bool:
    """Whether the page has another connection for each direction."""
    return await connected(screen) >= before + 2
