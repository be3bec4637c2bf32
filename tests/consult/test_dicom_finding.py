"""What a machine of the DICOM network is told of stored studies."""

import dataclasses

import pytest

from consult.cases import service as cases
from consult.kernel.work import Actor
from consult.studies import conflicts, ingest
from consult.studies.finding import service as finding
from consult.studies.finding.errors import TooWideError
from consult.studies.finding.model import Level, Question
from consult.studies.index.model import Indexed
from consult.studies.model import Ingested, Origin, Uids, Verdict
from consult.studies.waiting import service as waiting
from consult.studies.waiting.errors import StudyTooLargeError
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival


def machine(world: Consortium) -> Actor:
    """A camera of the centre."""
    return Actor(None, world.centre_id, machine_id="1")


def receive(
    world: Consortium, data: bytes, *, uid: str = "1.2.3", study: str = "2.25.1", **told: object
) -> Ingested:
    """An object comes from the camera; what it tells is named by tag."""
    arrival = make_arrival(world, data=data, uid=uid, origin=Origin.DICOM)
    attributes = {tag.removeprefix("t"): {"Value": [value]} for tag, value in told.items()}
    received = dataclasses.replace(
        arrival.received,
        uids=Uids(study, f"{study}.1", uid),
        indexed=Indexed(attributes, b"packed"),
    )
    return world.clinic.do(
        machine(world),
        ingest.receive,
        received=received,
        institution_id=world.centre_id,
        way="dimse",
        source="CAMERA",
    )


def test_what_was_doubted_is_not_said_to_be_safely_kept(world: Consortium) -> None:
    stored = receive(world, b"one").instance
    receive(world, b"three", uid="1.2.4")
    pairs = [(stored.description.sop_class_uid, uid) for uid in ("1.2.3", "1.2.4")]
    asked = {"asked": pairs}
    assert world.clinic.do(machine(world), finding.list_stored, **asked) == set(pairs)
    assert receive(world, b"two").verdict is Verdict.CONFLICT
    assert world.clinic.do(machine(world), finding.list_stored, **asked) == {pairs[1]}
    (waiting,) = world.clinic.do(world.physician, conflicts.list_received_conflicts)
    settled = {"conflict_id": waiting.id, "reason": "重复导出"}
    world.clinic.do(world.physician, conflicts.settle_received, **settled)
    assert world.clinic.do(machine(world), finding.list_stored, **asked) == {pairs[1]}


def ask(world: Consortium, level: Level, **keys: object) -> int:
    """How many matches the camera is told."""
    question = Question(level, **keys)  # type: ignore[arg-type]  # each test names real keys
    return len(world.clinic.do(machine(world), finding.find, question=question, limit=10))


SAID = {
    "t00080030": "103015.5",
    "t00200010": "ST-7",
    "t00200011": 3,
    "t00200013": 9,
    "t00100030": "19500115",
    "t00100040": "F",
    "t00081030": "Fundus, both eyes",
    "t00080090": {"Alphabetic": "Chen^Limin", "Ideographic": "陈^立民"},
}


@pytest.mark.parametrize(
    ("level", "right", "wrong"),
    [
        (Level.STUDY, {"study_time": "1030"}, {"study_time": "1031"}),
        (Level.STUDY, {"study_time": "10-11"}, {"study_time": "1031-"}),
        (Level.STUDY, {"study_number": "ST-*"}, {"study_number": "ST"}),
        (Level.SERIES, {"series_number": 3}, {"series_number": 4}),
        (Level.IMAGE, {"instance_number": 9}, {"instance_number": 3}),
        (Level.SERIES, {"modalities": ("O?",)}, {"modalities": ("C*",)}),
        (Level.STUDY, {"birth_date": "19500115"}, {"birth_date": "19500116"}),
        (Level.PATIENT, {"birth_date": "19500101-19510101"}, {"birth_date": "19500116-"}),
        (Level.STUDY, {"sex": "F"}, {"sex": "M"}),
        (Level.STUDY, {"description": "fundus*"}, {"description": "fundus"}),
        (Level.SERIES, {"referring": "CHEN^*"}, {"referring": "CHEN"}),
        (Level.STUDY, {"referring": "陈^立民"}, {"referring": "陈^立"}),
    ],
)
def test_every_key_is_matched(
    world: Consortium, level: Level, right: dict[str, object], wrong: dict[str, object]
) -> None:
    receive(world, b"one", **SAID)
    assert ask(world, level, **right) == 1
    assert ask(world, level, **wrong) == 0


def test_a_zero_byte_in_a_name_hinders_neither_filing_nor_finding(world: Consortium) -> None:
    receive(world, b"one", t00100010={"Alphabetic": "Wang\0^Fang"}, t00100020="A\0007")
    assert ask(world, Level.STUDY, patient_name="Wang^Fang", patient_number="A7") == 1


def test_an_object_is_found_by_its_class(world: Consortium) -> None:
    kind = receive(world, b"one").instance.description.sop_class_uid
    assert ask(world, Level.IMAGE, class_uids=(kind, "1.2.3")) == 1
    assert ask(world, Level.IMAGE, class_uids=("1.2.3",)) == 0


def test_more_than_is_told_is_refused_at_every_level(world: Consortium) -> None:
    for number in range(3):
        receive(world, bytes([number]), uid=f"1.2.{number}", study=f"2.25.9{number}")
    for level in Level:
        question = {"question": Question(level), "limit": 2}
        with pytest.raises(TooWideError):
            world.clinic.do(machine(world), finding.find, **question)
        with pytest.raises(TooWideError):
            world.clinic.do(machine(world), finding.list_retrievable, **question)
        assert world.clinic.do(machine(world), finding.find, question=Question(level), limit=3)


def test_a_study_that_another_institution_holds_is_not_told(world: Consortium) -> None:
    receive(world, b"one")
    elsewhere = Actor(None, world.stranger.institution, machine_id="2")
    question = {"question": Question(Level.STUDY), "limit": 5}
    assert world.clinic.do(elsewhere, finding.find, **question) == []
    assert len(world.clinic.do(machine(world), finding.find, **question)) == 1


def test_a_study_is_taken_whole_or_not_at_all(
    world: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = receive(world, b"one").instance
    for number in range(2):
        receive(world, bytes([number]), uid=f"1.2.{number}")
    monkeypatch.setattr(waiting, "MOST_AT_ONCE", 2)
    with pytest.raises(StudyTooLargeError):
        world.clinic.do(world.physician, waiting.take_waiting, study_id=study.study_id)
    monkeypatch.setattr(waiting, "MOST_AT_ONCE", 3)
    taken = world.clinic.do(world.physician, waiting.take_waiting, study_id=study.study_id)
    assert len(taken) == 3


def test_the_worklist_is_not_cut_where_a_page_ends(
    world: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "LONGEST_LIST", 1)
    for number in (2, 4):
        make_draft(world, make_patient(world, document_number=citizen_number(number)))
    assert len(world.clinic.do(machine(world), cases.list_drafts, limit=3)) == 2
