"""A house that a clinic reaches over a line of its own, which a test may lose, squeeze or move."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consult.kernel.work import Role
from tests.makers.certificates import make_authority
from tests.makers.databases import free_port
from tests.makers.front import open_front
from tests.makers.line_test import open_speaking_browser
from tests.makers.networks import ClinicNetwork, open_clinic_network
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

_HOST: Final = "lianzhen.test"
_BASE: Final = f"https://{_HOST}"
_SECURE: Final = "__Host-lianzhen"


@dataclass(frozen=True)
class Hospital:
    """A house at one address, and a clinic that reaches it."""

    house: WorldHouse
    clinic: ClinicNetwork

    async def record(self, role: Role, side: Side) -> list[dict[str, Any]]:
        """What the case has of its rooms, as somebody reads it."""
        async with self.house.visitor(self.house.world.person(side, role)) as visitor:
            status, told = await visitor.get(f"/api/cases/{self.house.world.things['case']}/room")
            assert status == 200, told
            return list(told["rooms"])


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
    hospital: Hospital, role: Role, side: Side, program: str, *, scripts: Sequence[str] = ()
) -> AsyncIterator[Screen]:
    """Somebody's browser, signed in; `scripts` run before every page."""
    person = hospital.house.world.person(side, role)
    flags = ("--ignore-certificate-errors", "--autoplay-policy=no-user-gesture-required")
    names = f"--host-resolver-rules=MAP {_HOST} {hospital.clinic.server}"
    async with open_speaking_browser(*flags, names, program=program) as browser:
        async with open_screen(browser, _BASE, trusts_anybody=True) as screen:
            session = {"name": _SECURE, "value": person.token, "url": _BASE, "secure": True}
            await screen.page.context.add_cookies([session])
            for each in scripts:
                await screen.page.add_init_script(each)
            yield screen
            screen.complaints.clear()  # what was under way when the network went is no fault
