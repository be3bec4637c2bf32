"""Wrong passwords from one network: a budget beside those of the account and the address."""

import shutil
from collections.abc import Iterator

import pytest

from consult.kernel.work import Role
from server.auth.networks import network_of
from tests.makers.consortium import CONFIG
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import PASSWORD, Side

pytestmark = pytest.mark.server
BUDGET = 3


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house that bears three wrong tries from a network."""
    folder = tmp_path_factory.mktemp("strict")
    shutil.copytree(CONFIG, folder / "config")
    rules = folder / "config" / "sign_in.toml"
    text = rules.read_text("utf-8")
    assert "network_failures = 1000" in text
    rules.write_text(text.replace("network_failures = 1000", f"network_failures = {BUDGET}"))
    chosen = {"config_dir": str(folder / "config"), "trusted_proxy": "127.0.0.1/32"}
    with open_world(folder / "house", **chosen) as opened:
        yield opened


async def sign_in(house: WorldHouse, role: Role, password: str, *, address: str) -> tuple[int, str]:
    person = house.world.person(Side.HOME, role)
    async with house.visitor(person) as visitor:
        status, told = await visitor.send(
            "/api/sign-in",
            {"login": person.login, "password": password},
            headers={"X-Forwarded-For": address},
        )
        return status, str(told.get("code", ""))


async def test_a_network_that_guesses_is_shut_out_and_its_neighbour_is_not(
    strict: WorldHouse,
) -> None:
    roles = (Role.MANAGER, Role.EXPERT, Role.REVIEWER)
    for host, role in enumerate(roles, 1):
        told = await sign_in(strict, role, "guessed", address=f"10.1.2.{host}")
        assert told == (422, "sign-in-refused")
    locked = (403, "address-locked")
    assert await sign_in(strict, Role.MANAGER, PASSWORD, address="10.1.2.99") == locked
    assert await sign_in(strict, Role.MANAGER, PASSWORD, address="10.1.3.1") == (200, "")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_what_one_site_has(address: str, network: str) -> None:
    assert network_of(address) == network
