"""Guessing passwords from one place, from many, and all at once (T19)."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from server.auth import passwords
from server.auth.passwords import Passwords
from tests.makers.house import House, open_house
from tests.makers.installation import ADMIN, ADMIN_PASSWORD, OWN_PASSWORD, SET_UP, Installation
from tests.makers.rulebooks import copy_config
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
WRONG = "not this password"
_numbers = count(1)


@pytest.fixture(scope="module")
def strict_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server behind a proxy, with small budgets."""
    with open_strict(tmp_path_factory.mktemp("strict")) as house:
        yield house


@pytest.fixture
async def strict(strict_house: House) -> AsyncIterator[Installation]:
    """The server after its set-up; each test comes from networks of its own."""
    async with enter(strict_house) as entered:
        yield entered


@contextmanager
def open_strict(folder: Path, **changes: str) -> Iterator[House]:
    budgets = {"address_failures": "4", "network_failures": "8"} | changes
    config = copy_config(folder / "config", "sign_in.toml", **budgets)
    settings = {"config_dir": str(config), "trusted_proxy": "127.0.0.1/32"}
    with open_house(folder / "data", **settings) as house:
        yield house


@asynccontextmanager
async def enter(house: House) -> AsyncIterator[Installation]:
    async with Visitor(house.base) as admin:
        if (await admin.send("/api/setup", SET_UP))[0] == 200:
            await admin.read_token()
        else:
            await admin.sign_in(ADMIN, ADMIN_PASSWORD)
        yield Installation(house, admin)


def nobody() -> str:
    """A name that nobody has and nobody has tried yet."""
    return f"nobody{next(_numbers)}"


def passed_on(address: str) -> dict[str, str]:
    """What the proxy adds: who called, and that the browser spoke TLS."""
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}


async def guess(visitor: Visitor, login: str, address: str, password: str = WRONG) -> Any:
    """One try as the trusted proxy passes it on."""
    body = {"login": login, "password": password}
    return await visitor.send("/api/sign-in", body, headers=passed_on(address))


async def test_one_address_is_stopped_and_its_network_goes_on(strict: Installation) -> None:
    async with strict.visitor() as visitor:
        for _ in range(4):
            assert (await guess(visitor, nobody(), "198.51.100.7"))[0] == 422
        status, refusal = await guess(visitor, nobody(), "198.51.100.7")
        assert (status, refusal["code"]) == (403, "address-locked")
        assert "请在 4 分钟后再试" in refusal["detail"]  # a quarter of 15 minutes, rounded up
        # what the caller writes before the proxy's own word is no other address
        for forged in ("10.0.0.1, 198.51.100.7", "nonsense, 198.51.100.7"):
            assert (await guess(visitor, nobody(), forged))[0] == 403
        assert (await guess(visitor, nobody(), "198.51.100.8"))[0] == 422


@pytest.mark.parametrize(
    ("addresses", "neighbour"),
    [
        ([f"203.0.113.{n}" for n in range(8)], "203.0.112.1"),
        ([f"2001:db8:1:2::{n:x}" for n in range(8)], "2001:db8:1:3::1"),
        ([f"::ffff:192.0.2.{n}" for n in range(8)], "::ffff:192.0.3.1"),
    ],
)
async def test_one_network_is_stopped_however_many_addresses_it_has(
    strict: Installation, addresses: list[str], neighbour: str
) -> None:
    async with strict.visitor() as visitor:
        for address in addresses:
            assert (await guess(visitor, nobody(), address))[0] == 422
        status, refusal = await guess(visitor, nobody(), addresses[0])
        assert (status, refusal["code"]) == (403, "address-locked")
        assert (await guess(visitor, nobody(), neighbour))[0] == 422


async def test_spraying_from_everywhere_stops_all_but_known_computers(tmp_path: Path) -> None:
    with open_strict(tmp_path, installation_failures="10") as house:
        async with enter(house) as strict, strict.person() as person, strict.visitor() as visitor:
            for number in range(10):
                assert (await guess(visitor, nobody(), f"198.18.{number}.1"))[0] == 422
            status, refusal = await guess(visitor, nobody(), "198.18.200.1")
            assert (status, refusal["code"]) == (403, "tries-everywhere")
            assert "请在 2 分钟后再试" in refusal["detail"]
            own = OWN_PASSWORD
            assert (await guess(visitor, person.login, "198.18.201.1", own))[0] == 403
            await person.visitor.read_token()
            # the browser in which she has signed in before
            assert (await guess(person.visitor, person.login, "198.18.202.1", own))[0] == 200


async def test_a_known_computer_of_one_person_is_a_strangers_for_another(
    strict: Installation,
) -> None:
    async with strict.person() as person, strict.visitor() as visitor:
        other = await strict.add_person()
        for _ in range(5):
            assert (await guess(person.visitor, other["login"], "198.51.140.9"))[0] in {422, 403}
        for forged in ("x", "0" * 32 + "." + "0" * 32):
            for number in range(5):
                await visitor.send(
                    "/api/sign-in",
                    {"login": person.login, "password": WRONG},
                    headers={
                        "Cookie": f"lianzhen_browser={forged}",
                        **passed_on(f"198.51.{number + 101}.9"),
                    },
                )
            status, refusal = await guess(visitor, person.login, "198.51.120.9")
            assert (status, refusal["code"]) == (403, "account-locked")


async def test_right_passwords_spend_nothing(strict: Installation) -> None:
    for _ in range(12):
        async with strict.visitor() as visitor:
            status, _answer = await guess(visitor, ADMIN, "198.51.141.70", ADMIN_PASSWORD)
            assert status == 200


async def test_a_spent_budget_is_written_down_once(strict: Installation) -> None:
    async with strict.visitor() as visitor:
        for _ in range(7):
            await guess(visitor, nobody(), "192.88.1.7")
    where = "SELECT count(*) FROM journal_entries WHERE kind = 'session.limited' AND codes LIKE ?"
    with sqlite3.connect(strict.house.data_dir / "lianzhen.db") as database:
        before = database.execute(where, ['%"address"%']).fetchone()[0]
        async with strict.visitor() as visitor:
            for _ in range(7):
                await guess(visitor, nobody(), "192.88.2.7")
        assert database.execute(where, ['%"address"%']).fetchone()[0] == before + 1


async def test_an_unknown_name_takes_as_long_as_a_known_one(strict: Installation) -> None:
    known = [(await strict.add_person())["login"] for _ in range(3)]
    unknown = [nobody() for _ in range(3)]
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    async with strict.visitor() as visitor:
        for turn in range(12):
            for kind, login in (("known", known[turn % 3]), ("unknown", unknown[turn % 3])):
                begun = time.perf_counter()
                # a fresh network each time, so that only the name is counted
                status, _ = await guess(visitor, login, f"100.{turn}.{len(kind)}.1")
                times[kind].append(time.perf_counter() - begun)
                assert status == 422
    known_s, unknown_s = (statistics.median(times[kind]) for kind in ("known", "unknown"))
    assert 0.6 < known_s / unknown_s < 1.67


async def test_hashing_goes_two_by_two_and_a_flood_is_told_to_wait() -> None:
    hashing = Passwords()
    kept = await hashing.hash("a password of my own")
    try:
        begun = time.perf_counter()
        told = await asyncio.gather(
            *(hashing.verify(kept, "wrong") for _ in range(200)), return_exceptions=True
        )
        took_s = time.perf_counter() - begun
    finally:
        hashing.close()
    busy = [each for each in told if isinstance(each, TimeoutError)]
    assert len(busy) == 200 - passwords._MOST_WAITING  # noqa: SLF001 - the bound is the point
    assert took_s < 30
