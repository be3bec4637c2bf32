"""A locked session opens nothing but itself, however long it lasts and whoever asks (U18)."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from consult.kernel.rules import MalformedRulesError
from consult.people.practitioners.sign_in_rules import parse_sign_in_rules
from tests.makers.house import House, open_house
from tests.makers.installation import OWN_PASSWORD, SET_UP, Installation, Person
from tests.makers.rulebooks import broken, copy_config, read_config
from tests.makers.visitor import Visitor
from tests.server.test_second_factor import code_of, set_up

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_OWN_RULE = '["password"]\ninstitutions.jzeye = { after_minutes = 5, unlock_by = ["code"] }'


@pytest.fixture
async def person(installation: Installation) -> AsyncIterator[Person]:
    """Somebody at her page."""
    async with installation.person() as one:
        await one.visitor.read_token()
        yield one


async def affiliation_of(visitor: Visitor) -> str:
    _status, account = await visitor.get("/api/account")
    return str(account["places"][0]["affiliation_id"])


async def unlock(person: Person, affiliation_id: str, **typed: str) -> tuple[int, Any]:
    body = {"login": person.login, "affiliation_id": affiliation_id} | typed
    return await person.visitor.send("/api/session/unlock", body)


async def test_everything_is_refused_until_the_password_is_typed(person: Person) -> None:
    place = await affiliation_of(person.visitor)
    assert (await person.visitor.send("/api/session/lock"))[0] == 200
    for path in ("/api/account", "/api/events", "/api/events/since", "/api/directory/panels"):
        status, refusal = await person.visitor.get(path)
        assert (status, refusal["code"]) == (401, "session-locked"), path
    for path in ("/api/session/here", "/api/account/sessions/revoke-others"):
        status, refusal = await person.visitor.send(path)
        assert (status, refusal["code"]) == (401, "session-locked"), path
    status, page = await person.visitor.page("/account")
    assert status == 401
    assert "已锁定" in page
    assert "当前登录的设备" not in page
    status, refusal = await unlock(person, place, password="not it at all")
    assert (status, refusal["code"]) == (422, "wrong-password")
    assert (await unlock(person, place))[0] == 422
    status, answer = await unlock(person, place, password=OWN_PASSWORD)
    assert (status, answer) == (200, {"csrf_token": person.visitor.token})
    assert (await person.visitor.get("/api/account"))[0] == 200


async def test_five_wrong_tries_at_the_locked_page_lock_the_account(person: Person) -> None:
    place = await affiliation_of(person.visitor)
    await person.visitor.send("/api/session/lock")
    for _ in range(5):
        assert (await unlock(person, place, password="not it at all"))[0] == 422
    status, refusal = await unlock(person, place, password=OWN_PASSWORD)
    assert (status, refusal["code"]) == (403, "account-locked")


async def test_from_a_locked_page_another_person_can_sign_in(
    installation: Installation, person: Person
) -> None:
    place = await affiliation_of(person.visitor)
    made = await installation.add_person()
    await person.visitor.send("/api/session/lock")
    assert (await person.visitor.send("/api/sign-out"))[1] == {"location": "/sign-in"}
    body = {"login": made["login"], "password": made["password"]}
    assert (await person.visitor.send("/api/sign-in", body))[0] == 200
    await person.visitor.read_token()
    status, refusal = await unlock(person, place, password=OWN_PASSWORD)
    assert (status, refusal["code"]) == (409, "session-of-another")


async def test_a_session_that_ended_meanwhile_is_replaced_over_the_page(
    installation: Installation, person: Person
) -> None:
    place = await affiliation_of(person.visitor)
    async with installation.visitor() as elsewhere:
        await elsewhere.sign_in(person.login, OWN_PASSWORD)
        await elsewhere.send("/api/account/sessions/revoke-others")
    status, refusal = await person.visitor.send("/api/session/here")
    assert (status, refusal["code"]) == (401, "sign-in-needed")
    assert (await unlock(person, place, password="not it at all"))[0] == 422
    status, answer = await unlock(person, place, password=OWN_PASSWORD)
    assert status == 200
    assert answer["csrf_token"] != person.visitor.token
    person.visitor.token = answer["csrf_token"]
    assert (await person.visitor.send("/api/session/here"))[0] == 200


async def test_a_page_that_is_silent_for_too_long_is_locked_by_the_server(
    installation: Installation, person: Person
) -> None:
    place = await affiliation_of(person.visitor)
    before = datetime.now(UTC) - timedelta(minutes=14)
    with sqlite3.connect(installation.house.data_dir / "lianzhen.db") as database:
        database.execute(
            "UPDATE sessions SET seen_at = ? WHERE practitioner_id = ?",
            (before.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), person.id),
        )
    for _ in range(2):  # asking does not count as being there
        status, refusal = await person.visitor.get("/api/account")
        assert (status, refusal["code"]) == (401, "session-locked")
    assert (await unlock(person, place, password=OWN_PASSWORD))[0] == 200
    assert (await person.visitor.get("/api/account"))[0] == 200


async def test_a_locked_session_hears_nothing_more(person: Person) -> None:
    async with person.visitor.raw.get("/api/events") as stream:
        assert stream.status == 200
        await person.visitor.send("/api/session/lock")
        async with asyncio.timeout(5):
            try:
                while await stream.content.readany():
                    pass
            except aiohttp.ClientError:
                pass


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server on which one institution has a rule of its own."""
    folder: Path = tmp_path_factory.mktemp("own")
    config = copy_config(folder / "config", "sign_in.toml", unlock_by=_OWN_RULE)
    with open_house(folder / "data", config_dir=str(config)) as house:
        yield house


async def test_an_institution_has_its_own_way_to_unlock(own_house: House) -> None:
    async with Visitor(own_house.base) as admin:
        assert (await admin.send("/api/setup", SET_UP))[0] == 200
        await admin.read_token()
        installation = Installation(own_house, admin)
        async with installation.person() as person:
            await person.visitor.read_token()
            place = await affiliation_of(person.visitor)
            _status, page = await person.visitor.page("/account")
            assert 'data-lock-after-value="300"' in page
            await person.visitor.send("/api/session/lock")
            # who has no app is asked for the password
            assert (await unlock(person, place, password=OWN_PASSWORD))[0] == 200
            secret, _codes = await set_up(person.visitor, OWN_PASSWORD)
            await person.visitor.send("/api/session/lock")
            assert (await unlock(person, place, password=OWN_PASSWORD))[0] == 422
            assert (await unlock(person, place, code="000000"))[0] == 422
            assert (await unlock(person, place, code=code_of(secret)))[0] == 200


@pytest.mark.parametrize("ways", [[], ["pin"], ["password", "face"], "password"])
def test_a_way_to_unlock_that_nobody_knows_is_refused_at_the_start(ways: object) -> None:
    with pytest.raises(MalformedRulesError) as refused:
        parse_sign_in_rules(broken(read_config("sign_in.toml"), "lock.unlock_by", ways))
    assert refused.value.key == "lock.unlock_by"
