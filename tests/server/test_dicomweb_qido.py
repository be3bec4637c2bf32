"""What QIDO-RS finds, tells and refuses."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset

from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from tests.makers.charsets import named_object
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
    answer = machine.get(f"/series?{query}")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_only_json_is_told(machine: Machine) -> None:
    for accept in ('multipart/related; type="application/dicom+xml"', "text/html"):
        answer = machine.get("/studies", accept=accept)
        assert (answer.status_code, answer.json()["status"]) == (406, 406)
    for accept in ("*/*; type*=bogus'x'y", "application/json; q*=us-ascii''1"):
        assert machine.get("/studies", accept=accept).status_code == 200
    refused = requests.delete(f"{machine.base}/studies", timeout=60)
    assert (refused.status_code, set(refused.headers["Allow"].split(","))) == (405, {"GET", "POST"})


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


def with_requests(sample: Dataset) -> tuple[str, str]:
    """The sample was ordered: step and procedure have numbers."""
    step, procedure = f"S{secrets.randbits(32)}", f"P{secrets.randbits(32)}"
    item = Dataset()
    item.ScheduledProcedureStepID, item.RequestedProcedureID = step, procedure
    other = Dataset()
    other.ScheduledProcedureStepID, other.RequestedProcedureID = "S0", "P0"
    sample.RequestAttributesSequence = [other, item]
    sample.ReferringPhysicianName, sample.StudyID = "Li^Ming", "S1"
    sample.PatientBirthDate, sample.PatientSex = "19600101", "F"
    sample.TimezoneOffsetFromUTC, sample.SeriesDescription = "+0800", "axial"
    sample.SeriesNumber, sample.InstanceNumber = 3, 4
    sample.PerformedProcedureStepStartDate = "20260415"
    sample.PerformedProcedureStepStartTime = "101500"
    return step, procedure


def test_a_series_is_found_by_what_was_requested_in_one_item(
    machine: Machine, sample: Dataset
) -> None:
    step, procedure = with_requests(sample)
    assert machine.store(written(sample)).status_code == 200
    name = "RequestAttributesSequence"
    questions = {
        f"{name}.ScheduledProcedureStepID={step}": True,
        f"00400275.00400009={step}": True,
        f"00400275.RequestedProcedureID={procedure}": True,
        f"00400275.00401001=*{procedure[1:-1]}?": True,
        f"00400275.00400009={step}&00400275.00401001={procedure}": True,
        f"00400275.00400009={step}&00400275.00401001=P0": False,
        f"00400275.00400009={step}x": False,
        f"00400275.00400009={step}&Modality=OP": False,
        "00400275.00400009=S0*0": False,
    }
    study = f"StudyInstanceUID={sample.StudyInstanceUID}"
    for asked, is_found in questions.items():
        for place in ("/series", "/instances"):
            answer = machine.get(f"{place}?{asked}&{study}")
            assert "Warning" not in answer.headers
            assert bool(answer.json()) is is_found, asked
    answer = machine.get(f"/studies?00400275.00400009={step}&limit=1")
    assert "RequestAttributesSequence.ScheduledProcedureStepID" in answer.headers["Warning"]


STUDY = (
    "StudyDate StudyTime AccessionNumber InstanceAvailability ModalitiesInStudy "
    "ReferringPhysicianName TimezoneOffsetFromUTC RetrieveURL PatientName PatientID "
    "PatientBirthDate PatientSex StudyInstanceUID StudyID NumberOfStudyRelatedSeries "
    "NumberOfStudyRelatedInstances"
)
SERIES = (
    "Modality TimezoneOffsetFromUTC SeriesDescription RetrieveURL SeriesInstanceUID SeriesNumber "
    "NumberOfSeriesRelatedInstances PerformedProcedureStepStartDate "
    "PerformedProcedureStepStartTime RequestAttributesSequence"
)
INSTANCE = (
    "SOPClassUID SOPInstanceUID InstanceAvailability TimezoneOffsetFromUTC RetrieveURL "
    "InstanceNumber Rows Columns BitsAllocated"
)
TOLD = {
    "/studies?": STUDY,
    "/studies/{study}/series?": SERIES,
    "/series?": f"{SERIES} {STUDY}",
    "/studies/{study}/series/{series}/instances?": INSTANCE,
    "/studies/{study}/instances?": f"{INSTANCE} {SERIES}",
    "/instances?": f"{INSTANCE} {SERIES} {STUDY}",
}
"""PS3.18 tables 10.6.3-3 to -5; what the path leaves open is told of the levels above as well."""
ASKED = {
    "/studies": (
        "StudyDate StudyTime AccessionNumber ModalitiesInStudy ReferringPhysicianName PatientName "
        "PatientID StudyInstanceUID StudyID"
    ),
    "/series": (
        "Modality SeriesInstanceUID SeriesNumber PerformedProcedureStepStartDate "
        "PerformedProcedureStepStartTime"
    ),
    "/instances": "SOPClassUID SOPInstanceUID InstanceNumber",
}
"""PS3.18 table 10.6.1-5, but for what stands in a sequence."""


def test_every_attribute_of_the_tables_is_told_and_every_key_is_matched(
    machine: Machine, sample: Dataset
) -> None:
    with_requests(sample)
    assert machine.store(written(sample)).status_code == 200
    places = {"study": sample.StudyInstanceUID, "series": sample.SeriesInstanceUID}
    for path, names in TOLD.items():
        address = f"{path.format(**places)}StudyInstanceUID={sample.StudyInstanceUID}"
        (found,) = machine.get(address).json()
        told = {keyword_for_tag(tag) for tag in found}
        assert [name for name in names.split() if name not in told] == []
        assert all(element.get("Value") for element in found.values())
    for path, keys in ASKED.items():
        for key in keys.split():
            value = sample.Modality if key == "ModalitiesInStudy" else sample[key].value
            study = f"StudyInstanceUID={sample.StudyInstanceUID}"
            fits = machine.get(f"{path}?{key}={value}&{study}")
            assert (len(fits.json()), fits.headers.get("Warning")) == (1, None), key
            if key != "StudyInstanceUID":
                assert machine.get(f"{path}?{key}={other_than(key)}&{study}").json() == [], key


def other_than(key: str) -> str:
    """A value that the sample does not have."""
    if key.endswith("Date"):
        return "19000101"
    return "2359" if key.endswith("Time") else "9"


def test_an_object_without_a_modality_is_told_without_a_value(
    machine: Machine, sample: Dataset
) -> None:
    del sample.Modality
    assert machine.store(written(sample)).status_code == 200
    (study,) = machine.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json()
    (series,) = machine.get(f"/series?StudyInstanceUID={sample.StudyInstanceUID}").json()
    assert (study["00080061"], series["00080060"]) == ({"vr": "CS"}, {"vr": "CS"})
    assert "Modality" not in Dataset.from_json(series) or not Dataset.from_json(series).Modality


def test_what_an_object_does_not_say_is_told_without_a_value(
    machine: Machine, sample: Dataset
) -> None:
    for keyword in ("StudyID", "ReferringPhysicianName", "PatientSex", "SeriesNumber"):
        if keyword in sample:
            del sample[keyword]
    assert machine.store(written(sample)).status_code == 200
    (found,) = machine.get(f"/series?StudyInstanceUID={sample.StudyInstanceUID}").json()
    told = [found[tag] for tag in ("00200010", "00080090", "00100040", "00200011")]
    assert told == [{"vr": vr} for vr in ("SH", "PN", "CS", "IS")]


def test_a_name_in_any_character_set_is_told_and_found(machine: Machine, real_files: Path) -> None:
    vectors = json.loads((real_files / "charset_vectors.json").read_text("utf-8"))["vectors"]
    for vector in vectors:
        study, meant = f"2.25.{secrets.randbits(100)}", vector["expected"].rstrip("=")
        name = bytes.fromhex(vector["hex"])
        data = named_object(vector["charset"], name, uid=f"{study}.2", group=study)
        assert machine.store(data).status_code == 200
        (found,) = machine.get(f"/studies?StudyInstanceUID={study}").json()
        groups = found["00100010"]["Value"][0]
        told = "=".join(groups.get(each, "") for each in ("Alphabetic", "Ideographic")).rstrip("=")
        assert told == meant
        for group in meant.split("="):
            asked = {"PatientName": group, "StudyInstanceUID": study}
            assert machine.get(f"/studies?{urlencode(asked)}").json(), meant
