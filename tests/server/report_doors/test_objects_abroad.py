"""What a report left in a study reaches strangers by the DICOM network, and they can read it."""

import io
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.blobs.store import BlobRef
from tests.makers.cases import citizen_number
from tests.makers.dicom_house import (
    LISTENER,
    DicomHouse,
    keys,
    listening,
    open_dicom_house,
    run_tool,
)
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.marks import mark
from tests.makers.one_study import OneStudy, submit_one_study
from tests.makers.report_objects import passes_dcmpschk
from tests.makers.visitor import Visitor
from tests.server.report_doors.test_objects import (
    Left,
    image_ids,
    sign_marked,
    what_is_left,
)

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
_KINDS = ["measured", "paper", "presented", "selected"]
_BENT = [number * number * 65535 // 255**2 for number in range(256)] * 4
_DICOM = b"DICM"


class Bent(OneStudy):
    """Pictures with a look-up table of their own, too long to stand in what is kept of a header."""

    def _save(self, plain: bytes) -> BlobRef:
        return super()._save(_with_table(plain) if plain[128:132] == _DICOM else plain)


def _with_table(plain: bytes) -> bytes:
    picture, table = dcmread(io.BytesIO(plain)), Dataset()
    table.add_new("LUTDescriptor", "US", [len(_BENT), 0, 16])
    table.add_new("LUTData", "OW", b"".join(each.to_bytes(2, "little") for each in _BENT))
    picture.VOILUTSequence = [table]
    stored = io.BytesIO()
    picture.save_as(stored)
    return stored.getvalue()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomHouse]:
    """A house whose DICOM door is open."""
    with open_dicom_house(tmp_path_factory.mktemp("abroad") / "house") as opened:
        yield opened


@pytest.fixture(scope="module")
def house(door: DicomHouse) -> ImageHouse:
    """The same house, in which reports are signed."""
    return door.images


@dataclass(frozen=True)
class Filed:
    """A signed report, what it left by the web, and the PDF that its page gives."""

    study: str
    left: Left
    pdf: bytes

    def uid(self, kind: str) -> str:
        """The SOP Instance UID of what it left of this kind."""
        return str(self.left.objects[kind].SOPInstanceUID)


@pytest.fixture(scope="module")
async def filed(house: ImageHouse) -> AsyncIterator[Filed]:
    """A report with marks and a key image, and all that it left."""
    document_number = citizen_number(298, birth="19580507")
    case = submit_one_study(house, document_number=document_number, room=Bent)
    first, *_ = image_ids(house, case)
    marks = [mark(first, "polygon", points=[[2, 2], [13.5, 3], [6, 14]], lesion="hard_exudate")]
    async with Visitor(house.house.base) as expert, Visitor(house.house.base) as physician:
        await expert.sign_in("li", PASSWORD)
        await physician.sign_in("chen", PASSWORD)
        report = await sign_marked(house, case, expert, marks=marks, key_images=[first])
        left = await what_is_left(house, physician, case, report, kinds=_KINDS)
        async with physician.raw.get(f"/reports/{report}/paper.pdf?lang=zh-Hans") as answer:
            assert answer.status == 200
            yield Filed(str(left.objects["paper"].StudyInstanceUID), left, await answer.read())


@pytest.mark.parametrize("kind", _KINDS)
async def test_an_archive_gets_each_object_as_it_is_kept(
    door: DicomHouse, filed: Filed, tmp_path: Path, kind: str
) -> None:
    said = await door.call("getscu", "-S", "-od", str(tmp_path), *_asked(filed, kind))
    assert "Completed Suboperations : 1" in said.text, said.text
    _is_the_same(_one_in(tmp_path), filed, kind)


@pytest.mark.parametrize("kind", _KINDS)
async def test_an_archive_has_each_object_sent_to_another_machine(
    door: DicomHouse, filed: Filed, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "there"
    async with listening(door.listener_port, folder):
        said = await door.call("movescu", "-S", "-aem", LISTENER, *_asked(filed, kind))
    assert "Final Move Response (Success)" in said.text, said.text
    _is_the_same(_one_in(folder), filed, kind)


async def test_the_whole_study_comes_with_the_report_in_it(
    door: DicomHouse, filed: Filed, tmp_path: Path
) -> None:
    wanted = keys("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={filed.study}")
    said = await door.call("getscu", "-S", "-od", str(tmp_path), *wanted)
    assert "Failed Suboperations    : 0" in said.text, said.text
    found = [str(dcmread(path).SOPInstanceUID) for path in _files_in(tmp_path)]
    assert len(found) == 8, "four pictures and four objects"
    assert set(found) > {filed.uid(kind) for kind in _KINDS}


async def test_strangers_read_what_they_were_sent(
    door: DicomHouse, filed: Filed, tmp_path: Path
) -> None:
    paths = await _all_of(door, filed, tmp_path)
    back = tmp_path / "back.pdf"
    assert (await run_tool("dcm2pdf", str(paths["paper"]), str(back))).code == 0
    assert back.read_bytes() == filed.pdf, "the PDF that was signed, byte for byte"
    for tool in ("dsrdump", "dsr2html"):
        told = await run_tool(tool, "+U8", str(paths["measured"]))
        assert (told.code, "硬性渗出" in told.text) == (0, True), told.text
        told = await run_tool(tool, "+U8", str(paths["selected"]))
        assert (told.code, "Of Interest" in told.text) == (0, True), told.text
    assert passes_dcmpschk(tmp_path / "state.dcm", paths["presented"].read_bytes())


async def test_a_presentation_state_has_the_look_up_table_of_its_picture(
    door: DicomHouse, filed: Filed, tmp_path: Path
) -> None:
    paths = await _all_of(door, filed, tmp_path)
    (shown,) = dcmread(paths["presented"]).SoftcopyVOILUTSequence
    (table,) = shown.VOILUTSequence
    assert list(table.LUTDescriptor) == [len(_BENT), 0, 16]
    entries = bytes(table.LUTData)
    assert [entries[at] | entries[at + 1] << 8 for at in range(0, len(entries), 2)] == _BENT


async def _all_of(door: DicomHouse, filed: Filed, folder: Path) -> Mapping[str, Path]:
    found = {}
    for kind in _KINDS:
        there = folder / kind
        there.mkdir()
        said = await door.call("getscu", "-S", "-od", str(there), *_asked(filed, kind))
        assert "Completed Suboperations : 1" in said.text, said.text
        found[kind] = _one_in(there)
    return found


def _asked(filed: Filed, kind: str) -> list[str]:
    wanted = (f"StudyInstanceUID={filed.study}", f"SOPInstanceUID={filed.uid(kind)}")
    return [*keys("QueryRetrieveLevel=IMAGE", *wanted)]


def _files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _one_in(folder: Path) -> Path:
    (path,) = _files_in(folder)
    return path


def _is_the_same(path: Path, filed: Filed, kind: str) -> None:
    """Every element that the web gives, whatever the file's own head says of how it came."""
    there, here = dcmread(path), filed.left.objects[kind]
    assert there == here
    assert len(there) == len(here)
