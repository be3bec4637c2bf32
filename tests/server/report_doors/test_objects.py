"""What a signed report leaves in the study as DICOM: filed once, found by anybody who may, read."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from highdicom.sr import srread
from pydicom import dcmread
from pydicom.dataset import Dataset
from sqlalchemy import select

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.jobs import service as jobs
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Actor, Work
from consult.reports.objects.model import OBJECTS_JOB
from consult.studies import retrieval
from consult.studies import service as studies
from consult.studies.tables import StudyRow
from tests.makers.cases import (
    citizen_number,
)
from tests.makers.image_house import PASSWORD, ImageHouse, until
from tests.makers.marks import mark
from tests.makers.one_study import submit_one_study
from tests.makers.report_objects import errors_of
from tests.makers.signing import amend, retract, sign_marked
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
_SEQUENCE = iter(range(300, 900, 2))
_TRIANGLE = [[2, 2], [13.5, 3], [6, 14]]
_KINDS = ["measured", "paper", "presented", "selected"]


@pytest.fixture
def case(house: ImageHouse) -> Case:
    """A case before the panel with four pictures of one study."""
    return submit_one_study(
        house, document_number=citizen_number(next(_SEQUENCE), birth="19580507")
    )


@dataclass(frozen=True)
class Left:
    """What a version left, by kind: where each is listed, and the object itself."""

    listed: Mapping[str, Mapping[str, Any]]
    objects: Mapping[str, Dataset]
    bytes_of: Mapping[str, bytes]


async def test_a_signed_report_is_found_in_the_study_of_its_pictures(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor, tmp_path: Path
) -> None:
    ids = image_ids(house, case)
    marks = [
        mark(ids[0], "polygon", points=_TRIANGLE, lesion="hard_exudate", label="渗出"),
        mark(ids[0], "length", number=2, points=[[1, 1], [4, 5]], label="距黄斑"),
        mark(ids[1], "arrow", number=3, points=[[4, 4], [9, 9.25]]),
    ]
    report = await sign_marked(house, case, expert, marks=marks, key_images=[ids[0]])
    left = await what_is_left(house, physician, case, report, kinds=_KINDS)

    picture = house.original(instance_of(house, case, ids[0]))
    for kind, made in left.objects.items():
        assert made.StudyInstanceUID == picture.StudyInstanceUID
        assert (made.PatientName, made.PatientID) == (picture.PatientName, picture.PatientID)
        assert errors_of(tmp_path / f"{kind}.dcm", left.bytes_of[kind]) == []
    async with physician.raw.get(f"/reports/{report}/paper.pdf?lang=zh-Hans") as answer:
        assert inner_pdf(left.objects["paper"]) == await answer.read()

    _tells_the_marks_and_the_grades(left)
    _points_at(left, picture)


def _tells_the_marks_and_the_grades(left: Left) -> None:
    """As highdicom reads them."""
    measured = srread(io.BytesIO(left.bytes_of["measured"])).content
    found = measured.get_planar_roi_measurement_groups()
    (region,) = [each for each in found if each.finding_type]
    assert region.roi.value[:-1] == pytest.approx(np.array(_TRIANGLE), abs=1e-3)
    assert region.finding_type.value == "lesion.hard_exudate"
    (length,) = measured.get_image_measurement_groups()
    (number,) = length.get_measurements()
    assert (number.value, number.unit.value) == (5.0, "{pixels}")
    said = {each.name.value for each in evaluations(measured)}
    assert {"scale.icdr", "scale.dme", "121073"} <= said
    verified = left.objects["measured"].VerifyingObserverSequence[0]
    assert verified.VerifyingObserverName.ideographic.replace("^", "") == "李文博"


def _points_at(left: Left, picture: Dataset) -> None:
    """The key image and the presentation state are about the picture; an arrow has a head."""
    keys = left.objects["selected"].CurrentRequestedProcedureEvidenceSequence[0]
    (key,) = keys.ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert key.ReferencedSOPInstanceUID == picture.SOPInstanceUID
    shown = left.objects["presented"].GraphicAnnotationSequence
    drawn = [graphic for item in shown for graphic in item.GraphicObjectSequence]
    assert [each.GraphicType for each in drawn] == ["POLYLINE"] * 4


async def test_a_second_run_of_the_job_makes_nothing_new(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_marked(house, case, expert)
    left = await what_is_left(house, physician, case, report, kinds=["measured", "paper"])
    house.clinic.system(jobs.queue_job, kind=OBJECTS_JOB, payload={"report_id": report})
    before = lines_of(house, report)
    await until(lambda: not jobs_left(house))

    assert lines_of(house, report) == before
    _, told = await physician.get(f"/api/cases/{case.id}/report/objects")
    assert {each["sop_instance_uid"] for each in told["objects"]} == {
        each["sop_instance_uid"] for each in left.listed.values()
    }


async def test_the_objects_are_no_pictures_to_read_and_are_read_as_text(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_marked(house, case, expert)
    left = await what_is_left(house, physician, case, report, kinds=["measured", "paper"])

    assert len(image_ids(house, case)) == 4
    _, page = await physician.page(f"/cases/{case.id}")
    assert left.listed["measured"]["document"] in page
    status, text = await physician.page(left.listed["measured"]["document"])
    assert status == 200
    assert "Qualitative Evaluations" in text
    _, waiting = await physician.get("/api/received")
    assert report not in json.dumps(waiting)
    async with Visitor(house.house.base) as stranger:
        await stranger.sign_in("sun", PASSWORD)
        assert (await stranger.get(f"/api/cases/{case.id}/report/objects"))[0] == 404
        assert (await stranger.get(left.listed["measured"]["url"] + "/metadata"))[0] == 404


async def test_who_may_not_read_reports_reads_none_among_the_pictures(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_marked(house, case, expert)
    left = await what_is_left(house, physician, case, report, kinds=["measured", "paper"])
    place = left.listed["measured"]["url"]
    study = place.partition("/series/")[0]
    for door, theirs in ((f"{place}/metadata", 1), (f"{study}/metadata", 6)):
        status, told = await physician.get(door)
        assert (status, len(told)) == (200, theirs)
    async with Visitor(house.house.base) as photographer:
        await photographer.sign_in("wu", PASSWORD)
        assert (await photographer.get(f"{place}/metadata"))[0] == 404
        status, told = await photographer.get(f"{study}/metadata")
        assert (status, len(told)) == (200, 4)
        assert (await photographer.get(f"/api/cases/{case.id}/report/objects"))[0] == 403


async def test_whoever_sees_the_pictures_alone_is_given_no_report_among_them(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_marked(house, case, expert)
    left = await what_is_left(house, physician, case, report, kinds=["measured", "paper"])
    ids = image_ids(house, case)
    study = house.original(instance_of(house, case, ids[0])).StudyInstanceUID
    paper, measured = left.objects["paper"], left.objects["measured"]

    def open_to(person: str, place: str, why: str) -> Actor:
        reader = Actor(PractitionerId(person), InstitutionId(place))
        to = (Party.PRACTITIONER, person) if why == "case:prior" else (Party.INSTITUTION, place)
        house.clinic.system(grant_study, study_uid=study, to=to, why=why)
        return reader

    beside = open_to("a" * 32, "b" * 32, "case:prior")
    recognised = open_to("c" * 32, "d" * 32, "recognition:r")
    for why, reader, theirs in (
        ("an earlier exam", beside, 4),
        ("a recognised exam", recognised, 4),
        ("a case", open_to("e" * 32, "f" * 32, "case:c"), 6),
    ):
        listed = house.clinic.do(
            reader, objects_of_study, institution_id=case.institution_id, study_uid=study
        )
        assert len(listed) == theirs, why
        for made in (paper, measured):
            assert (made.SOPInstanceUID in listed) is (theirs == 6), why


async def test_an_amendment_names_what_it_replaces_and_a_retraction_takes_all_back(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor, tmp_path: Path
) -> None:
    first = await sign_marked(house, case, expert)
    old = await what_is_left(house, physician, case, first, kinds=["measured", "paper"])
    second = await amend(case, expert)
    new = await what_is_left(house, physician, case, second, kinds=["measured", "paper"])
    for kind in ("measured", "paper"):
        (study,) = new.objects[kind].PredecessorDocumentsSequence
        (ref,) = study.ReferencedSeriesSequence[0].ReferencedSOPSequence
        assert ref.ReferencedSOPInstanceUID == old.objects[kind].SOPInstanceUID
        assert new.objects[kind].SeriesInstanceUID == old.objects[kind].SeriesInstanceUID

    third = await retract(case, expert, second)
    taken = await what_is_left(house, physician, case, third, kinds=["paper", "selected"])

    rejected = taken.objects["selected"]
    assert errors_of(tmp_path / "rejected.dcm", taken.bytes_of["selected"]) == []
    assert rejected.ConceptNameCodeSequence[0].CodeValue == "113037"
    named = {
        ref.ReferencedSOPInstanceUID
        for series in rejected.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        for ref in series.ReferencedSOPSequence
    }
    every = [*old.objects.values(), *new.objects.values()]
    assert named == {each.SOPInstanceUID for each in every}
    _, told = await physician.get(f"/api/cases/{case.id}/report/objects")
    assert [each["version"] for each in told["objects"]] == [3, 3, 2, 2, 1, 1]
    assert told["objects"][1]["label"] == "撤回说明"


def image_ids(house: ImageHouse, case: Case) -> list[str]:
    found = house.clinic.do(house.world.expert, images.list_case_images, case_id=case.id)
    return [image.id for image in found]


def instance_of(house: ImageHouse, case: Case, image_id: str) -> str:
    found = house.clinic.do(house.world.expert, images.list_case_images, case_id=case.id)
    return next(image.instance.id for image in found if image.id == image_id)


def grant_study(work: Work, *, study_uid: str, to: tuple[Party, str], why: str) -> None:
    """Open a study by its UID."""
    rows = work.session.scalars(select(StudyRow.id).where(StudyRow.study_instance_uid == study_uid))
    for study_id in rows:
        access.grant(work, Ref(ObjectType.STUDY, study_id), to=to, why=why)


def objects_of_study(work: Work, *, institution_id: str, study_uid: str) -> list[str]:
    """The objects of a study that the actor is given, each by its own address too."""
    listed = retrieval.list_instances_of(work, institution_id=institution_id, study_uid=study_uid)
    for each in listed:
        studies.get_by_uid(work, institution_id=institution_id, uids=each.uids)
    return [each.uids.sop_instance_uid for each in listed]


def lines_of(house: ImageHouse, report: str) -> list[tuple[str, object]]:
    return [
        (line.kind, line.codes.get("object"))
        for line in house.clinic.lines()
        if line.object_id == report and line.kind.startswith("report.object")
    ]


def jobs_left(house: ImageHouse) -> bool:
    return bool(house.clinic.system(jobs.is_any_due))


async def what_is_left(
    house: ImageHouse, physician: Visitor, case: Case, report: str, *, kinds: list[str]
) -> Left:
    """Wait until the version has left these, and have each by the address that is listed."""
    await until(
        lambda: sorted(str(kind) for _, kind in lines_of(house, report)) == kinds, seconds=180
    )
    _, told = await physician.get(f"/api/cases/{case.id}/report/objects")
    listed = {each["kind"]: each for each in told["objects"] if each["report_id"] == report}
    assert sorted(listed) == kinds
    found = {}
    for kind, each in listed.items():
        await _is_searched(physician, each)
        headers = {"Accept": "application/dicom; transfer-syntax=*"}
        async with physician.raw.get(each["url"], headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            found[kind] = await answer.read()
    objects = {kind: dcmread(io.BytesIO(data)) for kind, data in found.items()}
    return Left(listed, objects, found)


async def _is_searched(physician: Visitor, listed: Mapping[str, Any]) -> None:
    """The study tells of the object (QIDO-RS)."""
    study = listed["url"].partition("/series/")[0]
    status, told = await physician.get(f"{study}/instances")
    assert status == 200
    assert listed["sop_instance_uid"] in {each["00080018"]["Value"][0] for each in told}


def evaluations(measured: Any) -> list[Dataset]:
    (found,) = [
        item
        for item in measured[0].ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "C0034375"
    ]
    return list(found.ContentSequence)


def inner_pdf(made: Dataset) -> bytes:
    return bytes(made.EncapsulatedDocument[: made.EncapsulatedDocumentLength])
