"""What comes in without a case: the institution's, nobody's patient's, found and assigned."""

import dataclasses
from typing import Any

import pytest

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases.images import service_look
from consult.kernel.errors import RefusedError
from consult.kernel.work import Actor, Work
from consult.studies import conflicts, ingest, retrieval
from consult.studies import service as studies
from consult.studies.errors import InstanceNotFoundError
from consult.studies.index import search as index
from consult.studies.index.model import Indexed
from consult.studies.index.search import Level, Page, Search
from consult.studies.model import NOBODY_YET, NOT_LOOKED_AT, Ingested, Origin, Part, Verdict
from tests.makers.cases import make_draft, make_patient
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, make_consortium
from tests.makers.images import make_arrival, make_blob, take_in

STUDY = "2.25.1"


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    """Two institutions with an agreement."""
    return make_consortium(clinic)


def told(**values: str) -> Indexed:
    """What an object says."""
    tags = {"name": ("00100010", "PN"), "number": ("00100020", "LO"), "date": ("00080020", "DA")}
    attributes: dict[str, Any] = {
        tags[word][0]: {"vr": tags[word][1], "Value": [value]} for word, value in values.items()
    }
    if "name" in values:
        alphabetic, _, ideographic = values["name"].partition("=")
        named = {"Alphabetic": alphabetic, "Ideographic": ideographic}
        attributes["00100010"]["Value"] = [named]
    return Indexed(attributes, b"packed")


def receive(
    world: Consortium, data: bytes, *, uid: str = "1.2.3", by: Actor | None = None, **values: str
) -> Ingested:
    """An object comes to the centre from its camera."""
    arrival = make_arrival(world, data=data, uid=uid, origin=Origin.DICOM, modality="OP")
    received = dataclasses.replace(arrival.received, indexed=told(**values))
    return world.clinic.do(
        by or world.photographer,
        ingest.receive,
        received=received,
        institution_id=world.centre_id,
        way="stow",
        source="",
    )


def find(world: Consortium, by: Actor, **keys: str) -> Page:
    """Search for studies of the centre."""
    question = Search(Level.STUDY, world.centre_id, tuple(keys.items()), fuzzy=True)
    return world.clinic.do(by, index.search, question=question)


def test_it_is_the_institution_s_and_no_patient_s(world: Consortium) -> None:
    received = receive(world, b"one", name="Wang^XiaoDong=王^小东", number="A7")
    assert received.verdict is Verdict.STORED
    assert received.instance.patient_id == NOBODY_YET
    line = world.clinic.lines()[-1]
    assert (line.kind, line.case_id, line.patient_id) == ("image.stored", None, None)
    got = world.clinic.do(world.physician, studies.get_instance, instance_id=received.instance.id)
    assert got.id == received.instance.id
    with pytest.raises(InstanceNotFoundError):
        world.clinic.do(world.stranger, studies.get_instance, instance_id=received.instance.id)


def test_a_repeat_changes_nothing_and_other_bytes_wait_for_a_person(world: Consortium) -> None:
    first = receive(world, b"one")
    assert receive(world, b"one").verdict is Verdict.KNOWN
    assert receive(world, b"two").verdict is Verdict.CONFLICT
    assert receive(world, b"two").conflict_id is not None
    (waiting,) = world.clinic.do(world.physician, conflicts.list_received_conflicts)
    assert waiting.instance_id == first.instance.id
    assert world.clinic.do(world.stranger, conflicts.list_received_conflicts) == []
    world.clinic.do(
        world.physician, conflicts.settle_received, conflict_id=waiting.id, reason="重复导出"
    )
    assert world.clinic.do(world.physician, conflicts.list_received_conflicts) == []


def test_the_same_object_uploaded_to_a_case_becomes_that_patient_s(world: Consortium) -> None:
    received = receive(world, b"eye", name="Wang^XiaoDong=王^小东", number="A7")
    case = make_draft(world, make_patient(world))
    take_in(world, case, make_arrival(world, "a.dcm", data=b"eye", uid="1.2.3"))
    moved = world.clinic.do(world.physician, studies.get_instance, instance_id=received.instance.id)
    assert moved.patient_id == case.patient_id
    assert [
        len(find(world, world.physician, PatientID=number).found) for number in ("A7", "B")
    ] == [
        1,
        0,
    ]


def test_searches_find_names_as_they_are_written_and_read(world: Consortium) -> None:
    receive(world, b"one", name="Wang^XiaoDong=王^小东", number="A7", date="20260401")
    for value in ("wang", "王", "xiaodong", "wxd", "王小", "WANG xiao"):
        assert len(find(world, world.physician, PatientName=value).found) == 1, value
    for value in ("li", "dong", "李", "%"):
        assert find(world, world.physician, PatientName=value).found == [], value


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_what_no_column_holds_is_no_value_of_a_search(world: Consortium, value: str) -> None:
    for keyword in ("PatientName", "PatientID", "StudyDescription", "StudyInstanceUID"):
        with pytest.raises(RefusedError):
            find(world, world.physician, **{keyword: value})


def test_a_citizen_s_number_is_found_whole_and_by_no_wildcard(world: Consortium) -> None:
    receive(world, b"one", number="11010519491231002X")
    receive(world, b"two", uid="1.2.4", number="11010519491231002X")
    assert find(world, world.physician, PatientID="11010519491231002X").found
    assert find(world, world.physician, PatientID="1101051949*").found == []


def test_another_institution_finds_what_it_was_granted(world: Consortium) -> None:
    received = receive(world, b"one", number="A7")
    expert = world.expert
    assert find(world, expert, PatientID="A7").found == []
    with pytest.raises(InstanceNotFoundError):
        world.clinic.do(expert, list_study, institution_id=world.centre_id)
    world.clinic.do(
        world.physician,
        access.grant,
        ref=Ref(ObjectType.STUDY, received.instance.study_id),
        to=(Party.INSTITUTION, expert.institution),
        why="trial",
    )
    assert len(find(world, expert, PatientID="A7").found) == 1
    (given,) = world.clinic.do(expert, list_study, institution_id=world.centre_id)
    assert given.id == received.instance.id
    (described,) = world.clinic.do(expert, retrieval.describe_all, instances=[given])
    assert described.metadata == b"packed"


def list_study(work: Work, *, institution_id: str) -> list[Any]:
    """What of the study is open."""
    return list(retrieval.list_instances_of(work, institution_id=institution_id, study_uid=STUDY))


def test_a_look_is_told_to_the_case_in_which_the_object_stands_by_then(world: Consortium) -> None:
    arrival = make_arrival(
        world, data=b"eye", uid="1.2.3", origin=Origin.DICOM, picture_reason=NOT_LOOKED_AT
    )
    original = {Part.ORIGINAL: arrival.received.blobs[Part.ORIGINAL]}
    received = dataclasses.replace(arrival.received, blobs=original, indexed=told(number="A7"))
    came = {"institution_id": world.centre_id, "way": "stow", "source": ""}
    filed = world.clinic.do(world.photographer, ingest.receive, received=received, **came)
    case = make_draft(world, make_patient(world))
    take_in(world, case, make_arrival(world, "a.dcm", data=b"eye", uid="1.2.3"))
    instance = world.clinic.do(world.physician, studies.get_instance, instance_id=filed.instance.id)
    assert instance.awaits_look
    seen = dataclasses.replace(instance.description, picture_reason=None)
    thumbnail = {Part.THUMBNAIL: make_blob(world.centre_id)}
    world.clinic.system(
        service_look.keep_look, instance=instance, told=seen, pictures=thumbnail, indexed=None
    )
    line = [each for each in world.clinic.lines() if each.kind == "image.looked_at"][-1]
    assert (line.object_id, line.case_id) == (instance.id, case.id)
