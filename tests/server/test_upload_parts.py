"""Uploads that hold more than one picture: a TIFF of many pages, a disc with its DICOMDIR."""

from collections import Counter
from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.makers.dicomweb import make_sample, written
from tests.makers.directories import make_directory
from tests.makers.drafts import fresh_draft
from tests.makers.hostile import zip_of
from tests.makers.image_house import Sender
from tests.makers.pictures import make_pixels
from tests.makers.tiffs import make_tiff
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = pytest.mark.server


@pytest.fixture
def fresh_case(house: WorldHouse) -> str:
    """A new draft of a new patient."""
    return fresh_draft(house)


def sender_of(house: WorldHouse) -> Sender:
    person = house.world.people[Side.HOME, Role.REQUESTING_PHYSICIAN]
    sender = Sender(house.base, language="en")
    sender.come_as(person.token, person.csrf)
    return sender


async def test_each_page_of_a_tiff_is_a_picture(house: WorldHouse, fresh_case: str) -> None:
    pixels = make_pixels()
    pages = make_tiff(pixels, pixels[::-1], pixels[:, ::-1], t305=(2, b"camera of this test\0"))
    async with sender_of(house) as sender:
        answer = await sender.upload(fresh_case, pages, "OS_mac.tif")
        assert all(each["verdict"].startswith("accepted") for each in answer["files"])
        assert len(answer["files"]) == 3
        assert [each["name"] for each in answer["files"]] == [
            f"OS_mac.tif #{number}" for number in (1, 2, 3)
        ]
        again = await sender.upload(fresh_case, pages, "OS_mac.tif")
        assert [each["sentence"] for each in again["files"]] == ["Already here."] * 3
        shown = await sender.images(fresh_case)
    assert [image["eye"] for image in shown["images"]] == ["left"] * 3


async def test_a_disc_in_an_archive_names_what_it_lacks(
    house: WorldHouse, real_files: Path, fresh_case: str
) -> None:
    first, second = make_sample(real_files), make_sample(real_files)
    directory = make_directory(
        (["IMG", "I1"], first.SOPInstanceUID),
        (["IMG", "I9"], "2.25.9"),
        (["..", "secret"], "2.25.8"),
    )
    disc = zip_of(
        ("CD/DICOMDIR", directory),
        ("CD/img/i1", written(first)),
        ("CD/stray", written(second)),
        ("CD/README.TXT", b"Thank you for your visit"),
    )
    async with sender_of(house) as sender:
        answer = await sender.upload(fresh_case, disc, "cd.zip")
    told = {each["name"]: (each["verdict"], each["sentence"]) for each in answer["files"]}
    assert told["CD/img/i1"][0] == told["CD/stray"][0] == "accepted"
    assert told["CD/README.TXT"][0] == "rejected"
    verdict, sentence = told["CD/DICOMDIR"]
    assert verdict == "rejected"
    assert sentence.startswith("A DICOM directory of 3 files, 2 of which are not here.")
    assert told["IMG/I9"][1] == "Named by the DICOM directory, but not here."
    assert told["../secret"][1] == (
        "The DICOM directory names it outside its own folder. It was not looked for."
    )


async def test_a_dropped_folder_is_compared_with_what_came_of_it(
    house: WorldHouse, real_files: Path, fresh_case: str
) -> None:
    here, absent = make_sample(real_files), make_sample(real_files)
    whole = make_directory((["A", "1"], here.SOPInstanceUID))
    part = make_directory((["A", "1"], here.SOPInstanceUID), (["A", "2"], absent.SOPInstanceUID))
    async with sender_of(house) as sender:
        await sender.upload(fresh_case, written(here), "1")
        answer = await sender.upload(fresh_case, whole, "DICOMDIR")
        assert [each["verdict"] for each in answer["files"]] == ["accepted"]
        assert answer["files"][0]["sentence"] == ("A DICOM directory of 1 file; it is here.")
        answer = await sender.upload(fresh_case, part, "DICOMDIR")
    assert Counter(each["verdict"] for each in answer["files"]) == {"rejected": 2}
    assert answer["files"][1]["name"] == "A/2"
