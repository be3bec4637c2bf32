"""What QIDO-RS finds, tells and refuses."""

import asyncio
import secrets
from typing import Any

import pytest
from pydicom.dataset import Dataset

from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from tests.makers.dicomweb import Machine, open_machine, written
from tests.makers.image_house import until
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


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
    "query",
    [
        "limit=x",
        "StudyDate=yesterday",
        "fuzzymatching=perhaps",
        "SeriesNumber=x",
        f"SeriesNumber={1 << 31}",
    ],
)
def test_a_question_that_makes_no_sense_is_a_bad_request(machine: Machine, query: str) -> None:
    assert machine.get(f"/series?{query}").status_code == 400


def test_only_json_is_told(machine: Machine) -> None:
    for accept in ('multipart/related; type="application/dicom+xml"', "text/html"):
        assert machine.get("/studies", accept=accept).status_code == 406


async def test_who_searched_stands_in_the_journal_and_not_for_whom(house: WorldHouse) -> None:
    asking = open_machine(house, *Right)
    administrator = house.world.person(Side.HOME, Role.ADMINISTRATOR).actor
    newest = house.world.now.do(administrator, machines.list_machines)[0]
    word = f"N{secrets.randbits(40)}"
    for _ in range(2):
        answer = await asyncio.to_thread(asking.get, f"/instances?PatientName={word}")
        assert (answer.status_code, answer.json()) == (200, [])

    def lines() -> list[Any]:
        told = house.world.now.lines()
        return [
            each
            for each in told
            if each.kind == "images.searched" and each.session_id == f"machine:{newest.id}"
        ]

    await until(lambda: sum(each.codes["searches"] for each in lines()) == 2)
    codes = lines()[0].codes
    assert (codes["way"], codes["level"], codes["found"]) == ("qido", "instance", 0)
    assert word not in str(lines())
