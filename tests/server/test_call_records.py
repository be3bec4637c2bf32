"""After a call the case holds who was there and how good the lines were (VID-06, VID-10)."""

import copy
import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consult.dossiers import check_dossier
from consult.kernel.work import Role
from consult.rooms.counting import list_counted
from server.__main__ import run
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer, meet
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + 199}"
    with open_world(tmp_path / "house", media="true", media_ports=ports) as opened:
        yield opened


def case_of(house: WorldHouse) -> str:
    return house.world.things["case"]


async def talk_and_hang_up(house: WorldHouse, host: Visitor, guest: Visitor) -> dict[str, Any]:
    """Both meet, the guest by two devices; the host ends the call; what web says of it then."""
    room = f"/api/cases/{case_of(house)}/room"

    async def calls() -> bool:
        return (await host.send(room))[0] == 200

    await eventually(calls)
    assert (await guest.send(f"{room}/ring/answer", {"said": "accept"}))[0] == 200
    told_room = str((await host.get(room))[1]["open_room_id"])
    peers = [WebPeer(each, case_of(house)) for each in (host, guest)]
    companion = WebPeer(guest, case_of(house), device="companion")
    for peer in (*peers, companion):
        await peer.join()
        await peer.hear("welcome")
    for peer in peers:
        await peer.publish()
    await meet(*peers)
    for visitor, lost in ((host, 4), (guest, 150)):
        body = {"lost_per_mille": lost, "round_trip_ms": 40, "width": 640, "height": 480}
        assert (await visitor.send(f"{room}/sample", body))[1] == {"kept": True}
    await names_who_sits_there(house, host, guest)
    # the clock asks the media process now and then; until then nobody hangs up
    await eventually(lambda: is_counted(house, told_room))
    await companion.leave()
    assert (await host.send(f"{room}/end"))[0] == 200
    for peer in (*peers, companion):
        await peer.close()

    async def all_have_left() -> dict[str, Any] | None:
        [told] = (await host.get(room))[1]["rooms"]
        return told if all(each["left_at"] for each in told["attendances"]) else None

    found: dict[str, Any] = await eventually(all_have_left)
    return found


async def names_who_sits_there(house: WorldHouse, host: Visitor, guest: Visitor) -> None:
    """The patient sits beside the physician, a fellow beside the expert; each side says its own."""
    path, patient = f"/api/cases/{case_of(house)}/room/present", {"who": "patient"}
    status, told = await host.send(path, patient)
    assert (status, told["errors"][0]["code"]) == (422, "field-missing")
    assert (await guest.send(path, patient | {"identity": "asked"}))[0] == 422
    assert (await host.send(path, patient | {"identity": "asked"}))[1] == {"kept": True}
    body = {"who": "physician", "name": "进修医师 孙"}
    assert (await guest.send(path, body))[1] == {"kept": True}
    _, page = await guest.page(f"/cases/{case_of(house)}/room")
    assert "已核对姓名和证件尾号" in page
    assert page.count("present/gone") == 1, "her own side's alone"


def is_counted(house: WorldHouse, room_id: str) -> bool:
    found = house.world.now.system(lambda work: list_counted(work.session, room_id))
    return len(found) == 2 and all(each.packets > 0 for each in found.values())


async def test_the_case_its_dossier_and_verify_hold_the_call_to_the_log_of_the_signalling(
    house: WorldHouse,
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    async with house.visitor(physician) as host, house.visitor(expert) as guest:
        told = await talk_and_hang_up(house, host, guest)
        for visitor in (host, guest):
            _, page = await visitor.page(f"/cases/{case_of(house)}")
            assert f'id="call-{told["room_id"]}"' in page
            assert f'href="#call-{told["room_id"]}"' in page
            assert "线路：良好" in page
            assert "线路：差" in page
            assert "已核对姓名和证件尾号" in page
            assert "进修医师 孙" in page
            assert "邀请方在场医师：陈云" in page
            assert "丢包 15.0 %，往返 40 毫秒，画面 640 × 480" in page
            assert page.count("服务器计数：收到") == 2
        await writes_the_minutes(house, host, guest, told["room_id"])
        await goes_on_by_telephone(house, host, guest)
        async with house.visitor(house.world.person(Side.AWAY, Role.EXPERT)) as stranger:
            assert (await stranger.page(f"/cases/{case_of(house)}"))[0] == 404
        files = await dossier(house, host)
    await is_counted_by_site(house)
    holds_the_dossier(files, told["room_id"])
    assert run(["verify", "--data-dir", str(house.house.data_dir)]) == 0


async def writes_the_minutes(
    house: WorldHouse, host: Visitor, guest: Visitor, room_id: str
) -> None:
    """The host alone; both sides read them, in the case and on the sheet that is signed."""
    path = f"/api/cases/{case_of(house)}/minutes"
    assert (await guest.send(path, {"room_id": room_id, "content": "x"}))[0] == 403
    assert (await host.send(path, {"room_id": room_id, "content": ""}))[0] == 422
    for content in ("建议 1 月内复查", "建议 2 周内复查"):
        body = {"room_id": room_id, "content": content}
        assert (await host.send(path, body))[1] == {"kept": True}
    for visitor in (host, guest):
        assert "建议 2 周内复查" in (await visitor.page(f"/cases/{case_of(house)}"))[1]
        status, page = await visitor.page(f"/cases/{case_of(house)}/calls")
        assert status == 200
        assert "建议 2 周内复查" in page
        assert "建议 1 月内复查" not in page
        assert "进修医师 孙" in page
        assert page.count('class="paper-line"') == 2


async def goes_on_by_telephone(house: WorldHouse, host: Visitor, guest: Visitor) -> None:
    """Who may call writes down what was said by telephone; both sides read it, on paper too."""
    path = f"/api/cases/{case_of(house)}/telephone"
    here = datetime.now(ZoneInfo("Asia/Shanghai"))
    body = {
        "why": "cut_off",
        "with_id": house.world.person(Side.LEAD, Role.EXPERT).id,
        "day": here.date().isoformat(),
        "clock": here.strftime("%H:%M"),
        "result": "电话中建议 3 日内复查眼压",
    }
    assert (await guest.send(path, body))[0] == 403
    assert (await host.send(path, body | {"result": ""}))[0] == 422
    status, told = await host.send(path, body | {"with_name": "王"})
    assert (status, told["errors"][0]["code"]) == (422, "telephone-one-person")
    assert (await host.send(path, body))[1] == {"kept": True}
    for visitor, writes in ((host, True), (guest, False)):
        _, page = await visitor.page(f"/cases/{case_of(house)}")
        assert "电话中建议 3 日内复查眼压" in page
        assert ("telephone-form" in page) is writes
        assert 'href="#telephone"' in page, "the time line leads there"
        _, sheet = await visitor.page(f"/cases/{case_of(house)}/calls")
        assert "电话中建议 3 日内复查眼压" in sheet


async def is_counted_by_site(house: WorldHouse) -> None:
    """The manager of either side finds the call at whoever asked, and at whoever was asked."""
    for by, side in (("inviting", Side.HOME), ("invited", Side.LEAD)):
        async with house.visitor(house.world.person(side, Role.MANAGER)) as manager:
            status, told = await manager.get(f"/api/oversight/statistics?by={by}")
            assert status == 200, told
            [row] = told["rows"]
            assert row["key"] == house.world.places[side]
            assert (row["counts"]["calls"], row["counts"]["calls_unanswered"]) == (1, 0)
            page = (await manager.page(f"/oversight/statistics?by={by}"))[1]
            assert ('id="call-lines"' in page) is bool(told["call_lines"])


def holds_the_dossier(files: dict[str, bytes], room_id: str) -> None:
    """What it says of the call is the log of the signalling, and nothing of it changes unseen."""
    [call] = json.loads(files["calls.json"])["calls"]
    assert call["id"] == room_id
    assert attended(call) == logged(files["journal.jsonl"])
    assert len(attended(call)) == 3, "each device by itself"
    assert check_dossier.check_calls(files) == 1
    assert check_dossier.check_telephone(files) == 1
    for other in ({"result": "无需复查"}, {"author_id": "0" * 32}, {"spoken_at": "2026"}, None):
        content = json.loads(files["calls.json"])
        content["telephone"] = [each | other for each in content["telephone"] if other]
        said = json.dumps(content).encode()
        with pytest.raises(check_dossier.DamagedError):
            check_dossier.check_telephone(files | {"calls.json": said})
    for changed in changes_of(call):
        said = json.dumps({"calls": changed}).encode()
        with pytest.raises(check_dossier.DamagedError):
            check_dossier.check_calls(files | {"calls.json": said})


def changes_of(call: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Somebody else was there, longer, in another way; the call was another time, or never."""
    yield []
    for name in ("opened_at", "ended_at"):
        yield [call | {name: "2026-01-01T00:00:00+00:00"}]
    for name, said in (("joined_at", "2026"), ("left_at", None), ("how", "removed"), ("id", "x")):
        changed = copy.deepcopy(call)
        changed["people"][0]["stays"][0][name] = said
        yield [changed]
    changed = copy.deepcopy(call)
    changed["people"][0]["person_id"] = changed["people"][1]["person_id"]
    yield [changed]
    changed = copy.deepcopy(call)
    changed["people"].pop()
    yield [changed]
    for name, said in (("who", "nurse"), ("identity", "document"), ("gone_at", "2026")):
        changed = copy.deepcopy(call)
        changed["present"][0][name] = said
        yield [changed]
    yield [call | {"present": call["present"][1:]}]
    assert [each["content"] for each in call["minutes"]] == ["建议 1 月内复查", "建议 2 周内复查"]
    changed = copy.deepcopy(call)
    changed["minutes"][0]["content"] = "建议 1 年内复查"
    yield [changed]


def attended(call: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Who came when and left when, as the sheet has it."""
    return {
        (person["person_id"], stay["joined_at"], stay["left_at"])
        for person in call["people"]
        for stay in person["stays"]
    }


def logged(journal: bytes) -> set[tuple[str, str, str]]:
    """The same by the lines that were written as it happened."""
    lines = [json.loads(line) for line in journal.splitlines()]
    left = {
        line["codes"]["stay"]: line["codes"]["at"] for line in lines if line["kind"] == "room.left"
    }
    return {
        (line["by"][0], line["at"], left[line["codes"]["stay"]])
        for line in lines
        if line["kind"] == "room.joined"
    }


async def dossier(house: WorldHouse, visitor: Visitor) -> dict[str, bytes]:
    path = f"/api/cases/{case_of(house)}/dossier"
    async with visitor.raw.get(path, params={"reason": "archive"}) as answer:
        assert answer.status == 200, await answer.text()
        packed = await answer.read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
