"""Marks through the doors: saved, refused by field, counted, signed, and shown on paper."""

import io
import json
import re
import subprocess
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from consult.blobs.folder import FolderStore
from consult.cases.images import service as images
from consult.cases.images.model import Arrival
from consult.cases.model import Case, ServiceType
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.people.patients.model import Patient
from consult.studies.model import Part
from tests.makers.cases import (
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.consortium import Consortium
from tests.makers.image_house import PASSWORD, ImageHouse, until
from tests.makers.marks import mark
from tests.makers.reports import DIAGNOSIS_ANSWERS
from tests.makers.signing import write_by_door
from tests.makers.tiny_images import Darkroom, tiny_dicom
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
_SEQUENCE = iter(range(300, 900, 2))
_TRIANGLE = [[2, 2], [13.5, 3], [6, 14]]


@pytest.fixture
def pictured(house: ImageHouse, now: Consortium) -> Case:
    """A case before the panel whose pictures, 16 by 16 pixels, are really there."""
    return _photographed(house, now, Darkroom)


@pytest.fixture
def stacked(house: ImageHouse, now: Consortium) -> Case:
    """The same, of pictures with three frames."""
    return _photographed(house, now, Stacks)


def _photographed(house: ImageHouse, now: Consortium, room: type[Darkroom]) -> Case:
    patient = make_patient(now, document_number=citizen_number(next(_SEQUENCE), birth="19580311"))
    give_consent(now, patient)
    case = make_draft(now, patient, service_type=ServiceType.REMOTE_DIAGNOSIS)
    room(now, FolderStore(house.house.data_dir / "blobs")).add(case, patient)
    return submit(now, fill_in(now, case, DIAGNOSIS_ANSWERS))


class Stacks(Darkroom):
    """Pictures of three frames each."""

    def _arrival(self, patient: Patient, eye: Eye, field: FieldCode) -> Arrival:
        made = super()._arrival(patient, eye, field)
        received = made.received
        plain = tiny_dicom(
            received.uids,
            name=patient.name,
            number=patient.local_number,
            laterality=eye.laterality,
        )
        dataset = dcmread(io.BytesIO(plain))
        dataset.NumberOfFrames = 3
        dataset.PixelData = b"".join(bytes([shade]) * 256 for shade in (0, 120, 240))
        stacked = io.BytesIO()
        dataset.save_as(stacked)
        blobs = {**received.blobs, Part.ORIGINAL: self._save(stacked.getvalue())}
        description = replace(received.description, frames=3)
        return replace(made, received=replace(received, blobs=blobs, description=description))


def image_ids(house: ImageHouse, case: Case) -> list[str]:
    found = house.clinic.do(house.world.expert, images.list_case_images, case_id=case.id)
    return [image.id for image in found]


async def put(visitor: Visitor, case: Case, body: object) -> tuple[int, Any]:
    """Save a whole sheet, as the reading room does."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {
        "X-CSRF-Token": visitor.token,
        "Origin": visitor.base,
        "Content-Type": "application/json",
    }
    place = visitor.at(f"/api/cases/{case.id}/marks")
    async with visitor.raw.put(place, data=io.BytesIO(data), headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_sheet_is_saved_loaded_and_moves_on(
    house: ImageHouse, pictured: Case, expert: Visitor, physician: Visitor
) -> None:
    await expert.send(f"/api/queue/{pictured.id}/claim")
    image_id = image_ids(house, pictured)[0]
    marks = [mark(image_id, "polygon", points=_TRIANGLE, label="渗出", lesion="hard_exudate")]
    body = {"revision": 0, "marks": marks, "key_images": [image_id]}
    status, saved = await put(expert, pictured, body)
    assert (status, saved["revision"], saved["is_mine"]) == (200, 1, True), saved
    assert saved["marks"][0] == {**marks[0], "eye": saved["marks"][0]["eye"]}

    _, found = await expert.get(f"/api/cases/{pictured.id}/marks")
    assert found["sheets"] == [saved]
    assert saved["author"]["name"]
    status, refused = await put(expert, pictured, body)
    assert (status, refused["code"]) == (409, "marks-moved-on")
    _, others = await physician.get(f"/api/cases/{pictured.id}/marks")
    assert [each["marks"] for each in others["sheets"]] == [[]]
    assert (await put(physician, pictured, body))[0] == 403
    async with Visitor(house.house.base) as stranger:
        await stranger.sign_in("sun", PASSWORD)
        assert (await stranger.get(f"/api/cases/{pictured.id}/marks"))[0] == 404


async def test_bad_marks_are_refused_by_field_in_both_languages_and_leave_nothing(
    house: ImageHouse, pictured: Case, expert: Visitor
) -> None:
    await expert.send(f"/api/queue/{pictured.id}/claim")
    image_id = image_ids(house, pictured)[0]
    outside = [mark(image_id, "point", points=[[16.1, 2]])]
    status, told = await put(expert, pictured, {"revision": 0, "marks": outside, "key_images": []})
    assert (status, told["errors"]) == (
        422,
        [
            {
                "field": "marks.0.points",
                "code": "mark-outside",
                "sentence": "有点位于图像（16 × 16 像素）之外。",
            }
        ],
    )
    whole = json.dumps({"revision": 0, "marks": outside, "key_images": []})
    for number in ("NaN", "Infinity", "-Infinity"):
        status, told = await put(expert, pictured, whole.replace("16.1", number).encode())
        assert (status, told["errors"][0]["field"]) == (422, "marks.0.points.0.0")
    many = [mark(image_id, "freehand", points=[[1, 1]] * 100_000)]
    status, told = await put(expert, pictured, {"revision": 0, "marks": many, "key_images": []})
    assert (status, told["errors"][0]["field"]) == (422, "marks.0.points")
    assert (await put(expert, pictured, {"revision": -1, "marks": []}))[0] == 422
    status, told = await put(expert, pictured, b"[" * 1_100_000)
    assert (status, told["code"]) == (422, "body-too-large")
    _, found = await expert.get(f"/api/cases/{pictured.id}/marks")
    assert [(each["revision"], each["marks"]) for each in found["sheets"]] == [(0, [])]


async def test_the_server_counts_the_stored_pixels(
    house: ImageHouse, pictured: Case, expert: Visitor
) -> None:
    image_id = image_ids(house, pictured)[0]
    place = f"/api/cases/{pictured.id}/marks/statistics"
    asked = {"image_id": image_id, "frame": 1, "tool": "rectangle", "points": [[3, 4], [9, 11]]}
    status, told = await expert.send(place, asked)
    values = np.arange(256).reshape(16, 16)[4:11, 3:9]
    assert status == 200, told
    assert (told["mean"], told["std"]) == (values.mean(), pytest.approx(values.std()))
    assert (told["min"], told["max"], told["pixels"]) == (values.min(), values.max(), 42)
    assert (told["area_mm2"], told["channel"]) == (None, "grey")
    for changes, field, code in (
        ({"tool": "length"}, "tool", "mark-no-area"),
        ({"frame": 2}, "frame", "mark-frame"),
        ({"image_id": "0" * 32}, "image_id", "mark-image"),
        ({"points": [[3.6, 4.6], [4.4, 5.4]]}, "points", "mark-no-pixels"),
    ):
        status, told = await expert.send(place, asked | changes)
        assert status == 422
        assert [(each["field"], each["code"]) for each in told["errors"]] == [(field, code)]


async def test_the_paper_shows_exactly_the_key_images_with_their_marks(
    house: ImageHouse, pictured: Case, expert: Visitor
) -> None:
    await write_by_door(house, pictured, expert)
    ids = image_ids(house, pictured)
    marks = [
        mark(ids[0], "polygon", points=_TRIANGLE, lesion="hard_exudate"),
        mark(ids[0], "length", number=2, points=[[1, 1], [4, 5]], label="距黄斑"),
        mark(ids[1], "point", number=3, points=[[4, 4]]),
    ]
    body = {"revision": 0, "marks": marks, "key_images": [ids[0]]}
    assert (await put(expert, pictured, body))[0] == 200
    _, shown = await expert.get(f"/api/cases/{pictured.id}/report/preview")
    assert {"label": "图像标注", "text": "3"} in shown["lines"]
    report = await _sign(pictured, expert)

    _, page = await expert.page(f"/reports/{report}")
    assert page.count('<svg class="paper-key"') == 1
    assert 'viewBox="0 0 16 16"' in page
    assert "1 硬性渗出" in page
    assert "2 距黄斑 5.0 像素" in page
    assert "#ffd43b" in page
    await until(lambda: _is_made(house, report), seconds=180)
    async with expert.raw.get(f"/reports/{report}/paper.pdf") as paper:
        pdf = await paper.read()
    assert _coloured(pdf) > 200, "the polygon's yellow stands on the sheet"
    status, _ = await put(expert, pictured, body | {"revision": 1})
    assert status == 409


async def test_each_marked_frame_of_a_stack_stands_on_the_paper(
    house: ImageHouse, stacked: Case, expert: Visitor
) -> None:
    await write_by_door(house, stacked, expert)
    image_id = image_ids(house, stacked)[0]
    square = [[2, 2], [13, 13]]
    marks = [
        mark(image_id, points=square, frame=3, lesion="drusen"),
        mark(image_id, points=square, number=2, frame=2),
    ]
    body = {"revision": 0, "marks": marks, "key_images": [image_id]}
    assert (await put(expert, stacked, body))[0] == 200
    place = f"/api/cases/{stacked.id}/marks/statistics"
    asked = {"image_id": image_id, "frame": 2, "tool": "rectangle", "points": square}
    status, told = await expert.send(place, asked)
    assert (status, told["mean"]) == (200, 120)
    report = await _sign(stacked, expert)

    _, page = await expert.page(f"/reports/{report}")
    assert page.count('<svg class="paper-key"') == 2
    sources = re.findall(r'<image href="([^"]+)"', page)
    assert [re.search(r"/frames/(\d)/", each)[1] for each in sources] == ["2", "3"]
    for source in sources:
        status, picture = await expert.picture(source.replace("&amp;", "&"))
        assert (status, picture[:2]) == (200, b"\xff\xd8")
    await until(lambda: _is_made(house, report), seconds=180)
    async with expert.raw.get(f"/reports/{report}/paper.pdf") as paper:
        pdf = await paper.read()
    assert _listed(pdf).count("jpeg") == 2


async def _sign(case: Case, expert: Visitor) -> str:
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    signed = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, answer = await expert.send(f"/api/cases/{case.id}/report/sign", signed)
    assert status == 200, answer
    return str(answer["report_id"])


def _is_made(house: ImageHouse, report: str) -> bool:
    return any(
        line.kind == "report.paper_made" and line.object_id == report
        for line in house.clinic.lines()
    )


def _listed(pdf: bytes) -> str:
    """The pictures in a PDF (poppler)."""
    asked = ["pdfimages", "-list", "-"]
    return subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout.decode()


def _coloured(pdf: bytes) -> int:
    """How many points of the sheets are as yellow as the mark (poppler)."""
    asked = ["pdftoppm", "-r", "72", "-png", "-f", "1", "-l", "1", "-"]
    drawn = subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout
    pixels = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)
    return int(((pixels[..., 0] > 200) & (pixels[..., 1] > 150) & (pixels[..., 2] < 130)).sum())
