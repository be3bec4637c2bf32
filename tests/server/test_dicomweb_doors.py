"""What the doors of DICOMweb take, refuse, find and keep to themselves."""

import io
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from tests.makers.machines import add_machine
from tests.makers.world import CODES
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
BOUNDARY = "tear-here"
JSON = "application/dicom+json"


@dataclass
class Machine:
    """Something that speaks DICOMweb by hand."""

    base: str
    token: str

    def get(self, path: str, *, accept: str = JSON, **headers: str) -> requests.Response:
        """Ask for a resource below the root of the centre."""
        told = {"Authorization": f"Bearer {self.token}", "Accept": accept, **headers}
        return requests.get(f"{self.base}{path}", headers=told, timeout=60)

    def store(
        self, *files: bytes, path: str = "/studies", kind: str = "application/dicom"
    ) -> requests.Response:
        """Store files of one kind."""
        return self.send([({"Content-Type": kind}, each) for each in files], path=path, kind=kind)

    def send(
        self,
        parts: list[tuple[Mapping[str, str], bytes]],
        *,
        path: str = "/studies",
        kind: str = "application/dicom",
    ) -> requests.Response:
        """Store parts with headers of their own."""
        body = b"".join(
            b"--tear-here\r\n"
            + b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
            + b"\r\n"
            + data
            + b"\r\n"
            for headers, data in parts
        )
        return requests.post(
            f"{self.base}{path}",
            data=body + b"--tear-here--\r\n",
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": JSON,
                "Content-Type": f'multipart/related; type="{kind}"; boundary={BOUNDARY}',
            },
            timeout=60,
        )


def open_machine(house: WorldHouse, *rights: Right, side: Side = Side.HOME) -> Machine:
    return Machine(
        f"{house.base}/dicomweb/{CODES[Side.HOME]}", add_machine(house, *rights, side=side)
    )


@pytest.fixture(scope="module")
def machine(house: WorldHouse) -> Machine:
    """An archive of the centre."""
    return open_machine(house, *Right)


@pytest.fixture
def sample(real_files: Path) -> Dataset:
    """A new object: a small real CT under identifiers of its own."""
    found = dcmread(real_files / "dicom" / "implicit-vr-le" / "CTImage.dcm")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(found, keyword, f"2.25.{secrets.randbits(100)}")
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    found.SpecificCharacterSet = "ISO_IR 192"
    found.PatientName = "Wang^XiaoDong=王^小东"
    found.PatientID = f"N{secrets.randbits(40)}"
    found.StudyDate, found.StudyTime = "20260415", "101530"
    found.AccessionNumber = f"A{secrets.randbits(32)}"
    return found


def written(dataset: Dataset) -> bytes:
    made = io.BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    return made.getvalue()


def place_of(dataset: Dataset) -> str:
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def failures(answer: requests.Response) -> list[int]:
    told = answer.json()
    items = [
        item for tag in ("00081198", "0008119A") for item in told.get(tag, {}).get("Value", [])
    ]
    return [item["00081197"]["Value"][0] for item in items]


def test_the_same_again_is_stored_and_other_bytes_under_its_number_wait_for_a_person(
    machine: Machine, sample: Dataset
) -> None:
    first = written(sample)
    assert [machine.store(first).status_code for _ in range(2)] == [200, 200]
    sample.PatientComments = "other"
    answer = machine.store(written(sample))
    assert (answer.status_code, failures(answer)) == (409, [0x0111])
    syntax = 'application/dicom; transfer-syntax="*"'
    assert machine.get(place_of(sample), accept=syntax).content == first
    found = machine.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json()
    assert found[0]["00201208"]["Value"] == [1]


def test_what_is_broken_is_said_and_the_rest_is_stored(machine: Machine, sample: Dataset) -> None:
    whole = written(sample)
    cut = bytearray(whole[: len(whole) // 2])
    answer = machine.store(whole, b"no dicom at all", bytes(cut))
    assert answer.status_code == 202
    assert failures(answer) == [0xC000, 0xC000]
    assert len(answer.json()["00081199"]["Value"]) == 1
    assert machine.store(b"nothing").status_code == 409


def test_an_address_of_a_study_takes_that_study_alone(machine: Machine, sample: Dataset) -> None:
    answer = machine.store(written(sample), path="/studies/1.2.3")
    assert (answer.status_code, failures(answer)) == (409, [0x0106])
    path = f"/studies/{sample.StudyInstanceUID}"
    assert machine.get(path, accept="multipart/related; type=application/dicom").status_code == 404
    assert machine.store(written(sample), path=path).status_code == 200


def test_data_sets_in_json_come_with_their_bulk_data(machine: Machine, sample: Dataset) -> None:
    pixels = sample.PixelData
    told = sample.to_json_dict()
    told["7FE00010"] = {"vr": "OW", "BulkDataURI": "bulk/1"}
    octets = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    answer = machine.send(
        [
            ({"Content-Type": JSON}, json.dumps([told]).encode()),
            ({"Content-Type": octets, "Content-Location": "bulk/1"}, pixels),
        ],
        kind=JSON,
    )
    assert answer.status_code == 200, answer.text
    back = machine.get(place_of(sample), accept="application/dicom")
    stored = dcmread(io.BytesIO(back.content))
    assert (stored.PixelData, str(stored.PatientName)) == (pixels, "Wang^XiaoDong=王^小东")


@pytest.mark.parametrize("kind", ["text/html", "application/dicom+xml"])
def test_other_kinds_of_body_are_refused(machine: Machine, kind: str) -> None:
    assert machine.store(b"x", kind=kind).status_code == 415


def test_a_body_that_ends_too_early_stores_nothing(machine: Machine, sample: Dataset) -> None:
    headers = {
        "Authorization": f"Bearer {machine.token}",
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    }
    body = b"--tear-here\r\n\r\n" + written(sample)
    answer = requests.post(f"{machine.base}/studies", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "multipart-cut")
    assert machine.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json() == []


MATCHING = {
    "PatientName=wang^xiao*": True,
    "PatientName=*王*": True,
    "PatientName=wang": False,
    "PatientName=wang&fuzzymatching=true": True,
    "PatientName=wxd&fuzzymatching=true": True,
    "PatientName=xiaodong&fuzzymatching=true": True,
    "PatientName=li&fuzzymatching=true": False,
    "PatientID={PatientID}": True,
    "PatientID={PatientID}x": False,
    "PatientID=*{PatientID}*": True,
    "00100020={PatientID}": True,
    "AccessionNumber={AccessionNumber}": True,
    "StudyDate=20260415": True,
    "StudyDate=20260401-20260430": True,
    "StudyDate=20260416-": False,
    "StudyDate=-20260415": True,
    "StudyTime=1015": True,
    "StudyTime=1000-1015": True,
    "StudyTime=1016-": False,
    "ModalitiesInStudy=CT": True,
    "ModalitiesInStudy=OP": False,
    "StudyInstanceUID={StudyInstanceUID},1.2.3": True,
    "PatientName=%25": False,
}


def test_studies_are_matched_as_the_standard_says(machine: Machine, sample: Dataset) -> None:
    assert machine.store(written(sample)).status_code == 200
    wrong = []
    for asked, is_found in MATCHING.items():
        values = {name: str(sample[name].value) for name in ("PatientID", "AccessionNumber")}
        query = asked.format(StudyInstanceUID=sample.StudyInstanceUID, **values)
        only = "" if "StudyInstanceUID" in asked else f"&StudyInstanceUID={sample.StudyInstanceUID}"
        found = machine.get(f"/studies?{query}{only}").json()
        if bool(found) is not is_found:
            wrong.append(asked)
    assert wrong == []


def test_series_and_objects_are_matched_and_told_as_asked(
    machine: Machine, sample: Dataset
) -> None:
    assert machine.store(written(sample)).status_code == 200
    study = f"/studies/{sample.StudyInstanceUID}"
    (series,) = machine.get(f"{study}/series?Modality=CT").json()
    assert series["00201209"]["Value"] == [1]
    assert machine.get(f"{study}/series?Modality=OP").json() == []
    (instance,) = machine.get(f"{study}/instances?SOPClassUID={sample.SOPClassUID}").json()
    assert instance["00280010"]["Value"] == [sample.Rows]
    assert "00100010" not in instance
    (told,) = machine.get(f"{study}/instances?includefield=PatientName,00100020").json()
    assert told["00100010"]["Value"] == [{"Alphabetic": "Wang^XiaoDong", "Ideographic": "王^小东"}]
    assert machine.get(f"/instances?SOPInstanceUID={sample.SOPInstanceUID}").json()


def test_a_long_answer_comes_in_pages_and_says_that_there_is_more(
    machine: Machine, sample: Dataset
) -> None:
    for _ in range(3):
        sample.SOPInstanceUID = f"2.25.{secrets.randbits(100)}"
        sample.file_meta.MediaStorageSOPInstanceUID = sample.SOPInstanceUID
        assert machine.store(written(sample)).status_code == 200
    place = f"/studies/{sample.StudyInstanceUID}/instances"
    first = machine.get(f"{place}?limit=2")
    assert "additional results" in first.headers["Warning"]
    second = machine.get(f"{place}?limit=2&offset=2")
    assert "Warning" not in second.headers
    uids = {each["00080018"]["Value"][0] for each in first.json() + second.json()}
    assert (len(first.json()), len(second.json()), len(uids)) == (2, 1, 3)
    assert "NoSuchThing" in machine.get("/studies?NoSuchThing=1&limit=1").headers["Warning"]


@pytest.mark.parametrize(
    "query", ["limit=x", "StudyDate=yesterday", "fuzzymatching=perhaps", "SeriesNumber=x"]
)
def test_a_question_that_makes_no_sense_is_a_bad_request(machine: Machine, query: str) -> None:
    assert machine.get(f"/series?{query}").status_code == 400


def test_only_json_is_told(machine: Machine) -> None:
    for accept in ('multipart/related; type="application/dicom+xml"', "text/html"):
        assert machine.get("/studies", accept=accept).status_code == 406


def test_one_object_is_given_in_pieces_and_not_twice_to_whom_holds_it(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    data = written(sample)
    machine.store(data)
    single = 'application/dicom; transfer-syntax="*"'
    whole = machine.get(place_of(sample), accept=single)
    assert whole.content == data
    assert whole.headers["Cache-Control"] == "private, no-cache"
    piece = machine.get(place_of(sample), accept=single, Range="bytes=100-199")
    assert (piece.status_code, piece.content) == (206, data[100:200])
    assert piece.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    mark = whole.headers["ETag"]
    held = machine.get(place_of(sample), accept=single, **{"If-None-Match": mark})
    assert (held.status_code, held.content) == (304, b"")
    other = open_machine(house, *Right)
    again = other.get(place_of(sample), accept=single, **{"If-None-Match": mark})
    assert again.status_code == 200
    assert again.headers["ETag"] != mark


def test_a_token_opens_what_its_rights_say_and_nothing_once_it_is_shut_out(
    house: WorldHouse, sample: Dataset
) -> None:
    camera = open_machine(house, Right.STORE_IMAGES)
    assert camera.store(written(sample)).status_code == 200
    for path in ("/studies", place_of(sample), f"{place_of(sample)}/metadata"):
        answer = camera.get(path, accept="*/*")
        assert (answer.status_code, answer.json()["code"]) == (403, "token-not-allowed")
    root = house.base
    headers = {"Authorization": f"Bearer {camera.token}"}
    assert requests.get(f"{root}/api/cases", headers=headers, timeout=60).status_code in {401, 404}
    administrator = house.world.person(Side.HOME, Role.ADMINISTRATOR).actor
    newest = house.world.now.do(administrator, machines.list_machines)[0]
    house.world.now.do(administrator, machines.revoke_machine, machine_id=newest.id)
    answer = camera.store(written(sample))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_another_institution_neither_finds_nor_gets_nor_overwrites(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    data = written(sample)
    machine.store(data)
    other = open_machine(house, *Right, side=Side.AWAY)
    assert other.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json() == []
    nothing = other.get("/studies/1.2.3/series/1.2.3/instances/1.2.3", accept="*/*")
    for path in ("", "/metadata", "/frames/1", "/bulkdata/7FE00010", "/rendered"):
        answer = other.get(f"{place_of(sample)}{path}", accept="*/*")
        assert (answer.status_code, answer.content) == (404, nothing.content)
    assert other.store(data).status_code == 404
    own = Machine(f"{house.base}/dicomweb", other.token)
    assert own.store(data).status_code == 200
    assert own.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json()
    single = 'application/dicom; transfer-syntax="*"'
    assert machine.get(place_of(sample), accept=single).content == data


def test_what_was_given_out_stands_in_the_journal(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    machine.get(place_of(sample), accept="application/dicom")
    lines = [each for each in house.world.now.lines() if each.kind == "study.retrieved"]
    assert lines
    assert (lines[-1].practitioner_id, lines[-1].patient_id) == (None, None)
    assert str(lines[-1].session_id).startswith("machine:")


def test_an_object_that_came_without_a_case_is_nobodys(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    stored: list[Any] = [each for each in house.world.now.lines() if each.kind == "image.stored"]
    assert (stored[-1].case_id, stored[-1].patient_id) == (None, None)
    assert stored[-1].codes["way"] == "stow"
