"""The discussion through the doors: who reads and writes, what is refused, where it leaves."""

import json
from typing import Any

import pytest

from consult.dossiers import check_dossier
from consult.kernel.ids import new_id
from consult.kernel.work import Role
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side
from tests.server.test_dossiers import export, files_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


def physician(house: WorldHouse) -> Person:
    return house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)


def expert(house: WorldHouse) -> Person:
    return house.world.person(Side.LEAD, Role.EXPERT)


async def say(visitor: Visitor, case_id: str, text: str, **more: Any) -> tuple[int, Any]:
    body = {"key": new_id(), "kind": "remark", "text": text, **more}
    return await visitor.send(f"/api/cases/{case_id}/discussion", body)


async def test_a_question_is_sent_listed_read_and_answered(house: WorldHouse) -> None:
    case_id = house.world.things["case"]
    place = f"/api/cases/{case_id}/discussion"
    async with house.visitor(expert(house)) as visitor:
        status, sent = await say(visitor, case_id, "<b>散瞳</b>了吗？", kind="question")
        assert (status, sent["thread_id"]) == (200, sent["id"])
    async with house.visitor(physician(house)) as visitor:
        _, waiting = await visitor.get("/api/discussions/unread")
        assert case_id in {each["case_id"] for each in waiting["cases"]}
        for start in ("/cases", "/patients"):
            assert f"/cases/{case_id}#talk" in (await visitor.page(start))[1]
        _, page = await visitor.page(f"/cases/{case_id}")
        assert "&lt;b&gt;散瞳&lt;/b&gt;了吗？" in page
        _, found = await visitor.get(place)
        assert found["unread"] >= 1
        assert found["open_questions"] >= 1
        assert (await visitor.send(f"{place}/read", {"number": found["newest"]}))[0] == 200
        assert (await visitor.get(place))[1]["unread"] == 0
        _, waiting = await visitor.get("/api/discussions/unread")
        assert case_id not in {each["case_id"] for each in waiting["cases"]}
        before = found["open_questions"]
        await say(visitor, case_id, "已散瞳。", kind="answer", thread_id=sent["id"])
        assert (await visitor.get(place))[1]["open_questions"] == before - 1
    async with house.visitor(expert(house), language="en") as visitor:
        _, page = await visitor.page(f"{place.removeprefix('/api')}")
        assert "Answer" in page


async def test_what_nobody_may_is_refused_and_nothing_is_kept(house: WorldHouse) -> None:
    things, person = house.world.things, house.world.person
    case_id = things["case"]
    place = f"/api/cases/{case_id}/discussion"
    async with house.visitor(physician(house)) as visitor:
        _, before = await visitor.get(place)
        for body, code in (
            ({"text": ""}, 422),
            ({"text": "长" * 2001}, 422),
            ({"references": [{"image_id": things["image"], "frame": 99}]}, 422),
            ({"references": [{"image_id": things["image"], "point": [1.5, 2]}]}, 422),
            ({"references": [{"image_id": things["image"], "point": [1]}]}, 422),
            ({"sent_at": "2020-01-01T00:00:00Z"}, 422),
            ({"to": [person(Side.AWAY, Role.EXPERT).id]}, 422),
            ({"key": "short"}, 422),
        ):
            told = {"key": new_id(), "kind": "remark", "text": "看", **body}
            status, refused = await visitor.send(place, told)
            assert status == code, (body, refused)
        assert (await visitor.get(place))[1]["messages"] == before["messages"]
        assert (await say(visitor, things["draft"], "草稿上"))[0] == 409
        assert (await say(visitor, things["case"], "看", amends_id=new_id()))[0] == 422
    for side, role, status in (
        (Side.AWAY, Role.REQUESTING_PHYSICIAN, 404),
        (Side.AWAY, Role.EXPERT, 404),
        (Side.HOME, Role.MANAGER, 403),
        (Side.LEAD, Role.REGULATOR, 403),
        (Side.LEAD, Role.ADMINISTRATOR, 403),
    ):
        async with house.visitor(person(side, role)) as visitor:
            assert (await visitor.get(place))[0] == status
            assert (await say(visitor, case_id, "不该进来"))[0] == status
            assert (await visitor.send(f"{place}/read", {"number": 1}))[0] == status
    async with house.visitor(person(Side.LEAD, Role.REVIEWER)) as visitor:
        assert (await visitor.get(place))[0] == 200
        assert (await say(visitor, case_id, "只读"))[0] == 403


async def test_the_dossier_has_every_message_and_a_changed_one_is_found(house: WorldHouse) -> None:
    for person in (physician(house), expert(house)):
        async with house.visitor(person) as visitor:
            await visitor.page(f"/cases/{house.world.things['referred']}")
    packed = [
        (await export(house, each, {"reason": "archive"}))[1]
        for each in (physician(house), expert(house))
    ]
    assert packed[0] == packed[1]
    files = files_in(packed[0])
    told = json.loads(files["discussion.json"])["messages"]
    texts = [each["message"]["text"] for each in told][:3]
    assert texts == ["左眼是散瞳后拍的吗？", "未散瞳。", "散瞳后拍的。"]
    assert told[2]["message"]["amends_id"] == told[1]["message"]["id"]
    assert all(each["message"]["sent_at"] and each["message"]["author"]["name"] for each in told)
    manifest = json.loads(files["manifest.json"])
    assert check_dossier.check_discussion(files, manifest) == len(told)
    edited = files["discussion.json"].replace("未散瞳".encode(), "已散瞳".encode())
    later = [each for each in told if each is not told[1]]
    for content in (edited, json.dumps({"messages": later}).encode(), b'{"messages":[]}'):
        with pytest.raises(check_dossier.DamagedError):
            check_dossier.check_discussion(files | {"discussion.json": content}, manifest)


async def test_supervision_reads_that_it_took_place_and_not_a_word_of_it(
    house: WorldHouse,
) -> None:
    async with house.visitor(house.world.person(Side.LEAD, Role.REGULATOR)) as visitor:
        status, page = await visitor.page(f"/oversight/cases/{house.world.things['referred']}")
    assert status == 200
    assert "3 条消息" in page
    assert "散瞳" not in page
