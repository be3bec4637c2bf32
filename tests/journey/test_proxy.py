"""One case until it is sent, in real Chromium behind a real nginx, below a prefix (U13)."""

from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.journey.acts import clinic, reading
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number
from tests.makers.certificates import make_authority
from tests.makers.nginx import PREFIX, SEEN_AS, open_nginx
from tests.makers.screen import Screen
from tests.makers.world_house import open_world
from tests.makers.world_people import PASSWORD, Person, Side

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(240)]
_HEARD_WITHIN_MS = 5000


async def test_a_case_is_sent_through_the_portal_of_a_hospital(
    tmp_path: Path, at_door: Opener, real_files: Path
) -> None:
    card = clinic.pack_folder(tmp_path / "card", real_files)
    authority = make_authority(tmp_path / "tls")
    settings = {"path_prefix": PREFIX, "trusted_proxy": SEEN_AS}
    with open_world(tmp_path / "house", **settings) as house:
        with open_nginx(tmp_path / "nginx", authority, upstream=house.house.port) as nginx:
            base = nginx.base + PREFIX
            async with (
                at_door(base, trusts_anybody=True) as doctor,
                at_door(base, trusts_anybody=True) as expert,
            ):
                await come_in(doctor, house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
                await come_in(expert, house.world.person(Side.LEAD, Role.EXPERT))
                await send_a_case(doctor, expert, card)
                await leave(doctor)
            assert nginx.strays() == []
            methods = {line.split()[0] for line in nginx.asked()}
            assert methods == {"GET", "POST"}


async def come_in(screen: Screen, person: Person) -> None:
    """By the start page, whose address people keep, to where the day begins."""
    await screen.go("/")
    assert screen.path == "/sign-in"
    await screen.submit(screen.form("/api/sign-in"), {"login": person.login, "password": PASSWORD})
    assert screen.path != "/sign-in"
    cookies = {each["name"]: each for each in await screen.page.context.cookies()}
    assert cookies["__Secure-lianzhen"]["path"] == f"{PREFIX}/"


async def send_a_case(doctor: Screen, expert: Screen, card: Path) -> None:
    """Pictures go up in pieces; the case stands in the expert's open list without a reload."""
    await clinic.register(doctor, number=citizen_number(700))
    case_id = await clinic.open_case(doctor, "screening_read")
    await clinic.fill_screening(doctor)
    await clinic.record_consent(doctor)
    await clinic.send_folder(doctor, card)
    await clinic.confirm_set(doctor)
    await reading.watch_list(expert, "read")
    answered_at = await clinic.submit(doctor)
    late_ms = await reading.row_arrived_at(expert, case_id) - answered_at
    assert late_ms <= _HEARD_WITHIN_MS, late_ms


async def leave(screen: Screen) -> None:
    """Signing out ends at the sign-in page, and the way back is closed."""
    await screen.press(screen.at('.rail [data-controller="signout"]'))
    assert screen.path == "/sign-in"
    await screen.go("/patients")
    assert screen.path == "/sign-in"
