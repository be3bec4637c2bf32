"""Setting up, signing in and out, sessions and accounts, through the real door."""

from pathlib import Path

import pytest

from tests.makers.house import open_house
from tests.makers.installation import (
    ADMIN,
    ADMIN_PASSWORD,
    OWN_PASSWORD,
    SET_UP,
    Installation,
)
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


async def test_an_empty_installation_greets_with_set_up_and_closes_it_behind(
    tmp_path: Path,
) -> None:
    with open_house(tmp_path / "empty") as house:
        async with Visitor(house.base) as stranger, Visitor(house.base) as late:
            for path in ("/", "/sign-in"):
                async with stranger.raw.get(path, allow_redirects=False) as answer:
                    assert (answer.status, answer.headers["Location"]) == (303, "/setup")
            status, page = await stranger.page("/setup")
            assert status == 200
            assert "联诊初始设置" in page
            for body, field in (
                (SET_UP | {"password_again": "another"}, "password_again"),
                (SET_UP | {"password": "short", "password_again": "short"}, "password"),
                (SET_UP | {"code": "Jz/../eye"}, "code"),
                (SET_UP | {"tier": "galactic"}, "tier"),
                (SET_UP | {"login": "<script>"}, "login"),
                (SET_UP | {"name": " "}, "name"),
                (SET_UP | {"institution_name": "医院\u202e"}, "institution_name"),
                (SET_UP | {"institution_name": "院" * 201}, "institution_name"),
                (SET_UP | {"role": "administrator"}, "role"),
                (SET_UP | {"login": 7}, "login"),
            ):
                status, refusal = await stranger.send("/api/setup", body)
                assert status == 422, body
                assert [error["field"] for error in refusal["errors"]] == [field]
                assert refusal["errors"][0]["sentence"]
            status, answer = await stranger.send("/api/setup", SET_UP)
            assert (status, answer) == (200, {"location": "/admin"})
            assert (await stranger.page("/admin"))[0] == 200
            assert (await late.page("/setup"))[0] == 404
            assert (await late.send("/api/setup", SET_UP | {"login": "second"}))[0] == 404


async def test_right_and_wrong_passwords(installation: Installation) -> None:
    made = await installation.add_person()
    async with installation.visitor() as visitor:
        wrong = {"login": made["login"], "password": "not this one"}
        nobody = {"login": "nobody-at-all", "password": "not this one"}
        refusals = [await visitor.send("/api/sign-in", body) for body in (wrong, nobody)]
        assert refusals[0] == refusals[1]  # whether the name is known is not told
        status, refusal = refusals[0]
        assert (status, refusal["code"]) == (422, "sign-in-refused")
        assert refusal["errors"][0]["field"] == "password"
        assert not list(visitor.raw.cookie_jar)[1:]  # only the language
        status, answer = await visitor.send(
            "/api/sign-in", {"login": made["login"].upper(), "password": made["password"]}
        )
        assert (status, answer["location"]) == (200, "/account")


async def test_the_cookie_is_an_opaque_token_that_scripts_and_other_sites_do_not_get(
    installation: Installation,
) -> None:
    async with installation.visitor() as visitor:
        body = {"login": ADMIN, "password": ADMIN_PASSWORD}
        async with visitor.raw.post("/api/sign-in", json=body) as answer:
            cookie = answer.headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    token = rest.split(";")[0]
    assert name == "lianzhen"  # on plain loopback; __Host-lianzhen under TLS
    assert len(token) == 43
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    stored = (installation.house.data_dir / "lianzhen.db").read_bytes()
    stored += (installation.house.data_dir / "lianzhen.db-wal").read_bytes()
    assert token.encode() not in stored
    assert token not in installation.house.log()


async def test_a_foreign_or_nonsense_token_is_nobody(installation: Installation) -> None:
    async with installation.visitor() as visitor:
        for token in ("x", "y" * 5000, "nonsense", "0" * 43, "';--"):
            async with visitor.raw.get(
                "/api/account", headers={"Cookie": f"lianzhen={token}"}
            ) as answer:
                assert answer.status == 401


async def test_five_wrong_passwords_lock_the_account_and_a_reset_opens_it(
    installation: Installation,
) -> None:
    made = await installation.add_person()
    right = {"login": made["login"], "password": made["password"]}
    async with installation.visitor() as visitor:
        for number in range(5):
            # a header of the caller's own making is no other address
            status, _ = await visitor.send(
                "/api/sign-in",
                right | {"password": "wrong"},
                headers={"X-Forwarded-For": f"10.1.1.{number}"},
            )
            assert status == 422
        status, refusal = await visitor.send("/api/sign-in", right)
        assert (status, refusal["code"]) == (403, "account-locked")
        assert "15 分钟" in refusal["detail"]
        status, reset = await installation.admin.send(
            f"/api/admin/people/{made['id']}/password-reset"
        )
        assert status == 200
        status, _ = await visitor.send("/api/sign-in", right | {"password": reset["password"]})
        assert status == 200


async def test_a_one_time_password_opens_nothing_but_the_change_of_it(
    installation: Installation,
) -> None:
    made = await installation.add_person("administrator")
    async with installation.visitor() as visitor:
        await visitor.sign_in(made["login"], made["password"])
        async with visitor.raw.get("/admin", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/account")
        status, refusal = await visitor.get("/api/admin/people")
        assert (status, refusal["code"]) == (403, "password-change-needed")
        change = {
            "password": made["password"],
            "new_password": OWN_PASSWORD,
            "new_password_again": OWN_PASSWORD,
        }
        for wrong, field in (
            ({"password": "not it at all"}, "password"),
            (
                {"new_password": made["password"], "new_password_again": made["password"]},
                "new_password",
            ),
            ({"new_password": "short", "new_password_again": "short"}, "new_password"),
            ({"new_password_again": "something else"}, "new_password_again"),
            ({"must_change": False}, "must_change"),
        ):
            status, refusal = await visitor.send("/api/account/password", change | wrong)
            assert status == 422
            assert [error["field"] for error in refusal["errors"]] == [field]
        status, _ = await visitor.send("/api/account/password", change)
        assert status == 200
        assert (await visitor.page("/admin"))[0] == 200


async def test_revoking_a_session_signs_the_other_browser_out(
    installation: Installation,
) -> None:
    async with installation.person() as person, installation.visitor() as other:
        await other.sign_in(person.login, OWN_PASSWORD)
        _status, account = await person.visitor.get("/api/account")
        [elsewhere] = [each for each in account["sessions"] if not each["is_own"]]
        path = f"/api/account/sessions/{elsewhere['id']}/revoke"
        status, _ = await installation.admin.send(path)  # somebody else's is not there
        assert status == 404
        assert (await other.get("/api/account"))[0] == 200
        assert (await person.visitor.send(path, {"force": True}))[0] == 422
        assert (await person.visitor.send(path))[0] == 200
        status, refusal = await other.get("/api/account")
        assert (status, refusal["code"]) == (401, "sign-in-needed")
        assert (await person.visitor.send(path))[0] == 404


async def test_signing_out_ends_the_session_and_not_only_the_cookie(
    installation: Installation,
) -> None:
    async with installation.person() as person:
        jar = person.visitor.raw.cookie_jar
        kept = next(cookie.value for cookie in jar if cookie.key == "lianzhen")
        status, answer = await person.visitor.send("/api/sign-out")
        assert (status, answer) == (200, {"location": "/sign-in"})
        async with person.visitor.raw.get(
            "/api/account", headers={"Cookie": f"lianzhen={kept}"}
        ) as late:
            assert late.status == 401


async def test_a_person_of_two_institutions_chooses_and_changes_under_a_new_token(
    installation: Installation,
) -> None:
    site = await installation.add_institution(name="云溪镇中心卫生院")
    async with installation.person("expert") as person, installation.visitor() as visitor:
        status, _ = await installation.admin.send(
            f"/api/admin/people/{person.id}/affiliations",
            {"institution_id": site, "roles": ["requesting_physician"]},
        )
        assert status == 200
        status, answer = await visitor.send(
            "/api/sign-in",
            {"login": person.login, "password": OWN_PASSWORD, "next": "/account?a=1"},
        )
        assert answer["location"] == "/sign-in/institution?next=/account%3Fa%3D1"
        await visitor.read_token()
        status, page = await visitor.page(answer["location"])
        assert "云溪镇中心卫生院" in page
        _status, account = await visitor.get("/api/account")
        there = next(p for p in account["places"] if p["name"] == "云溪镇中心卫生院")
        body = {"affiliation_id": there["affiliation_id"], "next": "/account?a=1"}
        before = {cookie.value for cookie in visitor.raw.cookie_jar}
        status, answer = await visitor.send("/api/session/affiliation", body)
        assert (status, answer["location"]) == (200, "/account?a=1")
        assert {cookie.value for cookie in visitor.raw.cookie_jar} != before
        status, page = await visitor.page("/account")
        assert "执业机构：云溪镇中心卫生院" in page.replace("\n", "")
        async with installation.visitor() as direct:  # chosen while signing in
            _status, answer = await direct.send(
                "/api/sign-in",
                {
                    "login": person.login,
                    "password": OWN_PASSWORD,
                    "affiliation_id": there["affiliation_id"],
                },
            )
            assert answer["location"] == "/"


async def test_nobody_signs_in_under_the_affiliation_of_another(
    installation: Installation,
) -> None:
    _status, account = await installation.admin.get("/api/account")
    theirs = account["places"][0]["affiliation_id"]
    async with installation.person() as person:
        body = {"login": person.login, "password": OWN_PASSWORD, "affiliation_id": theirs}
        async with installation.visitor() as visitor:
            status, refusal = await visitor.send("/api/sign-in", body)
            assert (status, refusal["code"]) == (422, "affiliation-not-yours")
            assert (await visitor.get("/api/account"))[0] == 401
        await person.visitor.read_token()
        status, refusal = await person.visitor.send(
            "/api/session/affiliation", {"affiliation_id": theirs}
        )
        assert (status, refusal["code"]) == (422, "affiliation-not-yours")
        assert (await person.visitor.get("/api/account"))[0] == 200


@pytest.mark.parametrize(
    "going",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/api/sign-out",
        "evil",
        "/%0d%0aSet-Cookie:x",
        "/a\nb",
        "/" + "x" * 600,
    ],
)
async def test_after_signing_in_nobody_is_led_to_another_site(
    installation: Installation, going: str
) -> None:
    async with installation.visitor() as visitor:
        body = {"login": ADMIN, "password": ADMIN_PASSWORD, "next": going}
        status, answer = await visitor.send("/api/sign-in", body)
        if status == 200:
            assert answer["location"] in {"/", "/%0d%0aSet-Cookie:x"}
        else:
            assert (status, answer["errors"][0]["field"]) == (422, "next")


async def test_where_a_stranger_was_going_is_kept(installation: Installation) -> None:
    async with installation.visitor() as visitor:
        async with visitor.raw.get("/admin/people?a=b", allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/sign-in?next=/admin/people%3Fa%3Db"
        _status, page = await visitor.page("/sign-in?next=/admin/people%3Fa%3Db")
        assert 'name="next" value="/admin/people?a=b"' in page
        _status, page = await visitor.page("/sign-in?next=//evil.example")
        assert "evil" not in page


async def test_the_language_is_the_browsers_until_a_person_chooses(
    installation: Installation,
) -> None:
    async with installation.visitor() as visitor, installation.person() as person:
        assert "登录名" in (await visitor.page("/sign-in"))[1]
        status, _ = await visitor.send("/api/language", {"language": "en"})
        assert status == 200
        assert "Sign-in name" in (await visitor.page("/sign-in"))[1]
        for nonsense in ({"language": "fr"}, {"language": None}, {}, {"language": "en", "x": 1}):
            assert (await visitor.send("/api/language", nonsense))[0] == 422
        await person.visitor.read_token()
        await person.visitor.send("/api/language", {"language": "en"})
        async with Visitor(installation.house.base, language="zh-Hans") as elsewhere:
            await elsewhere.sign_in(person.login, OWN_PASSWORD)
            assert "My account" in (await elsewhere.page("/account"))[1]


@pytest.mark.parametrize(
    "body",
    [
        {"login": "admin"},
        {"password": "x"},
        {"login": ["admin"], "password": "x"},
        {"login": "admin", "password": {"$ne": ""}},
        {"login": "admin", "password": "x" * 401},
        {"login": "a" * 201, "password": "x"},
        {"login": "admin\u0000", "password": "x"},
        {"login": "admin", "password": "x", "affiliation_id": "../../etc"},
        {"login": "admin", "password": "x", "practitioner_id": "0" * 32},
        [],
        "text",
        7,
        None,
    ],
)
async def test_nonsense_at_the_sign_in_is_refused_by_field(
    installation: Installation, body: object
) -> None:
    async with installation.visitor() as visitor:
        async with visitor.raw.post("/api/sign-in", json=body) as answer:
            refusal = await answer.json(content_type=None)
            assert answer.status == 422
            assert refusal["detail"]


async def test_signing_in_takes_json_from_our_own_pages_only(
    installation: Installation,
) -> None:
    body = {"login": ADMIN, "password": ADMIN_PASSWORD}
    async with installation.visitor() as visitor:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            status, refusal = await visitor.send("/api/sign-in", body, headers=headers)
            assert (status, refusal["code"]) == (403, "cross-site-request")
        async with visitor.raw.post("/api/sign-in", data=body) as answer:
            assert answer.status == 422
        async with visitor.raw.post(
            "/api/sign-in", data="{", headers={"Content-Type": "application/json"}
        ) as answer:
            assert answer.status == 422
        assert (await visitor.get("/api/account"))[0] == 401


async def test_steps_of_a_signed_in_person_need_the_pages_token(
    installation: Installation,
) -> None:
    async with installation.person() as person:
        token = person.visitor.token
        for forged in ("", "0" * 64, token[:-1], token.upper()):
            person.visitor.token = forged
            status, refusal = await person.visitor.send("/api/sign-out")
            assert (status, refusal["code"]) == (403, "cross-site-request")
        person.visitor.token = token
        assert (await person.visitor.send("/api/sign-out"))[0] == 200
