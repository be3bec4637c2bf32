"""Eyes confirmed and sets moved through the door: the stored objects say what the page says."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from consult.cases.model import Case, ServiceType
from tests.makers.cases import make_draft
from tests.makers.degraded import blurred, copy_of, jpeg_bytes, lit, load_bytes
from tests.makers.image_house import ImageHouse, Sender, open_image_house, until
from tests.makers.pictures import with_exif

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("eyes") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse) -> Any:
    """The photographer of the centre."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive("wu")


@pytest.fixture(scope="module")
def fundus(real_files: Path) -> list[bytes]:
    """Four real photographs, right and left by turns, as a camera would have written them."""
    paths = sorted((real_files / "image" / "fundus").glob("HRF*"))[:4]
    return [with_exif(path.read_bytes()) for path in paths]


async def send_four(sender: Sender, case: Case, fundus: list[bytes]) -> dict[str, Any]:
    """Four photographs whose names say nothing."""
    for number, data in enumerate(fundus):
        # the same bytes for another patient would be asked about
        await sender.upload(case.id, data + case.id.encode(), f"IMG_{number}.JPG")
    return await sender.images(case.id)


async def test_one_act_confirms_four_photographs_and_their_headers_carry_it(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    case = house.draft()
    shown = await send_four(sender, case, fundus)
    assert len(shown["to_confirm"]) == 4
    blobs = house.blobs()
    assert all("ImageLaterality" not in house.original(_id(each)) for each in shown["images"])
    url = f"/api/cases/{case.id}/images/confirm"
    status, after = await sender.send(url, {"images": shown["to_confirm"]})
    assert status == 200, after
    assert [each["state"] for each in after["images"]] == ["confirmed"] * 4
    assert [each["eye"] for each in after["images"]] == ["right", "left", "right", "left"]
    for each in after["images"]:
        stored = house.original(_id(each))
        assert stored.ImageLaterality == each["eye"][0].upper()
        assert stored.SOPInstanceUID in each["full_url"]
        assert b"Exif" not in stored.PixelData
        assert stored.PatientID.startswith("P-")
    await until(lambda: house.blobs() == blobs)
    again, problem = await sender.send(url, {"images": [{"id": "0" * 32, "eye": "right"}]})
    assert (again, problem["code"]) == (404, "not-found")


async def test_a_set_moves_to_another_patient_by_one_request_and_is_labelled_anew(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    wrong = house.draft()
    right = house.draft(house.patient("王秀英"))
    shown = await send_four(sender, wrong, fundus)
    before = house.original(_id(shown["images"][0]))
    assert str(before.PatientName).startswith("Zhang^GuiYing")
    assert right.id in [each["code"] for each in shown["targets"]]
    url = f"/api/cases/{wrong.id}/images/move"
    status, after = await sender.send(url, {"to_case_id": right.id, "reason": "放错患者"})
    assert status == 200, after
    assert after["images"] == []
    moved = await sender.images(right.id)
    assert len(moved["images"]) == 4
    for each in moved["images"]:
        stored = house.original(_id(each))
        assert str(stored.PatientName).startswith("Wang^XiuYing")
        assert stored.AccessionNumber == right.number[:16]
        status, _ = await sender.get(each["full_url"].replace("/rendered", "/x"))
        assert status == 404
    assert stored.PixelData == house.original(_id(moved["images"][-1])).PixelData
    for body in ({}, {"to_case_id": "0" * 32}, {"to_case_id": right.id, "status": "draft"}):
        assert (await sender.send(url, body))[0] == 422


async def test_an_absent_eye_is_said_of_the_whole_eye_and_taken_back(
    house: ImageHouse, sender: Sender
) -> None:
    case = make_draft(house.world, house.patient(), service_type=ServiceType.SCREENING_READ)
    url = f"/api/cases/{case.id}/images/excuses"
    before = await sender.images(case.id)
    assert [lack["eye"] for lack in before["whole_lacks"]] == ["right", "left"]
    part = {"eye": "left", "field": "macula_centred", "reason": "eye_absent"}
    status, problem = await sender.send(url, part)
    assert (status, problem["errors"][0]["field"]) == (422, "reason")
    status, after = await sender.send(url, {"eye": "left", "reason": "eye_absent"})
    assert (status, {lack["eye"] for lack in after["lacks"]}) == (200, {"right"})
    assert [each["text"] for each in after["excuses"]] == [
        "Left eye (OS): Whole eye (Eye absent or prosthetic)"
    ]
    assert (await sender.send(f"{url}/drop", {"eye": "left"}))[1]["excuses"] == []
    assert await sender.images(case.id) == before


async def test_nothing_is_done_to_images_of_another_institution(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    case = house.draft()
    shown = await send_four(sender, case, fundus)
    ids = [each["id"] for each in shown["images"]]
    async with Sender(house.house.base) as stranger:
        await stranger.arrive("sun")
        base = f"/api/cases/{case.id}/images"
        assert (await stranger.get(base))[0] == 404
        bodies: dict[str, dict[str, object]] = {
            "mark": {"image_ids": ids, "eye": "left"},
            "confirm": {"images": shown["to_confirm"]},
            f"{ids[0]}/confirm": {"eye": "left", "field": "other"},
            f"questions/{ids[0]}/answer": {},
            f"conflicts/{ids[0]}/settle": {"reason": "x"},
            "excuses": {"eye": "left", "reason": "small_pupil"},
            "excuses/drop": {"eye": "left"},
            "remove": {"image_ids": ids},
        }
        for step, body in bodies.items():
            assert (await stranger.send(f"{base}/{step}", body))[0] == 404, step
        assert (await stranger.send(f"{base}/move", {"to_case_id": case.id}))[0] in {404, 422}
    assert await sender.images(case.id) == shown


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("mark", {"image_ids": [], "eye": "left"}),
        ("mark", {"image_ids": ["x"], "eye": "left"}),
        ("mark", {"image_ids": ["0" * 32], "eye": "middle"}),
        ("mark", {"image_ids": "0" * 32}),
        ("mark", {"image_ids": ["0" * 32], "field": "<script>"}),
        ("confirm", {"images": []}),
        ("confirm", {"images": [{"id": "0" * 32, "eye": "right", "confirmed_by": "me"}]}),
        ("excuses", {"eye": "left", "reason": "because"}),
        ("excuses", {"reason": "small_pupil"}),
        ("remove", {"image_ids": [1]}),
        ("remove", {"image_ids": ["0" * 32], "reason": "x" * 4001}),
    ],
)
async def test_nonsense_is_refused_with_its_field(
    house: ImageHouse, sender: Sender, step: str, body: dict[str, object]
) -> None:
    case = house.draft()
    status, answer = await sender.send(f"/api/cases/{case.id}/images/{step}", body)
    assert status == 422
    assert answer["errors"][0]["field"]
    assert answer["errors"][0]["sentence"]


async def test_a_small_copy_is_judged_ahead_of_the_photograph_and_kept_nowhere(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    case, blobs = house.draft(), house.blobs()
    for photograph, eye in ((fundus[0], "right"), (fundus[1], "left")):
        status, told = await first_look(sender, case, photograph)
        assert (status, told["verdict"], told["eye"]) == (200, "fundus", eye)
        assert eye in told["sentence"]
    status, told = await first_look(sender, case, jpeg_of(Image.linear_gradient("L")))
    assert (status, told["verdict"], told["eye"]) == (200, "other", None)
    status, told = await first_look(sender, case, b"\xff\xd8\xff no picture")
    assert (status, told["verdict"]) == (200, "unreadable")
    assert (house.blobs(), (await sender.images(case.id))["images"]) == (blobs, [])


async def test_a_first_look_says_while_the_patient_is_there_what_to_take_again(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    case = house.draft()
    for degrade, told_of in ((blurred(0.008), "blurred"), (lit(0.2), "too dark")):
        small = jpeg_bytes(copy_of(degrade(load_bytes(fundus[0]))))
        status, told = await first_look(sender, case, small)
        assert (status, told["verdict"]) == (200, "retake")
        assert told_of in told["sentence"]


async def test_a_blurred_photograph_is_told_on_its_card_and_kept_for_a_reason(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    case = house.draft()
    soft = jpeg_bytes(blurred(0.008)(load_bytes(fundus[0])))
    result = await sender.upload(case.id, soft, "soft.jpg")
    (file,) = result["files"]
    assert (file["verdict"], file["sentence"]) == ("accepted-retake", "Blurred: take it again.")
    await sender.upload(case.id, fundus[1] + case.id.encode(), "sharp.jpg")
    shown = {each["file_name"]: each for each in (await sender.images(case.id))["images"]}
    assert shown["sharp.jpg"]["quality"]["verdict"] == "good"
    told = shown["soft.jpg"]["quality"]
    assert (told["verdict"], told["is_open"], told["kept_for"]) == ("retake", True, None)
    assert "Blurred: take it again." in told["advice"]
    url = f"/api/cases/{case.id}/images"
    page = (await sender.page(f"/cases/{case.id}"))[1]
    assert "Blurred: take it again." in page
    for image, reason, answer in (
        (shown["soft.jpg"], "no reason at all", 422),
        (shown["sharp.jpg"], "readable", 422),
        (shown["soft.jpg"], "media_opacity", 200),
    ):
        status, after = await sender.send(f"{url}/{image['id']}/keep", {"reason": reason})
        assert status == answer, after
    told = next(each for each in after["images"] if each["id"] == shown["soft.jpg"]["id"])
    assert (told["quality"]["is_open"], told["quality"]["kept_for"]) == (False, "media_opacity")
    assert "Media opacity" in (await sender.page(f"/cases/{case.id}"))[1]


async def test_a_first_look_is_small_a_jpeg_and_at_a_case_of_ones_own(
    house: ImageHouse, sender: Sender, fundus: list[bytes]
) -> None:
    case = house.draft()
    status, told = await first_look(sender, case, fundus[0] + b"x" * 600_000)
    assert (status, told["code"]) == (422, "body-too-large")
    status, told = await first_look(sender, case, fundus[0], kind="image/png")
    assert (status, told["code"]) == (422, "first-look-type")
    async with Sender(house.house.base) as stranger:
        await stranger.arrive("sun")
        status, told = await first_look(stranger, case, fundus[0])
        assert (status, told["code"]) == (404, "not-found")


async def first_look(
    sender: Sender, case: Case, copy: bytes, *, kind: str = "image/jpeg"
) -> tuple[int, Any]:
    return await sender.send(
        f"/api/cases/{case.id}/images/first-look", data=copy, headers={"Content-Type": kind}
    )


def jpeg_of(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "JPEG")
    return data.getvalue()


async def test_the_page_shows_the_right_eye_first_and_names_what_is_missing(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    case = house.draft()
    photograph = real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg"
    await sender.upload(case.id, photograph.read_bytes() + case.id.encode(), "OD_macula.jpg")
    # English last: the account keeps the language for the tests that follow
    for language, missing in (("zh-Hans", "尚缺"), ("en", "Still missing")):
        await sender.send("/api/language", {"language": language})
        status, page = await sender.page(f"/cases/{case.id}")
        assert status == 200
        assert page.index("OD</") < page.index("OS</")
        assert missing in page
        assert "{" not in page.split('id="case-images"')[1].split("</section>")[0].replace(
            "{&#34;", ""
        )


def _id(image: dict[str, Any]) -> str:
    return str(image["instance_id"])
