"""UIDs of PS3.5 9.1 and B.2."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import MalformedUidError
from imaging.uid import make_uid, parse_received_uid, parse_uid


@given(st.uuids())
def test_every_uuid_makes_a_uid_that_parses(made: uuid.UUID) -> None:
    uid = make_uid(made.int)
    assert parse_uid(uid) == uid
    assert len(uid) <= 64


@given(st.text(max_size=80))
def test_whatever_parses_obeys_the_rules(text: str) -> None:
    try:
        uid = parse_uid(text)
    except MalformedUidError:
        return
    assert len(uid) <= 64
    assert all(part.isascii() and part.isdigit() for part in uid.split("."))
    assert not any(part.startswith("0") and part != "0" for part in uid.split("."))


@pytest.mark.parametrize(
    "text", ["", "1", "1.", ".1", "1..2", "1.02", "1.٢", "1.2\n", "a.b", "1." + "2" * 63]
)
def test_what_is_no_uid_is_refused(text: str) -> None:
    with pytest.raises(MalformedUidError):
        parse_uid(text)


@given(st.text(max_size=80))
def test_a_received_uid_is_safe_in_an_address(text: str) -> None:
    try:
        uid = parse_received_uid(text)
    except MalformedUidError:
        return
    assert re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.]{0,63}", uid)


@pytest.mark.parametrize("number", [-1, 1 << 128])
def test_a_number_that_is_no_uuid_is_refused(number: int) -> None:
    with pytest.raises(MalformedUidError):
        make_uid(number)
