"""Which questions of a peer are questions at all."""

from collections.abc import Mapping

import pytest

from consult.studies.finding.model import Level
from imaging.dimse import classes
from imaging.dimse.identifier import Value
from server.dimse.finding import KEYWORDS, UNMATCHED
from server.dimse.questions import is_bounded, is_narrow, question_of
from server.dimse.scheduling import matches

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
    "key",
    [{0x00080020: "yesterday"}, {0x00080030: "25 past"}, {0x00200013: "x"}, {0x00100030: "1950"}],
)
def test_an_impossible_key_is_refused(key: Mapping[int, Value]) -> None:
    assert question_of({0x00080052: "IMAGE", **key}, classes.STUDY_FIND) is None


def test_dates_and_times_are_one_moment_where_that_was_agreed() -> None:
    key = {**STUDY, 0x00080020: "20040118-20040119", 0x00080030: "080000-073000"}
    for is_combined in (True, False):
        question = question_of(key, classes.STUDY_FIND, is_combined=is_combined)
        assert question is not None
        assert question.is_combined is is_combined


def test_every_key_that_is_said_to_be_matched_is_asked() -> None:
    said = {0x00080020: "20260101", 0x00080030: "10", 0x00200011: "1", 0x00200013: "1"}
    said[0x00100030] = "19500101"
    everything = {0x00080052: "IMAGE"}
    for tag in KEYWORDS.keys() - UNMATCHED:
        plain = question_of(everything, classes.STUDY_FIND)
        assert question_of({**everything, tag: said.get(tag, "7")}, classes.STUDY_FIND) != plain, (
            tag
        )
    for tag in UNMATCHED:
        assert question_of({**everything, tag: "7"}, classes.STUDY_FIND) == plain


def test_keys_below_the_level_are_left_alone() -> None:
    question = question_of({**STUDY, 0x00200013: "4"}, classes.STUDY_FIND)
    assert question is not None
    assert (question.level, question.instance_number) == (Level.STUDY, None)


STEP = {0x00400100: [{0x00080060: "OP", 0x00400002: "20260415", 0x00400003: "101500"}]}


@pytest.mark.parametrize(
    ("day", "time", "is_told"),
    [
        ("20260415", "", True),
        ("20260416-", "", False),
        ("20260415", "080000-120000", True),
        ("20260415", "130000-180000", False),
        ("20260415", "1015", True),
        ("20260415", "1016", False),
        ("20260414-20260415", "120000-110000", True),  # from the noon before until eleven
        ("20260414-20260415", "120000-100000", False),
        ("*", "-1200", True),
        ("tomorrow", "", False),
    ],
)
def test_a_camera_is_told_who_comes_between_two_hours(
    day: str, time: str, *, is_told: bool
) -> None:
    asked = {0x00400100: [{0x00080060: "", 0x00400002: day, 0x00400003: time}]}
    assert matches(STEP, asked) is is_told
