"""Hostile files get a plain sentence; one bad file of an archive loses nothing else."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers import bombs
from tests.makers.hostile import (
    cut_short,
    deep_sequences,
    deflate_bomb,
    encrypted_zip,
    many_elements,
    overlapping_zip,
    polyglot,
    rle_giant,
    two_billion_frames,
    zip_bomb,
    zip_of,
)
from tests.makers.image_house import ImageHouse, Sender, open_image_house, until
from tests.makers.pictures import make_jpeg, make_png_bomb

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("hostile") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse) -> Any:
    """The physician of the centre, reading English."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive()


HOSTILE = {
    "deflate bomb": (deflate_bomb, "rejected"),
    "giant RLE": (rle_giant, "accepted-without-picture"),
    "two billion frames": (two_billion_frames, "accepted-without-picture"),
    "500 levels deep": (deep_sequences, "rejected"),
    "60,000 elements": (many_elements, "rejected"),
    "cut short": (cut_short, "rejected"),
    "ZIP bomb": (zip_bomb, "rejected"),
    "overlapping ZIP": (overlapping_zip, "rejected"),
    "encrypted ZIP": (encrypted_zip, "rejected"),
    "PNG bomb": (make_png_bomb, "rejected"),
    "program with a picture's tail": (polyglot, "accepted"),
    "page": (lambda: b"<html><script>alert(1)</script></html>", "rejected"),
    "nested ZIP": (lambda: zip_of(("inner.zip", zip_of(("a.jpg", make_jpeg())))), "rejected"),
}


@pytest.mark.parametrize("what", list(HOSTILE))
async def test_a_hostile_file_gets_a_plain_sentence_and_a_refused_one_leaves_nothing(
    house: ImageHouse, sender: Sender, what: str
) -> None:
    make, verdict = HOSTILE[what]
    case, blobs = house.draft(), house.blobs()
    result = await sender.upload(case.id, make(), "holiday.jpg")
    (answer,) = result["files"]
    assert answer["verdict"] == verdict, answer
    shown = await sender.images(case.id)
    if verdict == "rejected":
        assert answer["sentence"]
        assert "…" not in answer["sentence"]
        assert not any(word in answer["sentence"] for word in ("Error", "Traceback", "/", "None"))
        assert shown["images"] == []
    else:
        chosen = {"image_ids": [shown["images"][0]["id"]]}
        assert (await sender.send(f"/api/cases/{case.id}/images/remove", chosen))[0] == 200
    await until(lambda: house.blobs() == blobs)
    await _nothing_left(house, result["url"])
    assert "Traceback" not in house.house.log()


async def test_one_bad_file_of_an_archive_loses_nothing_else(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    case = house.draft()
    fundus = (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()
    ct = (real_files / "dicom" / "implicit-vr-le" / "CTImage.dcm").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("OD/右眼.jpg", fundus + b"zip")
        archive.writestr("scan.dcm", ct)
        archive.writestr("cut.dcm", cut_short())
        archive.writestr("notes.txt", "not a picture")
        archive.writestr("../../evil.jpg", make_jpeg() + b"zip")
    result = await sender.upload(case.id, packed.getvalue(), "morning.zip")
    assert {each["name"]: each["verdict"] for each in result["files"]} == {
        "OD/右眼.jpg": "accepted",
        "scan.dcm": "accepted",
        "cut.dcm": "rejected",
        "notes.txt": "rejected",
        "../../evil.jpg": "accepted-retake",
    }
    shown = await sender.images(case.id)
    assert len(shown["images"]) == 3
    named = {image["file_name"]: image for image in shown["images"]}
    assert named["OD/右眼.jpg"]["eye"] == "right"
    again = await sender.upload(case.id, packed.getvalue(), "morning.zip")
    assert len((await sender.images(case.id))["images"]) == 3
    assert sum(each["verdict"].startswith("accepted") for each in again["files"]) == 3
    empty = await sender.upload(case.id, zip_of(), "empty.zip")
    assert empty["files"][0]["sentence"] == "The ZIP archive holds no files."


async def test_an_archive_buys_no_more_than_three_decoders(
    house: ImageHouse, sender: Sender
) -> None:
    killer, case = bombs.DICOM_BOMBS["JPEG-LS of 65,535 squared"](), house.draft()
    packed = zip_of(*((f"{n}.dcm", bombs.numbered(killer, 900 + n)) for n in range(5)))
    told = (await sender.upload(case.id, packed, "killers.zip"))["files"]
    verdicts = [each["verdict"] for each in sorted(told, key=lambda each: each["name"])]
    assert verdicts == ["accepted-without-picture"] * 3 + ["rejected"] * 2
    left = [each["sentence"] for each in told if each["verdict"] == "rejected"]
    assert all(each.startswith("Not looked at, since three files") for each in left)


async def _nothing_left(house: ImageHouse, url: str) -> None:
    """The spool forgets an upload and its notes."""
    upload_id = url.rsplit("/", 1)[-1]
    await until(lambda: not any(name.startswith(upload_id) for name in house.spooled()))
