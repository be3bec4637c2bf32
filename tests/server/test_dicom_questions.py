"""Which questions of a peer are questions at all."""

from collections.abc import Mapping

import pytest

from consult.studies.finding.model import Level
from imaging.dimse import classes
from imaging.dimse.identifier import Value
from server.dimse.questions import is_bounded, is_narrow, question_of

STUDY = {0x00080052: "STUDY"}


@pytest.mark.parametrize(
    "key",
    [
        {0x00100020: "1" * 65},
        {0x00100010: "*" * 195},
        {0x0020000D: "\\".join(["1.2"] * 501)},
        {0x00400100: [{0x00400007: "*a" * 33}]},
    ],
)
def test_a_key_that_is_longer_than_any_value_is_refused(key: Mapping[int, Value]) -> None:
    assert not is_bounded({**STUDY, **key})


def test_long_names_and_long_lists_are_questions_yet() -> None:
    uids = "\\".join(["1.2." + "3" * 60] * 500)
    assert is_bounded({**STUDY, 0x00100010: "王" * 194, 0x0020000D: uids})


def test_a_level_belongs_to_its_model() -> None:
    patient = {0x00080052: "PATIENT"}
    assert question_of(patient, classes.PATIENT_FIND) is not None
    assert question_of(patient, classes.STUDY_FIND) is None
    assert question_of(patient, classes.STUDY_MOVE) is None


@pytest.mark.parametrize(("number", "narrow"), [("A7", True), ("A*", False), ("????????", False)])
def test_a_retrieval_by_patient_names_one_patient(number: str, *, narrow: bool) -> None:
    question = question_of({0x00080052: "PATIENT", 0x00100020: number}, classes.PATIENT_MOVE)
    assert question is not None
    assert is_narrow(question) is narrow


@pytest.mark.parametrize(
    "key", [{0x00080020: "yesterday"}, {0x00080030: "25 past"}, {0x00200013: "x"}]
)
def test_an_impossible_key_is_refused(key: Mapping[int, Value]) -> None:
    assert question_of({0x00080052: "IMAGE", **key}, classes.STUDY_FIND) is None


def test_dates_and_times_are_one_moment_where_that_was_agreed() -> None:
    key = {**STUDY, 0x00080020: "20040118-20040119", 0x00080030: "080000-073000"}
    for is_combined in (True, False):
        question = question_of(key, classes.STUDY_FIND, is_combined=is_combined)
        assert question is not None
        assert question.is_combined is is_combined


def test_keys_below_the_level_are_left_alone() -> None:
    question = question_of({**STUDY, 0x00200013: "4"}, classes.STUDY_FIND)
    assert question is not None
    assert (question.level, question.instance_number) == (Level.STUDY, None)
