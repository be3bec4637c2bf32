"""A camera's pictures come to the patient before the screen, wait for a person, or are refused."""

import asyncio
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.work import Role, Work
from consult.people.machines.model import Right
from consult.people.machines.tables import MachineRow
from consult.studies.deliveries.tables import DeliveryRow
from consult.studies.uploads.model import UploadState
from consult.studies.uploads.tables import UploadRow
from edge.web import Line, Way
from server.auth.cookies import hash_token
from tests.makers.cameras import Clock, Watch, make_picture, open_watch
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.image_house import until
from tests.makers.machines import add_machine
from tests.makers.pictures import make_jpeg
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server]
CHANCE = random.Random(7)  # noqa: S311 - no secret


def new_draft(house: WorldHouse, sequence: int) -> Case:
    """A draft of a patient of its own."""
    consortium = house.world.consortium
    patient = make_patient(consortium, name="李秀兰", document_number=citizen_number(sequence))
    return make_draft(consortium, patient)


def states(house: WorldHouse, machine_id: str) -> list[UploadState]:
    """How far each upload of a machine has come."""

    def ask(work: Work) -> list[UploadState]:
        found = work.session.query(UploadRow.state).join(
            DeliveryRow, DeliveryRow.upload_id == UploadRow.id
        )
        return [row.state for row in found.filter(DeliveryRow.machine_id == machine_id)]

    return house.world.now.system(ask)


def drained(watch: Watch) -> bool:
    """Ask once more what became of what was sent."""
    watch.send()
    watch.beat()
    return watch.left() == 0


async def test_pictures_wait_for_a_person_who_takes_them_into_a_case(
    house: WorldHouse, tmp_path: Path
) -> None:
    token = add_machine(house, Right.SEND_PICTURES)
    clock = Clock(time.time())
    with open_watch(tmp_path / "眼底相机", server=house.base, token=token, clock=clock) as watch:
        for kind in ("jpeg", "png"):
            (watch.folder / f"张桂英 OD.{kind}").write_bytes(make_picture(kind, CHANCE))
        assert watch.look() == 2
        await until(lambda: drained(watch))
    person = house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    async with house.visitor(person) as visitor:
        status, page = await visitor.get("/api/received")
        assert status == 200
        mine = [row for row in page["pictures"] if row["file_name"].startswith("张桂英 OD")]
        assert len(mine) == 2
        status, picture = await visitor.picture(visitor.at(f"/api/uploads/{mine[0]['id']}/picture"))
        assert status == 200
        assert picture.startswith(b"\xff\xd8")
        draft = new_draft(house, 802)
        body = {"upload_ids": [row["id"] for row in mine]}
        status, answer = await visitor.send(f"/api/cases/{draft.id}/pictures", body)
        assert status == 200, answer
        images = await wait_for_images(visitor, draft.id, 2)
        assert {image["file_name"] for image in images} == {row["file_name"] for row in mine}
        assert {image["state"] for image in images} != {"confirmed"}
        status, problem = await visitor.send(f"/api/cases/{draft.id}/pictures", body)
        assert (status, problem["code"]) == (409, "delivery-taken")


async def wait_for_images(visitor: Visitor, case_id: str, count: int) -> list[dict[str, Any]]:
    """The images of a case, once so many are there."""
    async with asyncio.timeout(60):
        while True:
            _, page = await visitor.get(f"/api/cases/{case_id}/images")
            if len(page["images"]) >= count:
                return list(page["images"])
            await asyncio.sleep(0.05)


def camera_of(house: WorldHouse, token: str) -> str:
    """The id of the machine of a token."""

    def ask(work: Work) -> str:
        rows = work.session.query(MachineRow.id).filter(MachineRow.token_hash == hash_token(token))
        return str(rows.one().id)

    return house.world.now.system(ask)


async def direct(visitor: Visitor, draft: Case, machine_id: str, step: str = "") -> str:
    """Send a camera to a draft, or let it go: with whom it is now, or why not."""
    url = f"/api/cases/{draft.id}/cameras{step}"
    status, told = await visitor.send(url, {"machine_id": machine_id})
    return place_in(told, machine_id) if status == 200 else str(told["code"])


def place_in(told: dict[str, Any], machine_id: str) -> str:
    """With whom the answer says that a camera is."""
    return str(next(e["place"] for e in told["cameras"] if e["machine_id"] == machine_id))


async def test_pictures_come_to_the_patient_to_whom_a_person_sent_the_camera(
    house: WorldHouse, tmp_path: Path
) -> None:
    """And only what was written and seen in her turn: a card of yesterday waits (U1)."""
    token = add_machine(house, Right.SEND_PICTURES)
    machine_id, draft = camera_of(house, token), new_draft(house, 804)
    async with house.visitor(house.world.person(Side.HOME, Role.PHOTOGRAPHER)) as visitor:
        assert await direct(visitor, draft, machine_id) == "here"
        _, page = await visitor.page(f"/cases/{draft.id}")
        assert "图像归入这位患者" in page
        here = {"server": house.base, "clock": time.time, "quiet_s": 0.0}
        with open_watch(tmp_path / "相机", token=token, **here) as watch:
            write(watch.folder / "IMG_0001.JPG", "jpeg", at=time.time())
            write(watch.folder / "IMG_0002.JPG", "jpeg", at=time.time() - 86_400)
            write(watch.folder / "IMG_0003.dcm", "dicom", at=time.time())
            assert watch.look() == 3
            await until(lambda: drained(watch))
        images = await wait_for_images(visitor, draft.id, 2)
        assert {each["file_name"] for each in images} == {"IMG_0001.JPG", "IMG_0003.dcm"}
        assert [each["state"] for each in images].count("confirmed") == 0
        _, waiting = await visitor.get("/api/received")
        late = [each["file_name"] for each in waiting["pictures"]]
        assert late.count("IMG_0002.JPG") == 1


async def test_a_camera_is_with_one_patient_at_a_time(house: WorldHouse) -> None:
    machine_id = camera_of(house, add_machine(house, Right.SEND_PICTURES))
    first, second = new_draft(house, 806), new_draft(house, 808)
    async with house.visitor(house.world.person(Side.HOME, Role.PHOTOGRAPHER)) as visitor:
        assert await direct(visitor, first, machine_id) == "here"
        assert await direct(visitor, second, machine_id) == "here"
        _, seen = await visitor.get(f"/api/cases/{first.id}/cameras")
        assert place_in(seen, machine_id) == "elsewhere"
        assert await direct(visitor, first, machine_id, "/release") == "camera-elsewhere"
        assert await direct(visitor, second, machine_id, "/release") == "nobody"
        assert await direct(visitor, first, house.world.things["institution"]) == "camera-unknown"
    kinds = [line.kind for line in house.world.now.lines() if line.object_id == machine_id]
    assert kinds.count("camera.directed") == 2
    assert kinds.count("camera.released") == 2


async def test_what_is_no_picture_is_refused_with_a_reason_and_the_others_go_on(
    house: WorldHouse, tmp_path: Path
) -> None:
    token = add_machine(house, Right.SEND_PICTURES)
    with open_watch(tmp_path / "cam", server=house.base, token=token) as watch:
        (watch.folder / "a.jpg").write_bytes(make_jpeg()[:300] + b"\xff\xd9")
        (watch.folder / "b.jpg").write_bytes(make_picture("jpeg", CHANCE))
        (watch.folder / "c.txt").write_text("not a picture")
        assert watch.look() == 2
        await until(lambda: drained(watch))
        depth = watch.agent.store.depth()
        assert (depth.waiting, depth.refused) == (0, 1)
        assert len(list((tmp_path / "cam-state" / "spool").iterdir())) == 1
    assert sorted(states(house, camera_of(house, token))) == ["refused", "waiting"]


async def test_a_token_that_is_shut_out_sends_nothing_and_the_spool_keeps_all(
    house: WorldHouse, tmp_path: Path
) -> None:
    token = add_machine(house, Right.SEND_PICTURES)
    machine_id = camera_of(house, token)
    others = [add_machine(house, Right.STORE_IMAGES), "no token of anybody's"]
    for number, refused in enumerate(others):
        with open_watch(tmp_path / f"c{number}", server=house.base, token=refused) as watch:
            (watch.folder / "a.jpg").write_bytes(make_picture("jpeg", CHANCE))
            watch.look()
            assert (watch.send(), watch.left()) == (0, 1)
            assert watch.agent.sender.trouble == "token-refused"
            assert not watch.beat()
    with open_watch(tmp_path / "cam", server=house.base, token=token) as watch:
        assert watch.beat()
        admin = house.world.person(Side.HOME, Role.ADMINISTRATOR)
        async with house.visitor(admin) as visitor:
            _, page = await visitor.get("/api/admin/machines")
            row = next(each for each in page["rows"] if each["id"] == machine_id)
            assert (row["heartbeat"]["version"], row["is_silent"]) == ("0.1.0", False)
            await visitor.send(f"/api/admin/machines/{machine_id}/revoke")
        (watch.folder / "a.jpg").write_bytes(make_picture("jpeg", CHANCE))
        watch.look()
        assert (watch.send(), watch.left(), watch.beat()) == (0, 1, False)


async def test_a_machine_reaches_its_own_uploads_and_no_other_door(house: WorldHouse) -> None:
    token = add_machine(house, Right.SEND_PICTURES)
    line = Line(Way(house.base, token, proxy="none"))
    tus = {"Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": "HEAD"}
    other = house.new_upload()
    for method in ("HEAD", "DELETE"):
        asked = tus | {"X-HTTP-Method-Override": method}
        assert line.ask("POST", f"/api/uploads/{other}", asked).status == 404, method
    for path in ("/api/cases", "/api/received", f"/api/uploads/{other}/result"):
        assert line.ask("GET", path, {}).status in {401, 403}
    line.close()
    person = house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    async with house.visitor(person) as visitor:
        status, told = await visitor.get(f"/api/uploads/{other}/result")
        assert (status, told["status"]) == (200, "received")
        beat = {"version": "1", "waiting": 0, "waiting_bytes": 0}
        status, problem = await visitor.send("/api/machine/heartbeat", beat)
        assert (status, problem["code"]) == (403, "machine-needed")


def write(path: Path, kind: str, *, at: float) -> None:
    """A picture that the camera wrote at this time."""
    path.write_bytes(make_picture(kind, CHANCE))
    os.utime(path, (at, at))
