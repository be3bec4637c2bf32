"""Files that were dropped on the wrong patient's row are left out, and she keeps her own (U1)."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consult.cases.model import Case
from tests.makers.image_house import ImageHouse, Sender, open_image_house

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("asked") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse) -> Any:
    """The photographer of the centre, reading English."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive("wu")


@pytest.fixture
def fundus(real_files: Path) -> bytes:
    """A real fundus photograph."""
    return (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()


def leave_out(case: Case) -> str:
    """The door."""
    return f"/api/cases/{case.id}/images/asked/leave-out"


async def lacks(sender: Sender, case: Case) -> list[str]:
    """What is asked of this case's images."""
    return [each["id"] for each in (await sender.images(case.id))["asked"]]


async def test_files_of_another_patient_are_left_out_and_hold_the_case_no_longer(
    house: ImageHouse, sender: Sender, fundus: bytes
) -> None:
    right, wrong = house.draft(), house.draft(house.patient("王秀英"))
    swapped = [fundus + mark for mark in (b"left", b"right")]
    for number, data in enumerate(swapped):
        await sender.upload(right.id, data, f"OD_{number}.jpg")
    asked = [
        await sender.upload(wrong.id, data, f"OD_{number}.jpg")
        for number, data in enumerate(swapped)
    ]
    ids = [each["id"] for each in asked]
    assert sorted(await lacks(sender, wrong)) == sorted(ids)
    elsewhere, problem = await sender.send(leave_out(right), {"upload_ids": ids})
    assert (elsewhere, problem["code"]) == (409, "upload-not-asked")
    status, after = await sender.send(leave_out(wrong), {"upload_ids": ids})
    assert (status, after["asked"], after["images"]) == (200, [], [])
    assert len((await sender.images(right.id))["images"]) == 2
    told = await sender.result(asked[0]["url"])
    assert (told["status"], told["files"][0]["verdict"]) == ("refused", "rejected")
    assert "not this patient" in told["files"][0]["sentence"]
    assert not {name for name in house.spooled() if name.startswith(tuple(ids))}
    lines = [line for line in house.clinic.lines() if line.kind == "upload.left_out"]
    assert sorted(line.object_id for line in lines) == sorted(ids)
    assert {line.case_id for line in lines} == {wrong.id}
    assert (await sender.send(leave_out(wrong), {"upload_ids": ids[:1]}))[0] == 409


async def test_what_else_came_in_the_same_archive_stays(
    house: ImageHouse, sender: Sender, fundus: bytes
) -> None:
    right, wrong = house.draft(), house.draft(house.patient("王秀英"))
    await sender.upload(right.id, fundus + b"hers", "OD.jpg")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("OD.jpg", fundus + b"hers")
        archive.writestr("OS.jpg", fundus + b"own")
    asked = await sender.upload(wrong.id, packed.getvalue(), "card.zip")
    status, after = await sender.send(leave_out(wrong), {"upload_ids": [asked["id"]]})
    assert (status, after["asked"]) == (200, [])
    assert [each["file_name"] for each in after["images"]] == ["OS.jpg"]
    told = await sender.result(asked["url"])
    verdicts = {each["name"]: each["verdict"] for each in told["files"]}
    assert (told["status"], verdicts["OD.jpg"]) == ("done", "rejected")


async def test_nobody_of_another_institution_leaves_a_file_out(
    house: ImageHouse, sender: Sender, fundus: bytes
) -> None:
    right, wrong = house.draft(), house.draft(house.patient("王秀英"))
    await sender.upload(right.id, fundus + b"foreign", "OD.jpg")
    asked = await sender.upload(wrong.id, fundus + b"foreign", "OD.jpg")
    async with Sender(house.house.base, language="en") as stranger:
        await stranger.arrive("sun")
        status, _ = await stranger.send(leave_out(wrong), {"upload_ids": [asked["id"]]})
    assert status in {403, 404}
    assert await lacks(sender, wrong) == [asked["id"]]
