"""A call from a clinic whose network blocks UDP, or all but port 443, goes by the relay."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, meets, phase
from tests.makers.certificates import make_authority
from tests.makers.coturn import open_coturn
from tests.makers.front import open_front
from tests.makers.line_test import open_speaking_browser
from tests.makers.media_house import eventually
from tests.makers.networks import ClinicNetwork, open_clinic_network
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(500)]
_HOST, _RELAY = "lianzhen.test", "turn.lianzhen.test"
_BASE, _SECURE = f"https://{_HOST}", "__Host-lianzhen"
_WAIT_S = 150.0
_KEEP = """window.keptPeers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.keptPeers.push(this); }
};"""
_WAYS = """async () => {
  const ways = [];
  for (const peer of window.keptPeers.filter((each) => each.connectionState === "connected")) {
    const stats = await peer.getStats();
    const transport = [...stats.values()].find(({ type }) => type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    const own = stats.get(pair?.localCandidateId);
    ways.push(own?.candidateType === "relay" ? `relay ${own.relayProtocol}` : "straight");
  }
  return ways.sort();
}"""


@dataclass(frozen=True)
class Hospital:
    """Pages, media and relay at one address, and a clinic that reaches it."""

    house: WorldHouse
    clinic: ClinicNetwork


@contextlib.contextmanager
def open_hospital(folder: Path) -> Iterator[Hospital]:
    """The relay answers by UDP, by TCP, and by TLS at port 443 beside the pages."""
    pair = make_authority(folder / "tls", hosts=(_HOST, _RELAY)).pair
    first = 20_000 + secrets.randbelow(12_000)
    with contextlib.ExitStack() as stack:
        clinic = stack.enter_context(open_clinic_network(folder))
        relay = stack.enter_context(open_coturn(folder / "turn", pair, address=clinic.server))
        here = f"turn:{clinic.server}:{relay.port}"
        urls = f"{here}?transport=udp,{here}?transport=tcp,turns:{_RELAY}:443?transport=tcp"
        told = {
            "media": "true",
            "media_address": clinic.server,
            "media_ports": f"{first}-{first + 199}",
            "trusted_proxy": "127.0.0.1",
            **relay.settings(),
            "turn_urls": urls,
        }
        house = stack.enter_context(open_world(folder / "data", **told))
        places = {"address": clinic.server, "upstream": house.house.port, "relay": relay.tls_port}
        stack.enter_context(open_front(folder / "front", pair, **places))
        yield Hospital(house, clinic)


@contextlib.asynccontextmanager
async def screen_of(
    hospital: Hospital, role: Role, side: Side, program: str
) -> AsyncIterator[Screen]:
    """Somebody's browser, signed in."""
    person = hospital.house.world.person(side, role)
    where = ",".join(f"MAP {name} {hospital.clinic.server}" for name in (_HOST, _RELAY))
    flags = ("--ignore-certificate-errors", "--autoplay-policy=no-user-gesture-required")
    names = f"--host-resolver-rules={where}"
    async with open_speaking_browser(*flags, names, program=program) as browser:
        async with open_screen(browser, _BASE, trusts_anybody=True) as screen:
            session = {"name": _SECURE, "value": person.token, "url": _BASE, "secure": True}
            await screen.page.context.add_cookies([session])
            await screen.page.add_init_script(_KEEP)
            yield screen


@pytest.mark.parametrize(
    ("lets_out", "way"),
    [
        ("meta l4proto {tcp, udp}", "straight"),
        ("meta l4proto tcp", "relay tcp"),
        ("tcp dport {80, 443}", "relay tls"),
    ],
    ids=["all-open", "no-udp", "port-443-alone"],
)
async def test_both_see_and_hear_each_other_by_the_way_that_the_clinics_network_leaves(
    tmp_path: Path, lets_out: str, way: str
) -> None:
    with open_hospital(tmp_path) as hospital:
        case_id, clinic = hospital.house.world.things["case"], hospital.clinic
        clinic.let_out(lets_out)
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
            await eventually(lambda: goes_by(caller, way), within_s=_WAIT_S)
            await eventually(lambda: goes_by(reader, "straight"), within_s=_WAIT_S)


async def goes_by(screen: Screen, way: str) -> bool:
    """Whether what she sends and what she gets goes by this way alone."""
    ways = await screen.page.evaluate(_WAYS)
    return len(ways) == 2 and set(ways) == {way}
