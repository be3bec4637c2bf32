"""A second factor at the door: set up, asked for, guessed at, demanded by a role, reset."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.makers.house import House, open_house
from tests.makers.installation import (
    ADMIN,
    ADMIN_PASSWORD,
    OWN_PASSWORD,
    SET_UP,
    Installation,
    Person,
)
from tests.makers.rulebooks import copy_config
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_SECRET = re.compile(r'once-secret">([A-Z2-7 ]+)<')
_BEGIN, _FINISH = "/api/account/second-factor/begin", "/api/account/second-factor/finish"


def code_of(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + steps)


async def set_up(visitor: Visitor, password: str) -> tuple[str, list[str]]:
    """Scan the picture and type the first code; the step before the present one is still good."""
    status, answer = await visitor.send(_BEGIN, {"password": password})
    assert (status, answer) == (200, {"location": "/account/second-factor"})
    _status, page = await visitor.page("/account/second-factor")
    assert '<svg viewBox="' in page
    assert "otpauth:" not in page  # in the picture only
    found = _SECRET.search(page)
    assert found is not None
    secret = found.group(1).replace(" ", "")
    status, answer = await visitor.send(_FINISH, {"code": code_of(secret, steps=-1)})
    assert status == 200, answer
    return secret, answer["codes"].split("\n")


async def knock(visitor: Visitor, person: Person, **more: str) -> tuple[int, Any]:
    body = {"login": person.login, "password": OWN_PASSWORD} | more
    return await visitor.send("/api/sign-in", body)


async def test_signing_in_asks_for_the_code_after_the_right_password(
    installation: Installation,
) -> None:
    async with installation.person() as person, installation.visitor() as visitor:
        secret, codes = await set_up(person.visitor, OWN_PASSWORD)
        status, refusal = await knock(visitor, person, password="not the password")
        assert (status, refusal["code"]) == (422, "sign-in-refused")  # nothing about a code
        status, refusal = await knock(visitor, person)
        assert (status, refusal["code"]) == (422, "code-needed")
        assert [error["field"] for error in refusal["errors"]] == ["code"]
        assert (await visitor.get("/api/account"))[0] == 401
        status, refusal = await knock(visitor, person, code="000000")
        assert (status, refusal["code"]) == (422, "code-wrong")
        used = code_of(secret)
        assert (await knock(visitor, person, code=used))[0] == 200
        async with installation.visitor() as thief:  # who looked over her shoulder
            status, refusal = await knock(thief, person, code=used)
            assert (status, refusal["code"]) == (422, "code-wrong")
            assert (await knock(thief, person, code=codes[0]))[0] == 200
        async with installation.visitor() as thief:
            assert (await knock(thief, person, code=codes[0]))[0] == 422


async def test_asking_for_the_code_gives_a_guesser_no_tries_back(
    installation: Installation,
) -> None:
    async with installation.person() as person, installation.visitor() as visitor:
        await set_up(person.visitor, OWN_PASSWORD)
        for number in range(5):
            status, _ = await knock(visitor, person, code=f"00000{number}")
            assert status == 422
            if number < 4:
                assert (await knock(visitor, person))[1]["code"] == "code-needed"
        status, refusal = await knock(visitor, person)
        assert (status, refusal["code"]) == (403, "account-locked")


async def test_without_the_password_nothing_about_the_second_factor_changes(
    installation: Installation,
) -> None:
    async with installation.person() as person:
        assert (await person.visitor.send(_BEGIN, {"password": "wrong"}))[0] == 422
        _secret, codes = await set_up(person.visitor, OWN_PASSWORD)
        for act in ("begin", "codes", "remove"):
            path = f"/api/account/second-factor/{act}"
            status, refusal = await person.visitor.send(path, {"password": OWN_PASSWORD})
            assert (status, refusal["code"]) == (422, "code-needed")
        proof = {"password": OWN_PASSWORD, "code": codes[0]}
        status, answer = await person.visitor.send("/api/account/second-factor/codes", proof)
        assert status == 200
        proof["code"] = answer["codes"].split("\n")[0]
        assert (await person.visitor.send("/api/account/second-factor/remove", proof))[0] == 200
        _status, account = await person.visitor.get("/api/account")
        assert account["has_second_factor"] is False


async def test_an_administrator_frees_a_person_from_a_lost_phone(
    installation: Installation,
) -> None:
    async with installation.person() as person, installation.visitor() as visitor:
        await set_up(person.visitor, OWN_PASSWORD)
        _status, page = await installation.admin.page(f"/admin/people/{person.id}")
        assert "重置双重验证" in page
        path = f"/api/admin/people/{person.id}/second-factor-reset"
        assert (await person.visitor.send(path))[0] == 403
        assert (await installation.admin.send(path))[0] == 200
        assert (await installation.admin.send(path))[0] == 409
        assert (await person.visitor.get("/api/account"))[0] == 401
        assert (await knock(visitor, person))[0] == 200


@pytest.fixture(scope="module")
def demanding_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server whose administrators must have a second factor."""
    folder: Path = tmp_path_factory.mktemp("demanding")
    roles = '["administrator", "consortium_administrator"]'
    config = copy_config(folder / "config", "sign_in.toml", required_roles=roles)
    with open_house(folder / "data", config_dir=str(config)) as house:
        yield house


async def test_a_role_that_needs_it_opens_nothing_before_it_is_set_up(
    demanding_house: House,
) -> None:
    async with Visitor(demanding_house.base) as admin:
        assert (await admin.send("/api/setup", SET_UP))[0] == 200
        async with admin.raw.get("/admin", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/account/second-factor")
        await admin.read_token()
        status, refusal = await admin.get("/api/admin/people")
        assert (status, refusal["code"]) == (403, "second-factor-setup-needed")
        secret, codes = await set_up(admin, ADMIN_PASSWORD)
        assert (await admin.page("/admin"))[0] == 200
        proof = {"password": ADMIN_PASSWORD, "code": code_of(secret)}
        status, refusal = await admin.send("/api/account/second-factor/remove", proof)
        assert (status, refusal["code"]) == (403, "second-factor-required")
        made = await Installation(demanding_house, admin).add_person("expert")
        async with Visitor(demanding_house.base) as expert:  # others need none
            body = {"login": made["login"], "password": made["password"]}
            assert (await expert.send("/api/sign-in", body))[1] == {"location": "/account"}
        async with Visitor(demanding_house.base) as again:
            body = {"login": ADMIN, "password": ADMIN_PASSWORD, "code": codes[1]}
            assert (await again.send("/api/sign-in", body))[0] == 200
