"""The DICOM network as cameras and archives use it: dcmtk sends, asks and fetches."""

import asyncio
import json
import secrets
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from consult.journal import service as journal
from consult.studies.conflicts import list_received_conflicts
from consult.studies.finding.model import Level
from consult.studies.model import Uids
from consult.studies.quotas import service as quotas
from imaging.dimse import classes
from imaging.dimse.command import DATA_SET, Command, Field, Status, Tag
from imaging.dimse.errors import PeerGoneError
from imaging.dimse.identifier import Attributes, format_identifier, parse_identifier
from imaging.dimse.incoming import ObjectName
from imaging.dimse.reader import Piece
from imaging.dimse.sending import receive_command
from imaging.elements import BytesSource
from imaging.walk import read_file_meta
from tests.makers.dicom_house import (
    ARCHIVE,
    CAMERA,
    FOREIGN,
    LISTENER,
    READER,
    DicomHouse,
    keys,
    listening,
    open_dicom_house,
)
from tests.makers.image_house import Sender
from tests.makers.tiny_images import tiny_dicom

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
CT = "dicom/explicit-vr-le/CT_small.dcm"
RLE = "dicom/rle/SC_rgb_rle.dcm"
CT_STUDY = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"
CT_INSTANCE = "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomHouse]:
    """A server of this module's own."""
    with open_dicom_house(tmp_path_factory.mktemp("dicom") / "house") as opened:
        yield opened


@pytest.fixture
async def stored(door: DicomHouse, real_files: Path) -> str:
    """A study that the camera has sent; sending it again changes nothing."""
    sent = await door.call("storescu", "-R", file=str(real_files / CT))
    assert (sent.code, "Store Response (Success)" in sent.text) == (0, True), sent.text
    return CT_STUDY


async def test_a_machine_of_the_list_is_heard(door: DicomHouse) -> None:
    said = await door.call("echoscu")
    assert (said.code, "Echo Response (Success)" in said.text) == (0, True), said.text


@pytest.mark.parametrize(
    ("title", "called", "reason"),
    [
        ("SOMEBODY", "LIANZHEN", "Calling AE Title Not Recognized"),
        ("FARAWAY", "LIANZHEN", "Calling AE Title Not Recognized"),
        (CAMERA, "ORTHANC", "Called AE Title Not Recognized"),
    ],
    ids=["a title that nobody wrote down", "from another network", "not our name"],
)
async def test_a_stranger_is_refused(
    door: DicomHouse, title: str, called: str, reason: str
) -> None:
    said = await door.call("echoscu", title=title, called=called)
    assert said.code != 0
    assert reason in said.text


async def test_what_a_camera_sends_waits_for_a_person_with_its_way_in_the_journal(
    door: DicomHouse, stored: str
) -> None:
    ways = {
        (line.codes["source"], line.institution_id)
        for line in door.images.clinic.system(_stored_lines)
        if line.codes.get("way") == "dimse"
    }
    home, lead = door.images.world.physician.institution, door.images.world.expert.institution
    assert (f"{CAMERA} 127.0.0.1", home) in ways
    foreign = door.images.world.stranger.institution
    assert ways <= {
        (f"{title} 127.0.0.1", institution)
        for title, institution in ((CAMERA, home), (READER, lead), (FOREIGN, foreign))
    }
    async with Sender(door.images.house.base, language="en") as sender:
        await sender.arrive()
        _status, waiting = await sender.get("/api/received")
    assert [row["named_name"] for row in waiting["rows"] if row["accession"] == ""]
    assert stored


async def test_five_hundred_pictures_of_a_camera_are_five_hundred_here(
    door: DicomHouse, tmp_path: Path
) -> None:
    folder, study = tmp_path / "card", f"2.25.{secrets.randbits(90)}"
    folder.mkdir()
    for number in range(500):
        uids = Uids(study, f"{study}.1", f"{study}.1.{number}")
        picture = tiny_dicom(uids, name="", number="", laterality="R")
        (folder / f"{number:03}.dcm").write_bytes(picture)
    sent = await door.call("storescu", "-R", "+sd", file=str(folder))
    assert sent.code == 0, sent.text[-2000:]
    assert sent.text.count("Store Response (Success)") == 500
    said = await door.call(
        "findscu",
        "-S",
        *keys("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={study}"),
        *keys("NumberOfStudyRelatedInstances"),
    )
    assert "[500 ]" in said.text, said.text


async def test_a_physician_takes_a_study_into_the_case_in_the_banner(
    door: DicomHouse, real_files: Path
) -> None:
    sent = await door.call(
        "storescu", "-R", file=str(real_files / "dicom/explicit-vr-le/MR_small.dcm")
    )
    assert sent.code == 0, sent.text
    case = door.images.draft()
    async with Sender(door.images.house.base, language="en") as sender:
        await sender.arrive()
        _status, waiting = await sender.get("/api/received")
        mine = "1.3.6.1.4.1.5962.1.2.4.20040826185059.5457"
        row = next(row for row in waiting["rows"] if row["study_instance_uid"] == mine)
        status, moved = await sender.send(f"/api/cases/{case.id}/received", {"study_id": row["id"]})
        assert (status, moved["location"]) == (200, f"/cases/{case.id}")
        shown = await sender.images(case.id)
        assert len(shown["images"]) == row["count"]
        # the header names somebody else: that is asked, not guessed
        assert "CompressedSamples^MR1" in {question["named"] for question in shown["questions"]}
        _status, after = await sender.get("/api/received")
        assert row["id"] not in {each["id"] for each in after["rows"]}
        status, _again = await sender.send(
            f"/api/cases/{case.id}/received", {"study_id": row["id"]}
        )
        assert status == 409
    async with Sender(door.images.house.base, language="en") as other:
        await other.arrive("sun")
        status, theirs = await other.get("/api/received")
        assert status == 200
        assert mine not in {row["study_instance_uid"] for row in theirs["rows"]}


async def test_an_archive_finds_a_study_by_name_number_and_day(
    door: DicomHouse, stored: str
) -> None:
    for wanted in ("PatientName=compressed*", "PatientID=1CT1", "StudyDate=20040101-20041231"):
        said = await door.call(
            "findscu", "-S", *keys("QueryRetrieveLevel=STUDY", "StudyInstanceUID", wanted)
        )
        assert stored in said.text, (wanted, said.text)
    for unwanted in ("PatientName=nobody*", "PatientID=1CT", "StudyDate=20050101-"):
        said = await door.call(
            "findscu", "-S", *keys("QueryRetrieveLevel=STUDY", "StudyInstanceUID", unwanted)
        )
        assert stored not in said.text, unwanted
        assert "Final Find Response (Success)" in said.text


async def test_a_search_is_written_down_without_what_was_searched(
    door: DicomHouse, stored: str
) -> None:
    asked = keys("QueryRetrieveLevel=STUDY", "StudyInstanceUID", "PatientID=1CT1")
    assert stored in (await door.call("findscu", "-S", *asked)).text
    async with asyncio.timeout(60):
        while not (lines := door.images.clinic.system(_search_lines)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert {line.codes["level"] for line in lines} <= {*map(str.lower, Level), "worklist"}
    assert all("1CT1" not in str(line.codes) for line in lines)


@pytest.mark.parametrize(
    ("level", "key"),
    [("PATIENT", "PatientID"), ("SERIES", "SeriesInstanceUID"), ("IMAGE", "SOPInstanceUID")],
)
async def test_every_level_answers(door: DicomHouse, stored: str, level: str, key: str) -> None:
    model = "-P" if level == "PATIENT" else "-S"
    narrow = ["PatientID=1CT1"] if level == "PATIENT" else [f"StudyInstanceUID={stored}"]
    wanted = [] if level == "PATIENT" else [key]
    said = await door.call("findscu", model, *keys(f"QueryRetrieveLevel={level}", *narrow, *wanted))
    assert "(Pending)" in said.text, said.text
    if level == "IMAGE":
        assert CT_INSTANCE in said.text


async def test_a_question_without_a_level_is_refused(door: DicomHouse) -> None:
    said = await door.call("findscu", "-S", *keys("PatientName"))
    assert "DataSetDoesNotMatchSOPClass" in said.text.replace(" ", "")


async def test_a_foreign_institution_finds_fetches_and_keeps_nothing(
    door: DicomHouse, stored: str, tmp_path: Path
) -> None:
    said = await door.call(
        "findscu",
        "-S",
        *keys("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={stored}"),
        title=FOREIGN,
    )
    assert "Final Find Response (Success)" in said.text
    assert "Pending" not in said.text
    wanted = keys("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={stored}")
    await door.call("getscu", "-S", "-od", str(tmp_path), *wanted, title=FOREIGN)
    assert _files_in(tmp_path) == []
    said = await door.call("findscu", "-W", *keys("PatientName"), title=FOREIGN)
    assert "Pending" not in said.text
    event, told = await _commit(door, [(CT_CLASS, CT_INSTANCE)], title=FOREIGN)
    assert event == 2
    assert 0x00081199 not in told


async def test_an_archive_fetches_the_same_pixels(
    door: DicomHouse, stored: str, real_files: Path, tmp_path: Path
) -> None:
    wanted = _keys_of_image(stored)
    said = await door.call("getscu", "-S", "-od", str(tmp_path), *wanted)
    assert "Completed Suboperations : 1" in said.text, said.text
    _same_pixels(tmp_path, real_files / CT)


async def test_an_archive_has_objects_sent_to_a_third_machine(
    door: DicomHouse, stored: str, real_files: Path, tmp_path: Path
) -> None:
    wanted = _keys_of_image(stored)
    folder = tmp_path / "there"
    async with listening(door.listener_port, folder):
        said = await door.call("movescu", "-S", "-aem", LISTENER, *wanted)
    assert "Final Move Response (Success)" in said.text, said.text
    _same_pixels(folder, real_files / CT)
    # nobody listens there any more, and a machine that is not ours is no destination at all
    said = await door.call("movescu", "-S", "-aem", LISTENER, *wanted)
    assert "OutOfResourcesSubOperations" in said.text
    for title in (FOREIGN, "NOBODY"):
        said = await door.call("movescu", "-S", "-aem", title, *wanted)
        assert "MoveDestinationUnknown" in said.text.replace(" ", ""), said.text


async def test_a_compressed_object_is_decoded_for_whoever_takes_it_only_so(
    door: DicomHouse, real_files: Path, tmp_path: Path
) -> None:
    path = real_files / RLE
    header = dcmread(path, stop_before_pixels=True)
    assert await door.store(path, _name_of(path)) == Status.SUCCESS
    wanted = keys("QueryRetrieveLevel=STUDY", f"StudyInstanceUID={header.StudyInstanceUID}")
    said = await door.call("getscu", "-S", "-od", str(tmp_path), *wanted)
    assert "Failed Suboperations    : 0" in said.text, said.text
    got = [dcmread(each) for each in _files_in(tmp_path)]
    mine = next(each for each in got if each.SOPInstanceUID == header.SOPInstanceUID)
    assert (mine.pixel_array == dcmread(path).pixel_array).all()


async def test_a_camera_is_told_its_own_patients_in_right_characters(door: DicomHouse) -> None:
    door.images.draft(door.images.patient("欧阳娜娜"))
    for title, codec, term in ((CAMERA, "utf-8", "ISO_IR 192"), (ARCHIVE, "gb18030", "GB18030")):
        found = await _ask_worklist(door, title)
        names = [each[0x00100010] for each in found]
        assert any("欧阳" in str(name) for name in names), (codec, names)
        assert {each[0x00080005] for each in found} == {term}
        steps = [each[0x00400100] for each in found]
        assert all(step[0][0x00400001] == title for step in steps if not isinstance(step, str))


async def test_what_is_stored_is_committed_and_what_is_not_is_named(
    door: DicomHouse, stored: str
) -> None:
    assert stored
    event, told = await _commit(door, [(CT_CLASS, CT_INSTANCE)])
    assert event == 1
    assert told[0x00081199] == [{0x00081150: CT_CLASS, 0x00081155: CT_INSTANCE}]
    event, told = await _commit(door, [(CT_CLASS, CT_INSTANCE), (CT_CLASS, "1.2.3")])
    assert event == 2
    failed = told[0x00081198]
    assert not isinstance(failed, str)
    assert [each[0x00081155] for each in failed] == ["1.2.3"]


async def test_other_bytes_under_a_stored_uid_are_no_success(
    door: DicomHouse, real_files: Path, tmp_path: Path
) -> None:
    uid, answers = "2.25.770", []
    for comment in ("one", "another"):
        header = dcmread(real_files / CT)
        header.StudyInstanceUID, header.SeriesInstanceUID = "2.25.771", "2.25.772"
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = uid
        header.PatientComments = comment
        path = tmp_path / f"{comment}.dcm"
        header.save_as(path)
        answers.append(await door.store(path, _name_of(path)))
        answers.append((await _commit(door, [(CT_CLASS, uid)]))[0])
    assert answers == [Status.SUCCESS, 1, Status.DUPLICATE, 2]
    conflicts = door.images.clinic.do(door.images.world.physician, list_received_conflicts)
    again = tmp_path / "another.dcm"
    assert await door.store(again, _name_of(again)) == Status.DUPLICATE
    assert conflicts == door.images.clinic.do(door.images.world.physician, list_received_conflicts)


async def test_what_finds_no_room_is_out_of_resources_and_what_is_there_is_known(
    door: DicomHouse, real_files: Path, tmp_path: Path
) -> None:
    header = dcmread(real_files / CT)
    header.StudyInstanceUID = "2.25.90209"
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = "2.25.90210"
    header.save_as(tmp_path / "first.dcm")
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = "2.25.90211"
    header.save_as(tmp_path / "second.dcm")
    files = [tmp_path / "first.dcm", tmp_path / "second.dcm"]
    assert await door.store(files[0], _name_of(files[0]), title=FOREIGN) == Status.SUCCESS
    bounded = {"institution_id": door.images.world.stranger.institution, "most_bytes": None}
    door.images.clinic.system(quotas.set_bounds, **bounded, most_instances=1)
    answers = [await door.store(each, _name_of(each), title=FOREIGN) for each in files]
    assert answers == [Status.SUCCESS, Status.OUT_OF_RESOURCES]
    door.images.clinic.system(quotas.set_bounds, **bounded, most_instances=None)
    assert await door.store(files[1], _name_of(files[1]), title=FOREIGN) == Status.SUCCESS


async def test_an_object_that_is_another_than_the_command_names_is_refused(
    door: DicomHouse, real_files: Path
) -> None:
    path = real_files / CT
    other = ObjectName(CT_CLASS, "1.2.3.4", _name_of(path).transfer_syntax_uid)
    assert await door.store(path, other) == Status.CLASS_MISMATCH


async def test_every_real_file_gets_the_verdict_of_the_manifest(
    door: DicomHouse, real_files: Path
) -> None:
    manifest = json.loads((real_files / "manifest.json").read_text("utf-8"))
    waiting = [each for each in manifest["files"] if _is_sendable(real_files, each)]
    assert len(waiting) > 130
    gate = asyncio.Semaphore(4)
    taken = {Status.SUCCESS, Status.DUPLICATE}  # several hold one object in other encodings

    async def send(each: dict[str, Any]) -> tuple[str, bool, bool]:
        path = real_files / each["file"]
        async with gate:
            try:
                status = await door.store(path, _told_of(path), title=READER)
            except (PeerGoneError, LookupError):
                status = -1  # a class or a syntax that is no object's
        return each["file"], status in taken, each["verdict"] != "rejected"

    answers = await asyncio.gather(*(send(each) for each in waiting))
    assert [file for file, was_taken, wanted in answers if was_taken != wanted] == []


def _search_lines(work: Any) -> list[Any]:
    lines = journal.lines_after(work.session, 0, limit=5000)
    return [
        line
        for line in lines
        if line.kind == "images.searched" and line.codes.get("way") == "dimse"
    ]


def _stored_lines(work: Any) -> list[Any]:
    lines = journal.lines_after(work.session, 0, limit=5000)
    return [line for line in lines if line.kind == "image.stored"]


def _keys_of_image(study: str) -> Sequence[str]:
    wanted = (f"StudyInstanceUID={study}", f"SOPInstanceUID={CT_INSTANCE}")
    return keys("QueryRetrieveLevel=IMAGE", *wanted)


def _files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _same_pixels(folder: Path, source: Path) -> None:
    got = [dcmread(each) for each in _files_in(folder)]
    assert [each.SOPInstanceUID for each in got] == [CT_INSTANCE]
    assert (got[0].pixel_array == dcmread(source).pixel_array).all()


def _is_sendable(folder: Path, each: dict[str, Any]) -> bool:
    """Files that have a file meta with what a command must name; the rest no sender can send."""
    if "verdict" not in each or not each["file"].startswith("dicom/"):
        return False
    data = (folder / each["file"]).read_bytes()
    if data[128:132] != b"DICM":
        return False
    name = _name_of(folder / each["file"])
    return bool(name.transfer_syntax_uid) and classes.is_storage_class(name.sop_class_uid)


def _told_of(path: Path) -> ObjectName:
    """As a sender names it: by its data set, where that says who it is."""
    name = _name_of(path)
    with warnings.catch_warnings(action="ignore"):
        header = dcmread(path, stop_before_pixels=True, force=True)
        uid = str(header.get("SOPInstanceUID", "")) or name.sop_instance_uid
    return ObjectName(name.sop_class_uid, uid, name.transfer_syntax_uid)


def _name_of(path: Path) -> ObjectName:
    meta = read_file_meta(BytesSource(path.read_bytes()))
    texts = [meta.text(tag) or "" for tag in (0x00020002, 0x00020003, 0x00020010)]
    return ObjectName(*texts)


async def _ask_worklist(door: DicomHouse, title: str) -> list[Attributes]:
    there = await door.connect((classes.WORKLIST_FIND, classes.EXPLICIT_LE), title=title)
    question: Attributes = {0x00100010: "", 0x00400100: [{0x00400001: title, 0x00080060: "OP"}]}
    values: dict[Tag, int | str] = {
        Tag.AFFECTED_CLASS: classes.WORKLIST_FIND,
        Tag.FIELD: Field.C_FIND,
        Tag.MESSAGE_ID: 1,
        Tag.PRIORITY: 0,
        Tag.DATA_SET_TYPE: DATA_SET,
    }
    data = format_identifier(question, implicit=False, charset="ISO_IR 192")
    await there.line.send_message(1, values, data)
    found = []
    while (await receive_command(there.line)).number(Tag.STATUS) == Status.PENDING:
        found.append(parse_identifier(await _data_set(there.line), implicit=False))
    await there.release()
    return found


async def _commit(
    door: DicomHouse, objects: list[tuple[str, str]], *, title: str = CAMERA
) -> tuple[int, Attributes]:
    there = await door.connect((classes.COMMITMENT, classes.IMPLICIT_LE), title=title)
    values: dict[Tag, int | str] = {
        Tag.REQUESTED_CLASS: classes.COMMITMENT,
        Tag.FIELD: Field.N_ACTION,
        Tag.MESSAGE_ID: 1,
        Tag.DATA_SET_TYPE: DATA_SET,
        Tag.REQUESTED_INSTANCE: classes.COMMITMENT_INSTANCE,
        Tag.ACTION_TYPE: 1,
    }
    items = [{0x00081150: kind, 0x00081155: uid} for kind, uid in objects]
    asked: Attributes = {0x00081195: "2.25.7", 0x00081199: items}
    data = format_identifier(asked, implicit=True, charset="")
    await there.line.send_message(1, values, data)
    answer: Command = await receive_command(there.line)
    assert answer.number(Tag.STATUS) == Status.SUCCESS
    event = await receive_command(there.line)
    told = parse_identifier(await _data_set(there.line), implicit=True)
    assert told[0x00081195] == "2.25.7"
    await there.release()
    return event.number(Tag.EVENT_TYPE), told


async def _data_set(line: Any) -> bytes:
    data = b""
    while True:
        piece = await line.next()
        assert isinstance(piece, Piece)
        data += piece.data
        if piece.ends:
            return data
