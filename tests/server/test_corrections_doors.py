"""Pictures corrected through the doors after a signature: flags, old addresses, both dossiers."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from consult.cases.model import Case
from consult.dossiers import check_dossier
from consult.reports.codes import code_of
from server.__main__ import run
from tests.makers.image_house import PASSWORD, ImageHouse, Sender, open_image_house
from tests.makers.sent import make_target, real_fundus, send_case
from tests.makers.signing import sign_by_door, write_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
WHY = "拍摄时拿错了登记卡"
FLAG = "须重新阅片"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A running server with a small consortium."""
    with open_image_house(tmp_path_factory.mktemp("corrected") / "house") as opened:
        yield opened


@pytest.fixture(scope="module")
def fundus(real_files: Path) -> list[bytes]:
    """Four real photographs."""
    return real_fundus(real_files)


@pytest.fixture
async def doctor(house: ImageHouse) -> AsyncIterator[Sender]:
    """The requesting physician."""
    async with Sender(house.house.base) as one:
        yield await one.arrive("chen")


@pytest.fixture
async def expert(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The panel's expert."""
    async with Visitor(house.house.base) as one:
        await one.sign_in("li", PASSWORD)
        yield one


@pytest.fixture
async def stranger(house: ImageHouse) -> AsyncIterator[Visitor]:
    """A physician of a third institution."""
    async with Visitor(house.house.base) as one:
        await one.sign_in("sun", PASSWORD)
        yield one


async def version_of(doctor: Sender, case: Case) -> int:
    return int((await doctor.get(f"/api/cases/{case.id}"))[1]["version"])


async def correct(doctor: Sender, case: Case, what: str, **body: Any) -> tuple[int, Any]:
    told = {"version": await version_of(doctor, case), "reason": WHY} | body
    return await doctor.send(f"/api/cases/{case.id}/corrections/{what}", told)


async def corrections_of(visitor: Visitor, case: Case) -> dict[str, Any]:
    status, answer = await visitor.get(f"/api/cases/{case.id}/corrections")
    assert status == 200, answer
    return dict(answer)


async def address(visitor: Visitor, url: str) -> tuple[int, dict[str, str], bytes]:
    async with visitor.raw.get(url) as answer:
        return answer.status, dict(answer.headers), await answer.read()


async def test_a_wrong_patient_is_told_everywhere_until_the_report_is_retracted(
    house: ImageHouse,
    doctor: Sender,
    expert: Visitor,
    stranger: Visitor,
    fundus: list[bytes],
    tmp_path: Path,
) -> None:
    case = await send_case(house, doctor, fundus)
    report = await sign_by_door(house, case, expert)
    images = (await doctor.images(case.id))["images"]
    target = make_target(house, house.patient("王秀英"))
    _, data = await expert.get(f"/api/reports/{report}")
    assert data["needs_rereading"] is False
    ids = [each["id"] for each in images]
    status, answer = await correct(doctor, case, "patient", image_ids=ids, to_case_id=target.id)

    assert status == 200, answer
    assert {each["to_case_id"] for each in answer["corrections"]} == {target.id}
    assert {each["to_case_id"] for each in (await corrections_of(expert, case))["corrections"]} == {
        None
    }
    for visitor in (doctor, expert):
        await _assert_flagged(visitor, case, report, images[0])
    _, verified = await stranger.page(f"/verify/{code_of(data['sha256'])}")
    assert FLAG in verified
    assert "本版有效" not in verified
    assert "张桂英" not in verified
    _, worklist = await expert.page("/worklist")
    assert case.number in worklist
    assert "待我重新阅片" in worklist
    _, waiting = await expert.get("/api/rereads")
    assert case.id in {each["case_id"] for each in waiting["rereads"]}

    await _assert_old_address(doctor, expert, stranger, images[0], target)
    await _assert_copied(house, doctor, images, target)
    await _assert_dossiers(doctor, expert, case, tmp_path)

    await _assert_over(house, doctor, expert, stranger, case, data["sha256"])


async def _assert_over(
    house: ImageHouse,
    doctor: Sender,
    expert: Visitor,
    stranger: Visitor,
    case: Case,
    sha256: str,
) -> None:
    """A retraction takes the flag away everywhere, and everything still verifies."""
    await _retract(expert, case, sha256)
    assert (await corrections_of(doctor, case))["reread"] is None
    assert FLAG not in (await doctor.page(f"/cases/{case.id}"))[1].replace("标为须重新阅片", "")
    assert case.id not in (await expert.page("/worklist"))[1]
    assert FLAG not in (await stranger.page(f"/verify/{code_of(sha256)}"))[1]
    assert await asyncio.to_thread(run, ["verify", "--data-dir", str(house.house.data_dir)]) == 0


async def _retract(expert: Visitor, case: Case, sha256: str) -> None:
    said = {"cause": "wrong_patient", "reason": WHY, "of_sha256": sha256}
    door = f"/api/cases/{case.id}/report/retract"
    assert (await expert.send(door, {**said, "password": PASSWORD}))[0] == 200


async def _assert_flagged(visitor: Visitor, case: Case, report: str, image: dict[str, Any]) -> None:
    _, page = await visitor.page(f"/cases/{case.id}")
    for told in (FLAG, "属于另一患者", WHY):
        assert told in page
    assert image["preview_url"].partition("?")[0] not in page
    assert FLAG in (await visitor.page(f"/reports/{report}"))[1]
    assert (await visitor.get(f"/api/reports/{report}"))[1]["needs_rereading"] is True


async def _assert_old_address(
    doctor: Sender,
    expert: Visitor,
    stranger: Visitor,
    image: dict[str, Any],
    target: Case,
) -> None:
    """It says that the picture was corrected, and by what to whoever may see that."""
    for url in (image["full_url"], image["preview_url"], image["thumbnail_url"]):
        status, headers, body = await address(doctor, url)
        problem = json.loads(body)
        assert (status, headers["Content-Type"].partition(";")[0]) == (
            410,
            "application/problem+json",
        )
        assert (problem["code"], problem["status"]) == ("image-withdrawn", 410)
        new = problem["replaced_by"]
        assert (await address(doctor, new))[0] == 200
    status, _, body = await address(expert, image["full_url"])
    assert status == 410
    assert "replaced_by" not in json.loads(body)
    there = await address(stranger, image["full_url"])
    nowhere = await address(
        stranger, image["full_url"].replace("/instances/2.25.", "/instances/9.")
    )
    assert (there[0], there[2]) == (nowhere[0], nowhere[2])
    assert there[0] == 404
    assert new in {each["full_url"] for each in (await doctor.images(target.id))["images"]}


async def _assert_copied(
    house: ImageHouse, doctor: Sender, images: list[dict[str, Any]], target: Case
) -> None:
    copied = await doctor.images(target.id)
    assert len(copied["images"]) == len(images)
    assert {each["state"] for each in copied["images"]} <= {"proposed", "conflicted"}
    stored = house.original(copied["images"][0]["instance_id"])
    assert str(stored.PatientName).startswith("Wang^XiuYing")
    assert stored.AccessionNumber == target.number[:16]
    assert "ImageLaterality" not in stored


async def _assert_dossiers(doctor: Sender, expert: Visitor, case: Case, folder: Path) -> None:
    """Equal on both sides, with the hash of what was signed and no bytes of a stranger."""
    path = f"/api/cases/{case.id}/dossier?reason=archive&images=yes"
    ours, theirs = await address(doctor, path), await address(expert, path)
    assert (ours[0], ours[2]) == (200, theirs[2])
    file = folder / "dossier.zip"
    file.write_bytes(ours[2])
    assert check_dossier.main([str(file)]) == 0
    with zipfile.ZipFile(io.BytesIO(ours[2])) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        told = json.loads(archive.read("corrections.json"))
        lines = archive.read("journal.jsonl").decode()
    assert {each["state"] for each in manifest["images"]} == {"another_patient"}
    assert [name for name in names if name.startswith("images/")] == []
    assert {each["kind"] for each in told["corrections"]} == {"wrong_patient"}
    assert '"case.corrected"' in lines
    assert WHY in lines


async def test_a_wrong_eye_is_corrected_and_the_old_object_leads_on(
    house: ImageHouse, doctor: Sender, expert: Visitor, fundus: list[bytes]
) -> None:
    case = await send_case(house, doctor, fundus)
    report = await sign_by_door(house, case, expert)
    image = (await doctor.images(case.id))["images"][0]
    other = "left" if image["eye"] == "right" else "right"
    status, answer = await correct(
        doctor, case, "eye", image_id=image["id"], eye=other, field=image["field"]
    )
    assert status == 200, answer
    assert answer["reread"]["report_id"] == report

    after = next(
        each for each in (await doctor.images(case.id))["images"] if each["id"] == image["id"]
    )
    assert (after["eye"], after["full_url"] == image["full_url"]) == (other, False)
    assert house.original(after["instance_id"]).ImageLaterality == other[0].upper()
    assert house.original(image["instance_id"]).ImageLaterality == image["eye"][0].upper()
    for visitor in (doctor, expert):
        status, headers, _ = await address(visitor, image["full_url"])
        assert status == 200
        assert headers["Link"] == f'<{after["full_url"]}>; rel="successor-version"'
        _, page = await visitor.page(f"/cases/{case.id}")
        assert "原标：" in page
        assert "更正为：" in page
    assert "Link" not in (await address(doctor, after["full_url"]))[1]
    _, english = await _english(house, case)
    assert "Marked as" in english
    assert "To be read again" in english


async def _english(house: ImageHouse, case: Case) -> tuple[int, str]:
    async with Sender(house.house.base, language="en") as one:
        await one.arrive("chen")
        await one.send("/api/language", {"language": "en"})
        found = await one.page(f"/cases/{case.id}")
        await one.send("/api/language", {"language": "zh-Hans"})
        return found


async def test_the_open_reading_room_is_told_and_a_stale_signature_refused(
    house: ImageHouse, doctor: Sender, expert: Visitor, fundus: list[bytes]
) -> None:
    case = await send_case(house, doctor, fundus)
    await write_by_door(house, case, expert)
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    _, room = await expert.page(f"/cases/{case.id}/reading")
    assert "case.corrected" in room  # the strip that is drawn anew by this news
    assert "本病例影像有更正" not in room
    _, start = await expert.get("/api/events/since?position=0")
    image = (await doctor.images(case.id))["images"][0]
    status, _ = await correct(
        doctor, case, "eye", image_id=image["id"], eye=image["eye"], field="other"
    )
    assert status == 200

    _, news = await expert.get(f"/api/events/since?position={start['position']}")
    assert "case.corrected" in json.dumps(news)
    _, room = await expert.page(f"/cases/{case.id}/reading")
    assert "本病例影像有更正" in room
    assert "左眼中度非增生型糖尿病视网膜病变" in room  # her draft's words
    body = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, refusal = await expert.send(f"/api/cases/{case.id}/report/sign", body)
    assert (status, {each["code"] for each in refusal["errors"]}) == (422, {"image-unseen"})


async def test_only_the_physician_of_the_case_corrects_and_each_refusal_says_why(
    house: ImageHouse, doctor: Sender, expert: Visitor, stranger: Visitor, fundus: list[bytes]
) -> None:
    case = await send_case(house, doctor, fundus)
    image = (await doctor.images(case.id))["images"][0]
    version = await version_of(doctor, case)
    whole = {"version": version, "image_id": image["id"], "eye": "left", "field": "other"}
    whole |= {"reason": WHY}
    door = f"/api/cases/{case.id}/corrections/eye"
    async with Sender(house.house.base) as photographer:
        await photographer.arrive("wu")
        assert (await photographer.send(door, whole))[0] == 403
    assert (await expert.send(door, whole))[0] == 403
    assert (await stranger.send(door, whole))[0] == 404
    status, refusal = await doctor.send(door, whole | {"version": version + 1})
    assert (status, refusal["code"]) == (409, "case-changed")
    status, refusal = await doctor.send(door, whole | {"reason": ""})
    assert (status, refusal["errors"][0]["field"]) == (422, "reason")
    place = f"/api/cases/{case.id}/corrections/patient"
    struck = {"version": version, "image_ids": [image["id"]], "reason": WHY}
    own = make_target(house, house.patient("李桂兰"))
    for body, field in (
        ({"to_case_id": case.id}, "to_case_id"),
        ({"to_patient_id": case.patient_id}, "to_patient_id"),
        ({"to_patient_id": "0" * 32}, "to_patient_id"),
        ({"to_patient_id": own.patient_id, "to_case_id": own.id}, "to_patient_id"),
    ):
        status, refusal = await doctor.send(place, struck | body)
        assert (status, refusal["errors"][0]["field"]) == (422, field), refusal
    assert (await corrections_of(doctor, case))["corrections"] == []
    # a draft is opened for the right patient on the way, or the one that is there is taken
    status, answer = await doctor.send(place, struck | {"to_patient_id": own.patient_id})
    assert status == 200, answer
    assert answer["corrections"][0]["to_case_id"] == own.id
