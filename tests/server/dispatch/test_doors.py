"""The administrator registers, tries, changes, removes destinations; the physician hears of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from consult.reports.destinations.model import DispatchWay
from consult.reports.dispatches.model import DispatchState
from tests.makers.certificates import make_authority
from tests.makers.databases import free_port
from tests.makers.sending import SendingHouse
from tests.makers.visitor import Visitor
from tests.makers.web_archive import just, keep, open_archive

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
DOOR = "/api/admin/destinations"
TOKEN = "known-to.nobody~else=="


def web_form(house: SendingHouse, url: str, **changes: Any) -> dict[str, Any]:
    """What the form sends."""
    told = {"institution_id": house.own, "name": "影像科归档", "way": "stow", "url": url}
    return {**told, "scope": "everything", "is_on": True, **changes}


async def only_one(admin: Visitor) -> dict[str, Any]:
    """The only destination, as its page has it."""
    _, listed = await admin.get(DOOR)
    (row,) = listed["rows"]
    status, found = await admin.get(f"{DOOR}/{row['id']}")
    assert status == 200
    return dict(found)


async def test_a_destination_is_registered_changed_and_removed_and_all_of_it_written_down(
    house: SendingHouse,
) -> None:
    async with house.browser() as admin, open_archive() as archive, open_archive() as other:
        status, moved = await admin.send(DOOR, web_form(house, archive.url, token=TOKEN))
        assert status == 200, moved
        found = await only_one(admin)
        assert moved["location"] == f"/admin/destinations/{found['id']}"
        assert (found["has_token"], found["state"]) == (True, "new")

        place, change = f"{DOOR}/{found['id']}", web_form(house, other.url, revision=1)
        del change["way"], change["institution_id"]
        assert (await admin.send(place, change))[0] == 200
        changed = await only_one(admin)
        assert (changed["url"], changed["has_token"]) == (other.url, False)
        assert (await admin.send(place, change))[0] == 409

        assert (await admin.send(f"{place}/remove", {"revision": 1}))[0] == 409
        assert (await admin.send(f"{place}/remove", {"revision": 2}))[0] == 200
        assert (await admin.get(place))[0] == 404
        assert (await admin.get(DOOR))[1]["rows"] == []
    lines = [each for each in house.images.clinic.lines() if each.object_id == found["id"]]
    assert [each.kind for each in lines] == [
        "destination.added",
        "destination.changed",
        "destination.removed",
    ]
    assert TOKEN not in json.dumps([dict(each.codes) for each in lines])
    assert archive.requests == other.requests == 0


async def test_a_kept_token_stays_while_the_address_does_and_is_told_nobody(
    house: SendingHouse,
) -> None:
    async with house.browser() as admin, open_archive() as archive:
        await admin.send(DOOR, web_form(house, archive.url, token=TOKEN))
        found = await only_one(admin)
        change = web_form(house, archive.url, revision=1, name="新名称")
        del change["way"], change["institution_id"]
        assert (await admin.send(f"{DOOR}/{found['id']}", change))[0] == 200
        changed = await only_one(admin)
        assert (changed["name"], changed["has_token"]) == ("新名称", True)
        for page in ("/admin/destinations", f"/admin/destinations/{found['id']}"):
            status, text = await admin.page(page)
            assert status == 200
            assert TOKEN not in text
        assert TOKEN not in json.dumps(changed)
        assert (await admin.send(f"{DOOR}/{found['id']}/try"))[0] == 200
        assert archive.headers[-1]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"url": "http://pacs.example.org/dicom-web"}, "url", "destination-url"),
        ({"url": "https://u:p@pacs.example.org/"}, "url", "destination-url"),
        ({"url": "https://pacs.example.org/?q=1"}, "url", "destination-url"),
        ({"url": "file:///etc/passwd"}, "url", "destination-url"),
        ({"url": "https:///dicom-web"}, "url", "destination-url"),
        ({"url": ""}, "url", "destination-url"),
        ({"token": "a b"}, "token", "destination-token"),
        ({"token": "a\r\nX-More: 1"}, "token", "destination-token"),
        ({"authority": "no certificate"}, "authority", "destination-authority"),
        ({"authority": "没有证书"}, "authority", "destination-authority"),
        ({"way": "c-store"}, "host", "peer-host"),
        (
            {"way": "c-store", "called": "A\\B", "host": "pacs", "port": 104},
            "called",
            "peer-title",
        ),
    ],
)
async def test_what_cannot_be_called_is_refused_by_its_field(
    house: SendingHouse, changes: dict[str, Any], field: str, code: str
) -> None:
    async with house.browser() as admin:
        form = web_form(house, "https://pacs.example.org/dicom-web") | changes
        status, answer = await admin.send(DOOR, form)
        assert status == 422, answer
        assert (field, code) in {(each["field"], each["code"]) for each in answer["errors"]}
        assert (await admin.get(DOOR))[1]["rows"] == []


async def test_a_chain_of_several_authorities_is_taken_whole(
    house: SendingHouse, tmp_path: Path
) -> None:
    pem = make_authority(tmp_path).certificate_file.read_text("ascii").strip()
    chain = "\n".join([pem] * 9)
    assert len(chain) > 4000
    async with house.browser() as admin:
        form = web_form(house, "https://pacs.example.org", authority=chain, is_on=False)
        assert (await admin.send(DOOR, form))[0] == 200
        assert (await only_one(admin))["authority"] == chain


async def test_an_institution_has_a_few_destinations_at_most(house: SendingHouse) -> None:
    async with house.browser() as admin:
        for number in range(5):
            form = web_form(house, f"https://pacs{number}.example.org/", is_on=False)
            assert (await admin.send(DOOR, form))[0] == 200
        status, answer = await admin.send(DOOR, web_form(house, "https://one-more.example.org/"))
        assert (status, answer["errors"][0]["code"]) == (422, "destinations-full")


async def test_trying_the_line_says_what_is_wrong_and_stores_nothing(house: SendingHouse) -> None:
    async with house.browser() as admin, open_archive(just(401)) as archive:
        await admin.send(DOOR, web_form(house, archive.url))
        found = await only_one(admin)
        place = f"{DOOR}/{found['id']}/try"
        for answer, code in (
            (just(401), "http-token"),
            (just(404), "http-address"),
            (just(302, Location="http://127.0.0.1:9/"), "http-elsewhere"),
            (just(204), "works"),
        ):
            archive.answer = answer
            assert (await admin.send(place))[0] == 200
            assert (await only_one(admin))["tried"]["code"] == code
        assert archive.kept == {}
        assert {each.get("Content-Type") for each in archive.headers} == {None}
        _, page = await admin.page(f"/admin/destinations/{found['id']}")
        assert "连接正常，未存入任何内容" in page


async def test_trying_the_network_names_what_is_not_taken_there(house: SendingHouse) -> None:
    port = free_port()
    destination = house.send_to(DispatchWay.STORE, called="PACS", host="127.0.0.1", port=port)
    async with house.browser() as admin:
        place = f"{DOOR}/{destination.id}/try"
        assert (await admin.send(place))[0] == 200
        assert (await only_one(admin))["tried"]["code"] == "peer-absent"


async def test_a_line_that_was_mended_is_not_kept_waiting(house: SendingHouse) -> None:
    port = free_port()
    destination = house.send_to(DispatchWay.STOW, url=f"http://127.0.0.1:{port}/dicom-web")
    await house.sign()
    await house.until_failed(destination)
    async with house.browser() as admin, open_archive(port=port) as archive:
        archive.answer = just(204)
        await admin.send(f"{DOOR}/{destination.id}/try")
        archive.answer = keep
        await house.until_state(destination, DispatchState.SENT)


async def test_the_case_page_tells_its_own_people_whether_the_report_has_arrived(
    house: SendingHouse,
) -> None:
    async with open_archive(just(503)) as archive:
        destination = house.send_to(DispatchWay.STOW, url=archive.url, name="放射科 PACS")
        case, _ = await house.sign()
        await house.until_failed(destination)
        async with house.browser("chen") as physician:
            _, page = await physician.page(f"/cases/{case.id}")
            assert "放射科 PACS，第 1 版" in page
            assert "等待发送" in page
            archive.answer = keep
            await house.until_state(destination, DispatchState.SENT)
            _, page = await physician.page(f"/cases/{case.id}")
            assert "已送达" in page
        async with house.browser("li") as expert:
            _, page = await expert.page(f"/cases/{case.id}")
            assert "放射科 PACS" not in page


async def test_nobody_but_an_administrator_sees_or_registers_destinations(
    house: SendingHouse,
) -> None:
    async with house.browser("chen") as physician:
        assert (await physician.get(DOOR))[0] == 403
        form = web_form(house, "https://pacs.example.org/")
        assert (await physician.send(DOOR, form))[0] == 403
