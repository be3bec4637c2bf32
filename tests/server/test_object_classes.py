"""Every class that an eye clinic stores is kept, listed with eye and type, shown or read."""

import asyncio
import secrets

import pytest

from consult.kernel.work import Role
from tests.makers.classes import ENCAPSULATED, HTML, IMAGES, PDF, ROOT, TEXTS, make_object
from tests.makers.dicomweb import Machine
from tests.makers.drafts import fresh_draft
from tests.makers.hostile import zip_of
from tests.makers.image_house import Sender
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = pytest.mark.server
NO_PICTURE = "Kept; it holds no picture (a report, a plan or a waveform)."
OTHER = ENCAPSULATED + ".html"


@pytest.fixture
def study() -> str:
    """A study that nobody has seen."""
    return f"2.25.{secrets.randbits(90)}"


@pytest.fixture
async def case_id(house: WorldHouse, study: str) -> str:
    """A case into which one object of each class was uploaded at once."""
    case = fresh_draft(house)
    files = [(tail, make_object(tail, study=study)) for tail in (*IMAGES, *TEXTS, ENCAPSULATED)]
    files.append((OTHER, make_object(ENCAPSULATED, study=study, inside=HTML)))
    async with physician(house) as sender:
        answer = await sender.upload(case, zip_of(*files), "day.zip")
    verdicts = {each["name"]: each["verdict"] for each in answer["files"]}
    assert verdicts == {
        name: "accepted" if name in IMAGES else "accepted-without-picture" for name, _ in files
    }
    return case


async def test_each_class_is_listed_and_shown_or_read(
    house: WorldHouse, machine: Machine, study: str, case_id: str
) -> None:
    async with physician(house) as visitor:
        shown = (await visitor.images(case_id))["images"]
        assert len(shown) == len(IMAGES) + len(TEXTS) + 2
        for image in shown:
            tail = image["file_name"]
            assert image["kind_text"]
            assert not image["kind_text"].startswith("1.2.840"), tail
            if tail in IMAGES:
                assert (image["has_picture"], image["eye"]) == (True, "right"), tail
                status, picture = await visitor.picture(image["preview_url"])
                assert (status, picture[:2]) == (200, b"\xff\xd8")
                continue
            assert image["remarks"] == [NO_PICTURE]
            await reads_as_text(visitor, image)
    listed = await found_by(machine, study)
    assert set(listed) == {*IMAGES, *TEXTS, ENCAPSULATED}
    assert {tail for tail, eye in listed.items() if eye} == set(IMAGES)


async def found_by(machine: Machine, study: str) -> dict[str, bool]:
    """The classes that a search tells of, and whether with the eye, once all are described."""
    async with asyncio.timeout(60):
        while True:
            answer = await asyncio.to_thread(
                machine.get, f"/instances?StudyInstanceUID={study}&includefield=all"
            )
            found = answer.json()
            if len(found) == len(IMAGES) + len(TEXTS) + 2:
                break
            await asyncio.sleep(0.2)
    return {
        each["00080016"]["Value"][0].removeprefix(ROOT): "Value" in each.get("00200062", {})
        for each in found
    }


async def reads_as_text(visitor: Sender, image: dict) -> None:
    """The words of the object stand on its page as text, and are no markup."""
    status, told = await visitor.get(f"/api{image['document_url']}")
    assert status == 200, told
    if image["file_name"] not in TEXTS:
        assert told["media_type"] == "application/pdf"
        assert told["is_pdf"] == (image["file_name"] == ENCAPSULATED)
        return
    words = TEXTS[image["file_name"]][1]
    assert any(words in says for _depth, _name, says in told["lines"]), told["lines"]
    status, page = await visitor.page(image["document_url"])
    assert status == 200
    assert "<script>alert" not in page
    assert "<b>here" not in page


async def test_a_file_inside_leaves_with_a_reason_and_is_never_active(
    house: WorldHouse, case_id: str
) -> None:
    async with physician(house) as visitor:
        shown = {each["file_name"]: each for each in (await visitor.images(case_id))["images"]}
        for name, wanted, kind in (
            (ENCAPSULATED, PDF, "application/pdf"),
            (OTHER, HTML, "application/octet-stream"),
        ):
            address = visitor.at(f"/api{shown[name]['document_url']}/file")
            async with visitor.raw.get(address) as refused:
                assert refused.status == 422
            async with visitor.raw.get(address, params={"reason": "archive"}) as answer:
                assert (answer.status, await answer.read()) == (200, wanted)
                assert answer.headers["Content-Type"] == kind
                assert answer.headers["Content-Disposition"].startswith("attachment;")
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


def physician(house: WorldHouse) -> Sender:
    """The browser of the centre's physician."""
    person = house.world.people[Side.HOME, Role.REQUESTING_PHYSICIAN]
    visitor = Sender(house.base, language="en")
    visitor.come_as(person.token, person.csrf)
    return visitor
