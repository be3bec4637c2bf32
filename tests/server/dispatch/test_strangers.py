"""A signed report arrives by itself at strangers: Orthanc by both ways, and storescp of dcmtk."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO

from consult.reports.destinations.model import Destination, DispatchWay
from consult.reports.dispatches.model import DispatchState
from tests.makers.databases import free_port
from tests.makers.dicom_house import listening
from tests.makers.image_house import PASSWORD
from tests.makers.orthanc import TITLE, Orthanc, open_orthanc
from tests.makers.report_objects import errors_of
from tests.makers.sending import SendingHouse
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
PDF, SR = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.88.33"


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """Another archive of the hospital."""
    with open_orthanc(tmp_path_factory.mktemp("neighbour") / "orthanc") as opened:
        yield opened


def to_orthanc(house: SendingHouse, orthanc: Orthanc, way: DispatchWay) -> Destination:
    """Have reports sent there."""
    if way is DispatchWay.STOW:
        return house.send_to(way, url=orthanc.dicomweb)
    return house.send_to(way, called=TITLE, host="127.0.0.1", port=orthanc.dicom_port)


def held_in(orthanc: Orthanc, study_uid: str) -> Mapping[str, Dataset]:
    """What Orthanc holds of a study, by SOP class."""
    found = orthanc.ask("POST", "/tools/lookup", study_uid.encode())
    studies = [each["ID"] for each in found if each["Type"] == "Study"]
    assert len(studies) == 1, found
    told = orthanc.ask("GET", f"/studies/{studies[0]}/instances")
    files = [orthanc.fetch(f"/instances/{each['ID']}/file") for each in told]
    objects = [dcmread(DicomBytesIO(file)) for file in files]
    assert {str(each.StudyInstanceUID) for each in objects} == {study_uid}
    assert len({each.SOPClassUID for each in objects}) == len(objects)
    return {str(each.SOPClassUID): each for each in objects}


async def paper_of(house: SendingHouse, report: str) -> bytes:
    """The sealed PDF, as the requesting physician takes it."""
    async with Visitor(house.images.house.base) as physician:
        await physician.sign_in("chen", PASSWORD)
        async with physician.raw.get(f"/reports/{report}/paper.pdf?lang=zh-Hans") as answer:
            assert answer.status == 200
            return await answer.read()


def inner_pdf(made: Dataset) -> bytes:
    return bytes(made.EncapsulatedDocument[: made.EncapsulatedDocumentLength])


@pytest.mark.parametrize("way", list(DispatchWay))
async def test_orthanc_holds_the_report_in_its_study_and_gives_the_same_pdf_back(
    house: SendingHouse, orthanc: Orthanc, way: DispatchWay
) -> None:
    destination = to_orthanc(house, orthanc, way)
    case, report = await house.sign()
    (sent,) = await house.until_state(destination, DispatchState.SENT)

    held = held_in(orthanc, sent.study_uid)
    assert set(held) == {PDF, SR}
    assert inner_pdf(held[PDF]) == await paper_of(house, report)
    lines = [each for each in house.images.clinic.lines() if each.kind == "report.sent_out"]
    told = [(each.case_id, each.codes["destination"]) for each in lines]
    assert (case.id, destination.id) in told
    assert house.line(destination).line.sent_at is not None


async def test_what_is_sent_twice_is_held_once(house: SendingHouse, orthanc: Orthanc) -> None:
    first = to_orthanc(house, orthanc, DispatchWay.STOW)
    second = to_orthanc(house, orthanc, DispatchWay.STORE)
    await house.sign()
    (by_web,) = await house.until_state(first, DispatchState.SENT)
    (by_network,) = await house.until_state(second, DispatchState.SENT)
    assert by_web.study_uid == by_network.study_uid
    assert set(held_in(orthanc, by_web.study_uid)) == {PDF, SR}


async def test_a_report_waits_for_an_archive_that_is_away_and_arrives_by_itself(
    house: SendingHouse, tmp_path: Path
) -> None:
    port = free_port()
    destination = house.send_to(DispatchWay.STORE, called="LISTENER", host="127.0.0.1", port=port)
    await house.sign()
    waiting = await house.until_failed(destination, tries=2)
    assert (waiting.state, waiting.failure) == (DispatchState.WAITING, "peer-absent")
    assert house.line(destination).line.failing_since is not None
    async with house.browser() as admin:
        _, page = await admin.page(f"/admin/destinations/{destination.id}")
        assert "该地址无应答" in page
        _, overview = await admin.page("/admin")
        assert f"报告未能送达：{destination.name}" in overview

    async with listening(port, tmp_path / "kept"):
        (sent,) = await house.until_state(destination, DispatchState.SENT)
    kept = [dcmread(path) for path in (tmp_path / "kept").iterdir()]
    assert {str(each.SOPClassUID) for each in kept} == {PDF, SR}
    assert {str(each.StudyInstanceUID) for each in kept} == {sent.study_uid}
    assert house.line(destination).line.failing_since is None


@pytest.mark.parametrize(
    ("flag", "failure"),
    [("--refuse", "peer-refuses"), ("--abort-after", "peer-gone"), ("--abort-during", "peer-gone")],
)
async def test_nothing_is_lost_with_an_archive_that_refuses_or_breaks_off(
    house: SendingHouse, tmp_path: Path, flag: str, failure: str
) -> None:
    port = free_port()
    destination = house.send_to(DispatchWay.STORE, called="LISTENER", host="127.0.0.1", port=port)
    async with listening(port, tmp_path / "broken", flag):
        await house.sign()
        waiting = await house.until_failed(destination, tries=2)
        assert (waiting.state, waiting.failure) == (DispatchState.WAITING, failure)
        assert len(waiting.waiting) == 2
    async with listening(port, tmp_path / "kept"):
        await house.until_state(destination, DispatchState.SENT)
    assert len(list((tmp_path / "kept").iterdir())) == 2


async def test_an_archive_that_takes_implicit_objects_alone_gets_them_so(
    house: SendingHouse, tmp_path: Path
) -> None:
    port, kept = free_port(), tmp_path / "kept"
    destination = house.send_to(DispatchWay.STORE, called="LISTENER", host="127.0.0.1", port=port)
    async with listening(port, kept, "+xi"):
        _, report = await house.sign_marked()
        await house.until_state(destination, DispatchState.SENT)
    held = {str(each.SOPClassUID): each for each in map(dcmread, kept.iterdir())}
    assert len(held) == 4
    assert {each.file_meta.TransferSyntaxUID for each in held.values()} == {"1.2.840.10008.1.2"}
    assert inner_pdf(held[PDF]) == await paper_of(house, report)
    for made in kept.iterdir():
        assert errors_of(tmp_path / "checked.dcm", made.read_bytes()) == []


async def test_a_house_killed_in_the_middle_sends_again_and_the_archive_holds_it_once(
    house: SendingHouse, tmp_path: Path
) -> None:
    port, kept = free_port(), tmp_path / "kept"
    destination = house.send_to(DispatchWay.STORE, called="LISTENER", host="127.0.0.1", port=port)
    case = house.submit()
    async with listening(port, kept, "--sleep-after", "3"):
        await house.sign(case)
        await house.until_begun(kept)
        house.images.house.kill()
        house.images.house.start_again()
        await house.until_state(destination, DispatchState.SENT)
    held = [dcmread(path) for path in kept.iterdir()]
    assert sorted(str(each.SOPClassUID) for each in held) == sorted([PDF, SR])
