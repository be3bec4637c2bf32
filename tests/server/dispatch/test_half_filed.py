"""Of a report of which not every object can be made, what was made is sent nonetheless."""

import io

import pytest
from pydicom import dcmread

from consult.blobs.store import BlobRef
from consult.cases.images import service as images
from consult.reports.destinations.model import DispatchWay
from consult.reports.dispatches.model import DispatchState
from consult.reports.objects.model import ObjectKind
from tests.makers.cases import citizen_number
from tests.makers.marks import mark
from tests.makers.one_study import OneStudy, submit_one_study
from tests.makers.sending import SendingHouse
from tests.makers.signing import sign_marked
from tests.makers.web_archive import open_archive

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
_DICOM = b"DICM"


class Coloured(OneStudy):
    """Colour pictures with a profile that is too long to stand in what is kept of a header."""

    def _save(self, plain: bytes) -> BlobRef:
        return super()._save(_in_colour(plain) if plain[128:132] == _DICOM else plain)


def _in_colour(plain: bytes) -> bytes:
    picture = dcmread(io.BytesIO(plain))
    picture.SamplesPerPixel, picture.PlanarConfiguration = 3, 0
    picture.PhotometricInterpretation = "RGB"
    picture.PixelData = bytes(each for pixel in picture.PixelData for each in (pixel,) * 3)
    picture.ICCProfile = bytes(4096)
    stored = io.BytesIO()
    picture.save_as(stored)
    return stored.getvalue()


async def test_the_paper_and_the_numbers_go_though_the_marks_have_no_picture_any_more(
    house: SendingHouse,
) -> None:
    number = citizen_number(298, birth="19580507")
    case = submit_one_study(house.images, document_number=number, room=Coloured)
    await house.until_done()
    clinic, world = house.images.clinic, house.images.world
    first, *_ = clinic.do(world.expert, images.list_case_images, case_id=case.id)
    marks = [mark(first.id, "arrow", points=[[2, 2], [13.5, 3]])]
    async with open_archive() as archive, house.browser("li") as expert:
        destination = house.send_to(DispatchWay.STOW, url=archive.url)
        name = first.instance.original.key.rpartition("/")[2]
        (stored,) = (house.images.house.data_dir / "blobs").rglob(name)
        stored.write_bytes(b"damaged")
        report = await sign_marked(house.images, case, expert, marks=marks)
        (sent,) = await house.until_state(destination, DispatchState.SENT)
        assert {each.kind for each in sent.objects} == {ObjectKind.PAPER, ObjectKind.MEASURED}
        assert len(archive.kept) == 2
    await house.until_done()
    lines = [each for each in clinic.lines() if each.object_id == report]
    skipped = [each for each in lines if each.kind == "report.objects_skipped"]
    assert [each.codes["failure"] for each in skipped] == ["pictures-unreadable"]
