"""Signing in at a hospital's identity provider: the right way, and every wrong one."""

import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from server.auth.oidc import is_guarded
from server.settings import SettingsRefusedError, load_settings
from tests.makers.house import House, open_house
from tests.makers.installation import ADMIN, ADMIN_PASSWORD, OWN_PASSWORD, Installation
from tests.makers.oidc_faults import CLAIMS, CLIENT
from tests.makers.provided import at_provider, come_back, leave
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SOUND = {"expired within the skew"}
FORGED = ("alg none", "public key as secret", "other key", "garbage", "no token")
FAULTS = [*sorted({*CLAIMS} - SOUND), *FORGED]


def refusals(house: House) -> int:
    query = "SELECT count(*) FROM journal_entries WHERE kind = 'session.refused'"
    with sqlite3.connect(house.data_dir / "lianzhen.db") as database:
        return int(database.execute(query).fetchone()[0])


async def test_whom_the_provider_knows_and_we_know_comes_in(
    clinic: Installation, issuer: str
) -> None:
    made = await clinic.add_person()
    await at_provider(issuer, made["login"].upper())
    async with clinic.visitor() as visitor:
        _status, page = await visitor.page("/sign-in?next=/account")
        assert "通过 医院统一身份认证 登录" in page
        back = await leave(visitor, "/account")
        assert "code=" in back
        assert (await come_back(visitor, back))[:2] == (303, "/account")
        status, account = await visitor.get("/api/account")
        assert (status, account["login"]) == (200, made["login"])
        assert account["must_change_password"] is False  # she has no password to change here
        assert {cookie.key for cookie in visitor.raw.cookie_jar} == {"lianzhen", "lianzhen_lang"}


async def test_a_token_within_the_skew_of_clocks_is_taken(
    clinic: Installation, issuer: str
) -> None:
    await at_provider(issuer, ADMIN, "expired within the skew")
    async with clinic.visitor() as visitor:
        assert (await come_back(visitor, await leave(visitor)))[0] == 303
        assert (await visitor.get("/api/account"))[0] == 200


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_token_that_proves_nothing_opens_nothing(
    clinic: Installation, issuer: str, fault: str
) -> None:
    await at_provider(issuer, ADMIN, fault)
    async with clinic.visitor() as visitor:
        status, _location, refusal = await come_back(visitor, await leave(visitor))
        assert (status, refusal["code"]) == (403, "provider-refused")
        assert (await visitor.get("/api/account"))[0] == 401


async def test_an_answer_fits_only_the_browser_and_the_asking_it_belongs_to(
    clinic: Installation, issuer: str
) -> None:
    await at_provider(issuer, ADMIN)
    async with clinic.visitor() as mine, clinic.visitor() as hers:
        answer = await leave(mine)
        status, _location, refusal = await come_back(hers, answer)  # carried to another browser
        assert (status, refusal["code"]) == (403, "provider-refused")
        other = await leave(hers)
        assert (await come_back(hers, answer))[0] == 403  # of another asking
        assert (await come_back(hers, other.replace("state=", "state=x")))[0] == 403
        state = parse_qs(urlsplit(other).query)["state"][0]
        for told in (f"state={state}", f"state={state}&error=access_denied&code=x", "code=x"):
            assert (await come_back(hers, f"/sign-in/provider/back?{told}"))[0] == 403
        assert (await hers.get("/api/account"))[0] == 401
        assert (await come_back(mine, answer))[0] == 303
        assert (await come_back(mine, answer))[0] == 403  # a code is good once


async def test_a_forged_cookie_is_no_sign_in_under_way(clinic: Installation) -> None:
    async with clinic.visitor() as visitor:
        for forged in ("", "00", "zz", "ff" * 60):
            headers = {"Cookie": f"lianzhen_provider={forged}"}
            path = "/sign-in/provider/back?state=x&code=y"
            async with visitor.raw.get(path, headers=headers) as answer:
                assert answer.status == 403


async def test_whoever_signs_in_there_and_is_not_known_here_is_told_so(
    clinic: Installation, issuer: str
) -> None:
    await at_provider(issuer, "nobody-here")
    before = refusals(clinic.house)
    async with clinic.visitor() as visitor:
        status, _location, refusal = await come_back(visitor, await leave(visitor))
        assert (status, refusal["code"]) == (403, "provider-unknown-account")
    assert refusals(clinic.house) == before + 1
    await at_provider(issuer, "")  # cancelled there
    async with clinic.visitor() as visitor:
        assert (await come_back(visitor, await leave(visitor)))[0] == 403


async def test_a_letter_that_only_folds_into_ours_names_nobody(
    clinic: Installation, issuer: str
) -> None:
    made = await clinic.add_person()
    twin = made["login"].translate({ord("s"): "\u017f", ord("k"): "\u212a"})
    assert twin != made["login"]
    assert twin.casefold() == made["login"]
    await at_provider(issuer, twin)
    async with clinic.visitor() as visitor:
        status, _location, refusal = await come_back(visitor, await leave(visitor))
        assert (status, refusal["code"]) == (403, "provider-unknown-account")
        assert (await visitor.get("/api/account"))[0] == 401


@pytest.mark.parametrize(
    ("issuer", "address", "is_fine"),
    [
        ("https://id.hospital.example", "https://id.hospital.example/token", True),
        ("https://id.hospital.example", "http://id.hospital.example/token", False),
        ("https://id.hospital.example", "ftp://id.hospital.example/token", False),
        ("http://127.0.0.1:9", "http://127.0.0.1:9/token", True),
    ],
)
def test_our_secret_goes_over_tls_or_stays_on_this_machine(
    issuer: str, address: str, *, is_fine: bool
) -> None:
    assert is_guarded(address, issuer=issuer) is is_fine


async def test_passwords_are_for_administrators_where_the_door_is_shut(
    clinic: Installation,
) -> None:
    made = await clinic.add_person()
    body = {"login": made["login"], "password": made["password"]}
    async with clinic.visitor() as visitor:
        _status, page = await visitor.page("/sign-in")
        assert "管理员密码登录" in page
        status, refusal = await visitor.send("/api/sign-in", body)
        assert (status, refusal["code"]) == (403, "password-door-shut")
        wrong = await visitor.send("/api/sign-in", body | {"password": OWN_PASSWORD})
        assert wrong[1]["code"] == "sign-in-refused"
        right = {"login": ADMIN, "password": ADMIN_PASSWORD}
        assert (await visitor.send("/api/sign-in", right))[0] == 200


async def test_without_a_provider_there_is_no_such_door(installation: Installation) -> None:
    async with installation.visitor() as visitor:
        assert (await visitor.page("/sign-in/provider"))[0] == 404
        assert (await visitor.page("/sign-in/provider/back?code=x&state=y"))[0] == 404
        assert "/sign-in/provider" not in (await visitor.page("/sign-in"))[1]


async def test_a_provider_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    settings = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}
    with open_house(tmp_path / "data", **settings) as house:
        async with Visitor(house.base) as visitor:
            status, refusal = await visitor.get("/sign-in/provider")
            assert (status, refusal["code"]) == (403, "provider-unreachable")


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ({"oidc_issuer": "http://provider.example", "oidc_client_id": "x"}, "issuer-not-https"),
        ({"oidc_issuer": "https://provider.example?a=b"}, "issuer-not-https"),
        ({"oidc_issuer": "https://provider.example"}, "oidc-client-missing"),
        ({"password_sign_in": "false"}, "no-way-in"),
    ],
)
def test_settings_that_lock_everybody_out_are_refused(flags: dict[str, str], code: str) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings(flags)
    assert code in {problem.code for problem in refused.value.problems}
