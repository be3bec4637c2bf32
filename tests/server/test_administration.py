"""What an administrator arranges through the door, and what she is refused."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.makers.installation import OWN_PASSWORD, Installation

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

API = "/api/admin"


@dataclass
class Consortium:
    """A consortium made through the door."""

    id: str
    lead_id: str
    centre_id: str

    def agreement(self, **changes: object) -> dict[str, Any]:
        """The form of an agreement between the two."""
        return {
            "consortium_id": self.id,
            "inviting_id": self.centre_id,
            "invited_id": self.lead_id,
            "services": ["remote_consultation"],
            "fee_rule": "按价格项目收取",
            "liability": "由邀请方承担",
            "valid_from": "2020-01-01",
            "valid_until": "2099-12-31",
        } | changes

    def panel(self, leader_id: str, **changes: object) -> dict[str, Any]:
        """The form of a panel at the lead hospital."""
        return {
            "consortium_id": self.id,
            "institution_id": self.lead_id,
            "name": "眼底病会诊组",
            "leader_id": leader_id,
            "services": ["remote_consultation"],
        } | changes


async def found(installation: Installation) -> Consortium:
    lead = await installation.add_institution(tier="tertiary")
    centre = await installation.add_institution()
    status, answer = await installation.admin.send(
        f"{API}/consortia", {"name": f"医联体 {lead}", "lead_id": lead}
    )
    assert status == 200, answer
    consortium_id = answer["location"].rsplit("/", 1)[-1]
    status, _ = await installation.admin.send(
        f"{API}/consortia/{consortium_id}/members", {"institution_id": centre}
    )
    assert status == 200
    return Consortium(consortium_id, lead, centre)


async def test_every_page_of_the_administrator_opens_in_both_languages(
    installation: Installation,
) -> None:
    ours = await found(installation)
    expert = await installation.add_person("expert", at=ours.lead_id)
    _status, answer = await installation.admin.send(f"{API}/panels", ours.panel(expert["id"]))
    panel = answer["location"]
    _status, answer = await installation.admin.send(
        f"{API}/agreements", ours.agreement(liability="")
    )
    agreement = answer["location"]
    pages = (
        "/admin",
        "/admin/institutions",
        "/admin/consortia",
        f"/admin/consortia/{ours.id}",
        "/admin/people",
        f"/admin/people/{expert['id']}",
        "/admin/panels",
        f"/admin/panels?at={ours.id}.{ours.lead_id}",
        panel,
        "/admin/agreements",
        f"/admin/agreements?consortium={ours.id}",
        agreement,
        "/account",
    )
    for language, word in (("en", "Sign out"), ("zh-Hans", "退出登录")):
        await installation.admin.send("/api/language", {"language": language})
        for path in pages:
            status, page = await installation.admin.page(path)
            assert status == 200, path
            assert word in page
    assert "缺：责任约定" in (await installation.admin.page(agreement))[1]


async def test_a_name_with_markup_is_shown_as_it_was_typed(installation: Installation) -> None:
    payload = "<img src=x onerror=alert(1)>"
    site = await installation.add_institution(name=payload, name_en=payload)
    made = await installation.add_person("expert", at=site)
    status, _ = await installation.admin.send(
        f"{API}/people/{made['id']}", {"name": payload, "name_en": payload, "revision": 1}
    )
    assert status == 200
    for path in ("/admin/institutions", "/admin/people", f"/admin/people/{made['id']}"):
        page = (await installation.admin.page(path))[1]
        assert payload not in page
        assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "JZ EYE"}, "code"),
        ({"code": "../etc"}, "code"),
        ({"code": ""}, "code"),
        ({"code": 7}, "code"),
        ({"name": ""}, "name"),
        ({"name": "院" * 201}, "name"),
        ({"name": "一行\n两行"}, "name"),
        ({"name": "\u202e院"}, "name"),
        ({"tier": "galactic"}, "tier"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"phone": "call me"}, "phone"),
        ({"consortium_id": "mine"}, "consortium_id"),
        ({"stopped_at": None, "wrapped_key": "x"}, "wrapped_key"),
    ],
)
async def test_a_wrong_field_of_an_institution_is_named(
    installation: Installation, changes: dict[str, object], field: str
) -> None:
    body = {"code": "fresh", "name": "新站", "tier": "community"} | changes
    status, refusal = await installation.admin.send(f"{API}/institutions", body)
    assert status == 422
    assert field in {error["field"] for error in refusal["errors"]}
    _status, listed = await installation.admin.get(f"{API}/institutions")
    assert "fresh" not in {row["code"] for row in listed["rows"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": "李医生"}, "login"),
        ({"login": "x"}, "login"),
        ({"login": "a" * 41}, "login"),
        ({"login": None}, "login"),
        ({"name": ["周"]}, "name"),
        ({"title": "wizard"}, "title"),
        ({"specialty": "everything"}, "specialty"),
        ({"licence_class": "physician"}, "licence_no"),
        ({"licence_no": "110330000012345"}, "licence_class"),
        ({"licence_no": "<b>", "licence_class": "physician"}, "licence_no"),
        ({"licence_valid_until": "31/12/2027"}, "licence_valid_until"),
        ({"roles": []}, "roles"),
        ({"roles": ["god"]}, "roles.0"),
        ({"roles": "expert"}, "roles"),
        ({"from_on": "2026-02-30"}, "from_on"),
        ({"from_on": "2026-02-02", "until_on": "2026-02-01"}, "until_on"),
        ({"must_change": False}, "must_change"),
        ({"password": "of my choice"}, "password"),
    ],
)
async def test_a_wrong_field_of_a_person_is_named(
    installation: Installation, changes: dict[str, object], field: str
) -> None:
    at = await installation.institution_id("jzeye")
    body = {"login": "fresh", "name": "某某", "institution_id": at, "roles": ["expert"]}
    status, refusal = await installation.admin.send(f"{API}/people", body | changes)
    assert status == 422
    assert field in {error["field"] for error in refusal["errors"]}
    _status, listed = await installation.admin.get(f"{API}/people")
    assert "fresh" not in {row["login"] for row in listed["rows"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"services": ["everything"]}, "services.0"),
        ({"fee_rule": "x" * 4001}, "fee_rule"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_until": None}, "valid_until"),
        ({"valid_until": "2019-12-31"}, "valid_until"),
        ({"inviting_id": "0" * 32}, "inviting_id"),
        ({"invited_id": "0" * 32}, "invited_id"),
        ({"signed_on": "2020-01-01"}, "signed_on"),
    ],
)
async def test_a_wrong_field_of_an_agreement_is_named(
    installation: Installation, changes: dict[str, object], field: str
) -> None:
    ours = await found(installation)
    status, refusal = await installation.admin.send(f"{API}/agreements", ours.agreement(**changes))
    assert status == 422
    assert field in {error["field"] for error in refusal["errors"]}


async def test_a_clash_of_agreements_is_a_conflict(installation: Installation) -> None:
    ours = await found(installation)
    assert (await installation.admin.send(f"{API}/agreements", ours.agreement()))[0] == 200
    status, refusal = await installation.admin.send(f"{API}/agreements", ours.agreement())
    assert (status, refusal["code"]) == (409, "agreement-clash")


async def test_panels_are_offered_by_agreement_to_the_acting_institution(
    installation: Installation,
) -> None:
    ours = await found(installation)
    expert = await installation.add_person("expert", at=ours.lead_id)
    await installation.admin.send(f"{API}/panels", ours.panel(expert["id"]))
    path = "/api/directory/panels?service_type="
    async with installation.person("requesting_physician", at=ours.centre_id) as doctor:
        ask = doctor.visitor.get
        assert (await ask(path + "remote_consultation"))[1] == {"panels": []}
        await installation.admin.send(f"{API}/agreements", ours.agreement())
        _status, answer = await ask(path + "remote_consultation")
        assert [choice["institution_id"] for choice in answer["panels"]] == [ours.lead_id]
        assert (await ask(path + "screening_read"))[1] == {"panels": []}
        for nonsense in ("", "everything", "remote_consultation'--"):
            status, refusal = await ask(path + nonsense)
            assert (status, refusal["errors"][0]["field"]) == (422, "service_type")


async def test_an_old_page_changes_nothing(installation: Installation) -> None:
    ours = await found(installation)
    expert = await installation.add_person("expert", at=ours.lead_id)
    change = {"name": "周怀瑜", "revision": 1}
    path = f"{API}/people/{expert['id']}"
    assert (await installation.admin.send(path, change))[0] == 200
    status, refusal = await installation.admin.send(path, change | {"name": "周怀瑾"})
    assert (status, refusal["code"]) == (409, "changed-meanwhile")
    for revision in (0, -1, "2", 2**31, 1.5, True, None):
        status, _ = await installation.admin.send(path, change | {"revision": revision})
        assert status == 422
    _status, person = await installation.admin.get(path)
    assert (person["name"], person["revision"]) == ("周怀瑜", 2)


async def test_stopping_an_affiliation_signs_the_person_out_at_once(
    installation: Installation,
) -> None:
    async with installation.person() as person:
        _status, read = await installation.admin.get(f"{API}/people/{person.id}")
        [place] = read["row"]["affiliations"]
        path = f"{API}/affiliations/{place['id']}/stop"
        assert (await person.visitor.get("/api/account"))[0] == 200
        assert (await installation.admin.send(path, {"revision": 1}))[0] == 200
        assert (await person.visitor.get("/api/account"))[0] == 401
        status, refusal = await person.visitor.send(
            "/api/sign-in", {"login": person.login, "password": OWN_PASSWORD}
        )
        assert (status, refusal["code"]) == (403, "no-affiliation")


async def test_a_consortium_administrator_reaches_her_own_consortium_only(
    installation: Installation,
) -> None:
    ours, theirs = await found(installation), await found(installation)
    expert = await installation.add_person("expert", at=theirs.lead_id)
    _status, answer = await installation.admin.send(f"{API}/panels", theirs.panel(expert["id"]))
    panel_id = answer["location"].rsplit("/", 1)[-1]
    _status, answer = await installation.admin.send(f"{API}/agreements", theirs.agreement())
    agreement_id = answer["location"].rsplit("/", 1)[-1]
    _status, read = await installation.admin.get(f"{API}/people/{expert['id']}")
    [place] = read["row"]["affiliations"]
    async with installation.person("consortium_administrator", at=ours.lead_id) as boss:
        visitor = boss.visitor
        await visitor.read_token()
        for path in (
            f"consortia/{theirs.id}",
            f"panels/{panel_id}",
            f"agreements/{agreement_id}",
            f"people/{expert['id']}",
        ):
            assert (await visitor.get(f"{API}/{path}"))[0] == 404, path
            assert (await visitor.page(f"/admin/{path}"))[0] == 404, path
            assert (await installation.admin.get(f"{API}/{path}"))[0] == 200  # the control
        person = {"practitioner_id": expert["id"], "revision": 1}
        terms = {k: v for k, v in theirs.agreement().items() if not k.endswith("_id")}
        for path, body in (
            (f"consortia/{theirs.id}/members", {"institution_id": ours.centre_id}),
            (f"consortia/{theirs.id}/lead", {"institution_id": theirs.centre_id}),
            (f"consortia/{theirs.id}/members/end", {"institution_id": theirs.centre_id}),
            (f"consortia/{ours.id}/members", {"institution_id": theirs.centre_id}),
            (f"panels/{panel_id}/members", person),
            (f"panels/{panel_id}/members/end", person),
            (f"panels/{panel_id}/leader", person),
            (f"panels/{panel_id}/stop", {"revision": 1}),
            ("panels", theirs.panel(expert["id"], name="另一组")),
            ("agreements", theirs.agreement(services=["screening_read"])),
            (f"agreements/{agreement_id}", terms | {"revision": 1}),
            (f"agreements/{agreement_id}/end", {"revision": 1}),
            (f"people/{expert['id']}", {"name": "x", "revision": 1}),
            (f"people/{expert['id']}/password-reset", {}),
            (
                f"people/{expert['id']}/affiliations",
                {"institution_id": ours.lead_id, "roles": ["expert"]},
            ),
            (f"affiliations/{place['id']}/stop", {"revision": 1}),
            (
                "people",
                {
                    "login": "intruder",
                    "name": "某",
                    "institution_id": theirs.lead_id,
                    "roles": ["expert"],
                },
            ),
        ):
            assert (await visitor.send(f"{API}/{path}", body))[0] == 404, path
        for path, body in (
            ("consortia", {"name": "自己的", "lead_id": ours.lead_id}),
            (f"institutions/{ours.centre_id}/stop", {"revision": 1}),
        ):
            assert (await visitor.send(f"{API}/{path}", body))[0] == 403, path
        status, refusal = await visitor.send(
            f"{API}/people",
            {
                "login": "climber",
                "name": "某",
                "institution_id": ours.lead_id,
                "roles": ["administrator"],
            },
        )
        assert (status, refusal["code"]) == (403, "role-not-yours-to-give")
        status, answer = await visitor.send(
            f"{API}/institutions",
            {
                "code": f"new{panel_id[-6:]}",
                "name": "新站",
                "tier": "community",
                "consortium_id": ours.id,
            },
        )
        assert status == 200, answer
        _status, listed = await visitor.get(f"{API}/people")
        assert expert["id"] not in {row["id"] for row in listed["rows"]}


async def test_a_doctor_administers_nothing(installation: Installation) -> None:
    async with installation.person("requesting_physician", "expert") as person:
        await person.visitor.read_token()
        for path in ("/admin", "/admin/people", f"{API}/people", f"{API}/overview"):
            assert (await person.visitor.get(path))[0] == 403, path
        status, refusal = await person.visitor.send(f"{API}/consortia", {})
        assert (status, refusal["code"]) == (403, "role-not-allowed")


async def test_the_one_time_password_is_told_once_and_kept_nowhere(
    installation: Installation,
) -> None:
    made = await installation.add_person()
    page = (await installation.admin.page(f"/admin/people/{made['id']}"))[1]
    assert made["password"] not in page
    assert made["password"] not in installation.house.log()
    database = installation.house.data_dir / "lianzhen.db"
    for file in (database, database.with_name("lianzhen.db-wal")):
        assert made["password"].encode() not in file.read_bytes()
