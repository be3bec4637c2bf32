"""Which photographs are missing, by eye and field."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.protocol import (
    CaptureException,
    CaptureProtocol,
    FieldCode,
    MissingField,
    NoImageReason,
    TakenImage,
    missing_fields,
    parse_protocol,
)
from consult.kernel.eyes import Eye
from tests.makers.rulebooks import config_names, read_config

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (parse_protocol(read_config(n)) for n in config_names("capture_protocols"))
}
TWO_FIELDS = PROTOCOLS["nhs-2-field"]
MACULA, DISC = FieldCode.MACULA_CENTRED, FieldCode.DISC_CENTRED


def taken(*pairs: tuple[Eye, FieldCode]) -> list[TakenImage]:
    return [TakenImage(eye, field) for eye, field in pairs]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("single-field", 1),
        ("nhs-2-field", 2),
        ("eyepacs-3-field-external", 4),
        ("etdrs-7-field", 7),
    ],
)
def test_without_images_every_field_of_both_eyes_is_missing(name: str, count: int) -> None:
    missing = missing_fields(PROTOCOLS[name], images=(), exceptions=())
    assert len(missing) == 2 * count
    assert [item.eye for item in missing] == [Eye.RIGHT] * count + [Eye.LEFT] * count


def test_three_of_four_images_name_the_one_that_is_missing() -> None:
    images = taken((Eye.RIGHT, MACULA), (Eye.RIGHT, DISC), (Eye.LEFT, MACULA))
    missing = missing_fields(TWO_FIELDS, images=images, exceptions=())
    assert missing == (MissingField(Eye.LEFT, DISC),)
    reason = NoImageReason.SMALL_PUPIL
    for excuse in (
        CaptureException(Eye.LEFT, DISC, reason),
        CaptureException(Eye.LEFT, None, reason),
    ):
        assert not missing_fields(TWO_FIELDS, images=images, exceptions=[excuse])
    other = CaptureException(Eye.RIGHT, DISC, reason)
    assert missing_fields(TWO_FIELDS, images=images, exceptions=[other]) == missing


def test_a_single_eyed_patient_is_complete_with_two_images() -> None:
    images = taken((Eye.LEFT, MACULA), (Eye.LEFT, DISC))
    absent = CaptureException(Eye.RIGHT, None, NoImageReason.EYE_ABSENT)
    for excuses, count in [([absent], 0), ([], 2)]:
        assert len(missing_fields(TWO_FIELDS, images=images, exceptions=excuses)) == count


def test_a_protocol_that_does_not_go_by_absent_eyes_still_asks_for_them() -> None:
    strict = replace(TWO_FIELDS, complete_without=frozenset())
    absent = CaptureException(Eye.RIGHT, None, NoImageReason.EYE_ABSENT)
    assert len(missing_fields(strict, images=(), exceptions=[absent])) == 4


@given(
    protocol=st.sampled_from(list(PROTOCOLS.values())),
    images=st.lists(st.tuples(st.sampled_from(Eye), st.sampled_from(FieldCode)), max_size=16),
    excused=st.lists(st.tuples(st.sampled_from(Eye), st.sampled_from(FieldCode)), max_size=4),
)
def test_what_is_missing_is_asked_for_neither_taken_nor_excused(
    protocol: CaptureProtocol,
    images: list[tuple[Eye, FieldCode]],
    excused: list[tuple[Eye, FieldCode]],
) -> None:
    missing = missing_fields(
        protocol,
        images=taken(*images),
        exceptions=[CaptureException(e, f, NoImageReason.DEVICE_FAULT) for e, f in excused],
    )
    asked = {(eye, field) for eye in Eye for field in protocol.fields}
    assert {(item.eye, item.field) for item in missing} == asked - set(images) - set(excused)
