"""The provider is asked again before an act, and ends sessions here when one ends there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.makers.house import House
from tests.makers.installation import ADMIN, Installation
from tests.makers.oidc_faults import AGAIN, SIGN_OUT
from tests.makers.provided import at_provider, come_back, leave, sign_out_token
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
EMERGENCY = {"number": "K26-000000-0", "reason": "患者突然失明，原机构无人接听电话"}


@dataclass
class Guest:
    """An expert who has come in through the provider."""

    visitor: Visitor
    login: str
    issuer: str

    async def prove(self, fault: str = "") -> tuple[int, Any]:
        """Be asked again there."""
        await at_provider(self.issuer, self.login, fault)
        status, _location, told = await come_back(
            self.visitor, await leave(self.visitor, again=True)
        )
        return status, told

    async def act(self, **typed: str) -> tuple[int, str]:
        """Something that asks who is there: nobody has this case number."""
        status, answer = await self.visitor.send("/api/emergency", EMERGENCY | typed)
        return status, answer["code"]


@pytest.fixture
async def guest(clinic: Installation, issuer: str) -> AsyncIterator[Guest]:
    """Somebody who is here by the provider's word."""
    made = await clinic.add_person("expert")
    await at_provider(issuer, made["login"])
    async with clinic.visitor() as visitor:
        assert (await come_back(visitor, await leave(visitor)))[0] == 303
        await visitor.read_token()
        yield Guest(visitor, made["login"], issuer)


async def test_an_act_asks_the_provider_again_and_its_word_is_good_once(guest: Guest) -> None:
    assert await guest.act() == (403, "provider-proof-missing")
    assert (await guest.prove())[0] == 200
    assert await at_provider(guest.issuer, guest.login) == {"prompt": "login", "max_age": "0"}
    assert await guest.act() == (422, "emergency-no-case")  # it went on to what was asked
    assert await guest.act() == (403, "provider-proof-missing")


async def test_the_small_window_gives_the_waiting_page_its_token(guest: Guest) -> None:
    await at_provider(guest.issuer, guest.login)
    address = await leave(guest.visitor, again=True, attempt="5" * 32)
    async with guest.visitor.raw.get(address) as answer:
        page = await answer.text()
    assert 'data-controller="proved"' in page
    assert f'data-proved-attempt-value="{"5" * 32}"' in page
    assert f'data-proved-token-value="{guest.visitor.token}"' in page


@pytest.mark.parametrize("fault", sorted(AGAIN))
async def test_a_provider_that_did_not_ask_proves_nothing(guest: Guest, fault: str) -> None:
    status, refusal = await guest.prove(fault)
    assert (status, refusal["code"]) == (403, "provider-refused")
    assert await guest.act() == (403, "provider-proof-missing")


async def test_coming_in_is_no_proof_for_an_act(guest: Guest) -> None:
    await come_back(guest.visitor, await leave(guest.visitor))  # a sitting there is enough for that
    await guest.visitor.read_token()
    assert await guest.act() == (403, "provider-proof-missing")


async def test_another_person_at_the_provider_proves_nothing_here(
    clinic: Installation, guest: Guest
) -> None:
    made = await clinic.add_person("expert")
    await at_provider(guest.issuer, made["login"])
    status, _location, refusal = await come_back(
        guest.visitor, await leave(guest.visitor, again=True)
    )
    assert (status, refusal["code"]) == (409, "session-of-another")
    assert await guest.act() == (403, "provider-proof-missing")


async def test_another_subject_there_proves_nothing_though_its_name_is_hers(guest: Guest) -> None:
    status, refusal = await guest.prove("another subject")
    assert (status, refusal["code"]) == (409, "session-of-another")
    assert await guest.act() == (403, "provider-proof-missing")


async def test_the_session_ends_with_the_sitting_that_was_begun_by_asking_again(
    guest: Guest, provided: House
) -> None:
    assert (await guest.prove("another sitting"))[0] == 200
    assert await hear(provided, await sign_out_token(guest.issuer, sid="a later sitting")) == 200
    assert (await guest.visitor.get("/api/account"))[0] == 401


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("two factors", ""),
        ("two factors by class", ""),
        ("one factor", "signing-window-needs-factor"),
        ("factors in one word", "signing-window-needs-factor"),
        ("", "signing-window-needs-factor"),
    ],
)
async def test_a_window_is_opened_by_two_factors_at_the_provider(
    guest: Guest, said: str, code: str
) -> None:
    assert (await guest.visitor.send("/api/signing-window"))[1]["code"] == "provider-proof-missing"
    assert (await guest.prove(said))[0] == 200
    status, answer = await guest.visitor.send("/api/signing-window")
    assert (status, answer.get("code", "")) == (403 if code else 200, code)


async def test_single_sign_on_does_not_walk_around_a_locked_screen(guest: Guest) -> None:
    await guest.visitor.send("/api/session/lock")
    await at_provider(guest.issuer, guest.login, "did not ask")
    assert (await come_back(guest.visitor, await leave(guest.visitor)))[0] == 403
    asked = await at_provider(guest.issuer, guest.login)
    assert asked == {"prompt": "login", "max_age": "0"}
    assert (await come_back(guest.visitor, await leave(guest.visitor)))[0] == 303


async def test_nor_around_a_session_that_ran_out_in_this_browser(
    clinic: Installation, guest: Guest
) -> None:
    async with clinic.visitor() as later:
        over = {"lianzhen": "of-a-session-that-is-over"}
        later.raw.cookie_jar.update_cookies(over, URL(clinic.house.base))
        assert (await later.get("/api/account"))[0] == 401  # the browser forgets it here
        await at_provider(guest.issuer, guest.login, "did not ask")
        assert (await come_back(later, await leave(later)))[0] == 403
        await at_provider(guest.issuer, guest.login)
        assert (await come_back(later, await leave(later)))[0] == 303
        await later.read_token()
        await later.send("/api/sign-out")
        await at_provider(guest.issuer, guest.login, "did not ask")
        assert (await come_back(later, await leave(later)))[0] == 303


async def test_whoever_came_by_a_password_types_it(clinic: Installation, issuer: str) -> None:
    await at_provider(issuer, ADMIN)
    status, _location, refusal = await come_back(
        clinic.admin, await leave(clinic.admin, again=True)
    )
    assert (status, refusal["code"]) == (409, "session-of-another")


async def test_a_locked_page_is_opened_by_the_providers_word(guest: Guest) -> None:
    _, account = await guest.visitor.get("/api/account")
    await guest.visitor.send("/api/session/lock")
    body = {"login": guest.login, "affiliation_id": account["places"][0]["affiliation_id"]}
    status, refusal = await guest.visitor.send("/api/session/unlock", body)
    assert (status, refusal["code"]) == (403, "provider-proof-missing")
    assert (await guest.prove())[0] == 200
    elsewhere = body | {"affiliation_id": "0" * 32}
    status, refusal = await guest.visitor.send("/api/session/unlock", elsewhere)
    assert (status, refusal["code"]) == (409, "session-of-another")
    assert (await guest.visitor.send("/api/session/unlock", body))[0] == 200
    assert (await guest.visitor.get("/api/account"))[0] == 200


async def test_where_the_session_has_ended_the_providers_word_opens_another(guest: Guest) -> None:
    _, account = await guest.visitor.get("/api/account")
    await guest.visitor.send("/api/sign-out")
    guest.visitor.token = ""
    assert (await guest.prove())[0] == 200
    await guest.visitor.read_token()
    body = {"login": guest.login, "affiliation_id": account["places"][0]["affiliation_id"]}
    assert (await guest.visitor.send("/api/session/unlock", body))[0] == 200


async def hear(house: House, token: str) -> int:
    """As the provider sends it: a form, without any cookie of ours."""
    async with aiohttp.ClientSession() as session:
        address = f"{house.base}/sign-in/provider/sign-out"
        async with session.post(address, data={"logout_token": token}) as answer:
            return answer.status


async def _until_cut(stream: aiohttp.ClientResponse) -> None:
    with contextlib.suppress(aiohttp.ClientError):
        while await stream.content.readany():
            pass


@pytest.mark.parametrize("named", [("sub",), ("sid",), ("sub", "sid")])
async def test_signing_out_there_ends_the_session_here_within_seconds(
    guest: Guest, provided: House, named: tuple[str, ...]
) -> None:
    names = {"sub": f"subject of {guest.login}", "sid": f"sitting of {guest.login}"}
    token = await sign_out_token(guest.issuer, **{name: names[name] for name in named})
    async with guest.visitor.raw.get("/api/events") as stream:
        assert await stream.content.readany()
        assert await hear(provided, token) == 200
        assert (await guest.visitor.get("/api/account"))[0] == 401
        async with asyncio.timeout(60):
            await _until_cut(stream)
    assert await hear(provided, token) == 400  # taken once


@pytest.mark.parametrize("fault", [*sorted(SIGN_OUT), "another key"])
async def test_a_token_that_is_no_sign_out_ends_nothing(
    guest: Guest, provided: House, fault: str
) -> None:
    token = await sign_out_token(guest.issuer, fault=fault, sub=f"subject of {guest.login}")
    assert await hear(provided, token) == 400
    assert (await guest.visitor.get("/api/account"))[0] == 200


async def test_a_sign_out_of_another_person_or_sitting_ends_nothing_of_hers(
    guest: Guest, provided: House
) -> None:
    mine = f"subject of {guest.login}"
    for names in ({"sub": "somebody else"}, {"sub": mine, "sid": "another sitting"}):
        assert await hear(provided, await sign_out_token(guest.issuer, **names)) == 200
        assert (await guest.visitor.get("/api/account"))[0] == 200


async def test_an_id_token_and_nonsense_are_no_sign_out(guest: Guest, provided: House) -> None:
    for nonsense in ("", "x.y.z", "x" * 40_000):
        assert await hear(provided, nonsense) in {400, 422}
    assert (await guest.visitor.get("/api/account"))[0] == 200


async def test_without_a_provider_nobody_hears_of_sign_outs(founded_house: House) -> None:
    assert await hear(founded_house, "x.y.z") == 404
