"""What was filed by its head is looked at behind the answer, and shown or marked as it proves."""

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

from consult.blobs.store import BlobRef
from consult.journal import service as journal
from consult.journal.model import Line
from consult.kernel.ids import InstanceId, InstitutionId, StudyId, new_id
from consult.kernel.work import Role
from consult.people.machines.model import Right
from consult.studies import receipt
from consult.studies.model import (
    NOBODY_YET,
    Captured,
    Description,
    Instance,
    Origin,
    Part,
    Uids,
)
from imaging.calm import MOST_TOGETHER
from server.intake.keystock import KeyStock
from server.intake.spool import Spool
from server.looks.together import grouped
from server.stream import gathered
from server.transactions import utc_now
from tests.makers.dicomweb import Machine, make_sample, open_machine, place_of, written
from tests.makers.image_house import until
from tests.makers.listener import Listener
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@pytest.fixture
def archive(house: WorldHouse) -> Machine:
    """A machine that may do everything at the doors of images."""
    return open_machine(house, *Right)


@pytest.fixture
def plain(real_files: Path) -> Dataset:
    """An object as most devices write theirs."""
    sample = make_sample(real_files)
    sample.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return sample


def _not_looked_at(house: WorldHouse) -> set[str]:
    found = house.world.now.system(receipt.list_not_looked_at, limit=50)
    return {each.uids.sop_instance_uid for each in found.values()}


async def test_an_ordinary_object_is_found_at_once_and_its_picture_made_soon(
    house: WorldHouse, archive: Machine, plain: Dataset
) -> None:
    assert archive.store(written(plain)).status_code == 200
    found = archive.get(f"/studies?StudyInstanceUID={plain.StudyInstanceUID}").json()
    assert found[0]["00100010"]["Value"] == [
        {"Alphabetic": "Wang^XiaoDong", "Ideographic": "王^小东"}
    ]
    small = archive.get(f"{place_of(plain)}/thumbnail", accept="image/jpeg")
    assert (small.status_code, small.content[:2]) == (200, b"\xff\xd8")
    assert plain.SOPInstanceUID not in _not_looked_at(house)


async def test_a_damaged_picture_is_kept_and_marked_without_anybody_asking(
    house: WorldHouse, archive: Machine, real_files: Path
) -> None:
    damaged = dcmread(real_files / "dicom" / "jpeg-baseline" / "SC_rgb_jpeg_dcmtk.dcm")
    damaged.SOPInstanceUID = make_sample(real_files).SOPInstanceUID
    damaged.file_meta.MediaStorageSOPInstanceUID = damaged.SOPInstanceUID
    damaged.PixelData = encapsulate([b"\xff\xd8 nothing of a picture \xff\xd9"])
    assert archive.store(written(damaged)).status_code == 200
    await until(lambda: damaged.SOPInstanceUID not in _not_looked_at(house))
    assert archive.get(f"{place_of(damaged)}/thumbnail", accept="image/jpeg").status_code == 406
    syntax = 'application/dicom; transfer-syntax="*"'
    assert archive.get(place_of(damaged), accept=syntax).content == written(damaged)
    now = house.world.now
    lines = now.units.read(lambda session: journal.lines_after(session, 0, limit=5000)).result()
    looked = [line.codes["no_picture"] for line in lines if line.kind == "image.looked_at"]
    assert "undecodable" in looked


def test_keys_are_announced_many_at_a_time_and_forgotten_when_all_are_settled(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path / "spool")
    stock = KeyStock(spool)
    first = stock.take("home")
    (ledger,) = spool.list_ledgers()
    announced = spool.noted_keys(ledger)
    assert first in announced
    others = [stock.take("home") for _ in range(len(announced) - 1)]
    assert sorted([first, *others]) == sorted(announced)
    assert stock.settle(others) == []
    assert stock.settle([first]) == [ledger]
    stock.forget([ledger])
    assert spool.list_ledgers() == []


def test_what_a_dead_process_had_taken_is_still_announced(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    taken = KeyStock(spool).take("home")
    (ledger,) = spool.list_ledgers()
    assert taken in spool.noted_keys(ledger)
    stock = KeyStock(spool)
    stock.take("home")
    stock.close()
    assert ledger in spool.list_ledgers()


async def test_each_of_many_gets_its_own_picture_though_they_are_looked_at_together(
    house: WorldHouse, archive: Machine, real_files: Path
) -> None:
    shades = [_shade(real_files, grey) for grey in (0, 60, 120, 180, 240)]
    odd = _shade(real_files, 30)
    odd.Rows, odd.Columns = 1, 2
    assert archive.store(*map(written, [*shades[:2], odd, *shades[2:]])).status_code == 200
    names = {each.SOPInstanceUID for each in [*shades, odd]}
    await until(lambda: not names & _not_looked_at(house))
    seen = [archive.get(f"{place_of(each)}/thumbnail", accept="image/jpeg") for each in shades]
    greys = [Image.open(io.BytesIO(each.content)).getpixel((5, 5)) for each in seen]
    assert greys == pytest.approx([0, 60, 120, 180, 240], abs=2)


def test_only_calm_objects_of_one_institution_are_looked_at_together() -> None:
    one, other = InstitutionId("1" * 26), InstitutionId("2" * 26)
    native, jpeg = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"
    coded = _stored(one, jpeg)
    large = _stored(one, native, size_bytes=3 << 20)
    ours = [_stored(one, native) for _ in range(MOST_TOGETHER + 2)]
    theirs = [_stored(other, native) for _ in range(3)]
    heavy = [_stored(other, native, size_bytes=2 << 20) for _ in range(4)]
    found = list(grouped([coded, *ours[:4], *theirs, large, *ours[4:], *heavy]))
    assert [coded] in found
    assert [large] in found
    assert ours[:MOST_TOGETHER] in found
    assert ours[MOST_TOGETHER:] in found
    assert [*theirs, *heavy[:3]] in found
    assert [heavy[3]] in found
    assert all(len({each.institution_id for each in some}) == 1 for some in found)


def _shade(real_files: Path, grey: int) -> Dataset:
    made = make_sample(real_files)
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    for keyword in ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept"):
        if keyword in made:
            delattr(made, keyword)
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.Rows = made.Columns = 16
    made.PixelData = bytes([grey]) * 256
    return made


def _stored(institution_id: InstitutionId, syntax: str, *, size_bytes: int = 1000) -> Instance:
    described = Description(Origin.DICOM, "1.2", syntax, "OT", 1, 1, 1, Captured())
    blob = BlobRef(f"{institution_id}/x", size_bytes, "", b"")
    return Instance(
        id=InstanceId(new_id()),
        institution_id=institution_id,
        patient_id=NOBODY_YET,
        study_id=StudyId("s"),
        uids=Uids("1", "2", "3"),
        source_sha256="",
        description=described,
        blobs={Part.ORIGINAL: blob},
        received_at=utc_now(),
    )


async def test_pages_hear_of_what_came_and_of_its_picture_where_its_study_is_seen(
    house: WorldHouse, archive: Machine, plain: Dataset
) -> None:
    near = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    far = house.world.person(Side.AWAY, Role.REQUESTING_PHYSICIAN)
    async with Listener(house.base, near) as one, Listener(house.base, far) as other:
        stored = await asyncio.to_thread(archive.store, written(plain))
        assert stored.status_code == 200
        await until(lambda: plain.SOPInstanceUID not in _not_looked_at(house))
        kinds = {"image.stored", "image.looked_at"}
        await until(lambda: kinds <= {each.data.get("kind") for each in one.heard})
        assert not kinds & {each.data.get("kind") for each in other.heard}
    async with house.visitor(near) as visitor:
        _status, page = await visitor.page("/received")
    assert 'id="received" data-controller="live"' in page


def _line(position: int, kind: str, study: str, case_id: str | None = None) -> Line:
    return Line(
        position=position,
        hash="",
        kind=kind,
        object_type="instance",
        object_id=f"i{position}",
        at=datetime(2026, 4, 1, tzinfo=UTC),
        practitioner_id=None,
        institution_id=None,
        session_id=None,
        case_id=case_id,
        patient_id=None,
        reason=None,
        codes={"study": study},
        words_hash=None,
    )


def test_of_many_objects_of_one_study_the_last_is_told() -> None:
    lines = [_line(number, "image.stored", "a") for number in range(1, 400)]
    lines += [_line(400, "image.stored", "b"), _line(401, "image.looked_at", "a")]
    lines += [_line(402, "image.stored", "a", "case"), _line(403, "image.stored", "a", "case")]
    assert [line.position for line in gathered(lines)] == [399, 400, 401, 402, 403]
