"""Whatever a peer sends ends in what it means or in an abort: no exception, and no memory."""

import contextlib
import struct
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.dimse import classes
from imaging.dimse.associate import (
    Answer,
    Associate,
    Proposal,
    Roles,
    format_acceptance,
    format_request,
    parse_associate,
    unit,
)
from imaging.dimse.command import Field, Status, Tag, format_command, parse_command
from imaging.dimse.errors import AbortReason, PeerError
from imaging.dimse.identifier import format_identifier, parse_identifier
from imaging.dimse.reader import PduReader, PduType, Piece, Whole

LONGEST = 1 << 14
ASKED = Associate(
    "LIANZHEN",
    "CAMERA",
    proposals=(
        Proposal(1, classes.VERIFICATION, (classes.IMPLICIT_LE,)),
        Proposal(3, "1.2.840.10008.5.1.4.1.1.77.1.5.1", classes.TRANSFER_SYNTAXES[:5]),
    ),
)
COMMAND = format_command(
    {
        Tag.AFFECTED_CLASS: classes.VERIFICATION,
        Tag.FIELD: Field.C_ECHO,
        Tag.MESSAGE_ID: 7,
        Tag.DATA_SET_TYPE: 0x0101,
    }
)
QUESTION = {
    0x00080052: "STUDY",
    0x00100010: "Wang^Xiaoming=王^小明",
    0x0020000D: "",
    0x00400100: [{0x00080060: "OP", 0x00400002: "20260101-"}],
}


def _data(context_id: int, *values: tuple[int, bytes]) -> bytes:
    """One P-DATA-TF with these values: control header and bytes."""
    items = b"".join(
        struct.pack(">IBB", len(data) + 2, context_id, control) + data for control, data in values
    )
    return unit(PduType.DATA, items)


CONVERSATION = b"".join(
    (
        format_request(ASKED, longest_data=LONGEST),
        _data(1, (3, COMMAND)),
        _data(3, (1, COMMAND[:9]), (3, COMMAND[9:])),
        _data(3, (0, b"x" * 700), (0, b""), (2, b"y" * 300)),
        _data(3, (2, b"")),
        unit(PduType.RELEASE_RQ, bytes(4)),
    )
)


def _read(pieces: Sequence[bytes]) -> list[object]:
    """What the pieces say; bytes of one value joined, however they came."""
    reader, told = PduReader(longest_data_bytes=LONGEST), list[object]()
    for piece in pieces:
        for event in reader.feed(piece):
            last = told[-1] if told else None
            if isinstance(event, Piece) and isinstance(last, Piece) and not last.ends:
                told[-1] = Piece(
                    event.context_id,
                    event.is_command,
                    memoryview(bytes(last.data) + event.data),
                    event.ends,
                )
            else:
                told.append(event)
    return told


@given(cuts=st.lists(st.integers(0, len(CONVERSATION)), max_size=40))
def test_however_the_bytes_are_cut_they_say_the_same(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(CONVERSATION)]
    assert _read([CONVERSATION[a:b] for a, b in pairwise(ends)]) == _read([CONVERSATION])


def test_a_conversation_says_what_was_put_into_it() -> None:
    told = _read([bytes([each]) for each in CONVERSATION])
    assert [type(each) for each in told] == [Whole, Piece, Piece, Piece, Piece, Whole]
    assert isinstance(told[0], Whole)
    asked = parse_associate(told[0].body)
    assert (asked.called, asked.calling, asked.proposals) == ("LIANZHEN", "CAMERA", ASKED.proposals)
    assert isinstance(told[3], Piece)
    assert told[3].data == b"x" * 700 + b"y" * 300


@pytest.mark.parametrize("kind", [0x01, 0x02, 0x04, 0x05, 0x07, 0x00, 0x08, 0xFF])
def test_a_length_of_four_gibibytes_is_refused_before_a_byte_behind_it(kind: int) -> None:
    reader = PduReader(longest_data_bytes=LONGEST)
    with pytest.raises(PeerError):
        list(reader.feed(struct.pack(">BxI", kind, 0xFFFFFFFF)))


@pytest.mark.parametrize(
    ("length", "reason"),
    [(1, AbortReason.INVALID_PARAMETER), (99, AbortReason.INVALID_PARAMETER)],
)
def test_a_value_that_does_not_fit_its_unit_is_refused(length: int, reason: AbortReason) -> None:
    wrong = unit(PduType.DATA, struct.pack(">IBB", length, 1, 0) + bytes(10))
    with pytest.raises(PeerError) as refused:
        _read([wrong])
    assert refused.value.reason is reason


@settings(max_examples=400)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(CONVERSATION) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=8,
    )
)
def test_a_changed_byte_ends_in_an_abort_or_in_other_words(changes: list[tuple[int, int]]) -> None:
    changed = bytearray(CONVERSATION)
    for at, byte in changes:
        changed[at] = byte
    with contextlib.suppress(PeerError):
        for event in _read([bytes(changed)]):
            if isinstance(event, Whole) and event.type is PduType.ASSOCIATE_RQ:
                parse_associate(event.body)
            elif isinstance(event, Piece) and event.is_command:
                parse_command(bytes(event.data))


@settings(max_examples=300)
@given(data=st.binary(max_size=400))
def test_bytes_without_sense_are_refused(data: bytes) -> None:
    for read in (
        parse_associate,
        parse_command,
        lambda some: parse_identifier(some, implicit=True),
        lambda some: parse_identifier(some, implicit=False),
    ):
        with contextlib.suppress(PeerError):
            read(data)


@settings(max_examples=300)
@given(
    at=st.integers(0, 200),
    byte=st.integers(0, 255),
    implicit=st.booleans(),
    charset=st.sampled_from(["ISO_IR 192", "GB18030"]),
)
def test_a_changed_question_is_refused_or_another_one(
    at: int, byte: int, *, implicit: bool, charset: str
) -> None:
    good = format_identifier(QUESTION, implicit=implicit, charset=charset)
    assert parse_identifier(good, implicit=implicit) == {**QUESTION, 0x00080005: charset}
    changed = bytearray(good)
    changed[at % len(good)] = byte
    with contextlib.suppress(PeerError):
        parse_identifier(bytes(changed), implicit=implicit)


def test_a_name_with_code_extensions_is_read_without_them() -> None:
    charset, name = b"\\ISO 2022 IR 58", b"Wang^Xiao=\x1b$)A" + "王^小东".encode("gb2312")
    name += b" " * (len(name) % 2)
    data = b"".join(
        struct.pack("<HHI", group, element, len(value)) + value
        for group, element, value in ((0x0008, 0x0005, charset), (0x0010, 0x0010, name))
    )
    assert parse_identifier(data, implicit=True)[0x00100010] == "Wang^Xiao=王^小东"


def test_sequences_without_end_and_without_bottom_are_refused() -> None:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    sequence = struct.pack("<HHI", 0x0040, 0x0100, 0xFFFFFFFF)
    with pytest.raises(PeerError):
        parse_identifier((sequence + item) * 100, implicit=True)
    many = struct.pack("<HHI", 0x0010, 0x0010, 0) * 50_000
    with pytest.raises(PeerError):
        parse_identifier(many, implicit=True)


def test_an_acceptance_is_read_as_it_was_written() -> None:
    answers = (Answer(1, 0, classes.IMPLICIT_LE), Answer(3, 3, classes.EXPLICIT_LE))
    roles = {"1.2.840.10008.5.1.4.1.1.2": Roles(scu=False, scp=True)}
    written = format_acceptance(replace(ASKED, roles=roles), answers, longest_data=LONGEST)
    told = parse_associate(written[6:])
    assert (told.answers, told.roles, told.longest_data) == (answers, roles, LONGEST)


def test_a_command_is_read_as_it_was_written() -> None:
    told = parse_command(COMMAND)
    assert (told.field, told.message_id, told.has_data_set) == (Field.C_ECHO, 7, False)
    assert told.sop_class_uid == classes.VERIFICATION
    with pytest.raises(PeerError):
        told.number(Tag.STATUS)
    assert parse_command(format_command({Tag.STATUS: Status.SUCCESS})).number(Tag.STATUS) == 0


def test_every_storage_class_is_taken_and_nothing_else() -> None:
    assert classes.is_storage_class("1.2.840.10008.5.1.4.1.1.77.1.5.1")
    assert classes.is_storage_class("1.3.12.2.1107.5.9.1")  # a maker's own
    for uid in (*classes.SERVICES, "1.2.840.10008.5.1.4.1.1.200.4", "1.2.840.10008.1.20.2"):
        assert not classes.is_storage_class(uid)
    assert classes.choose_syntax("1.2.840.10008.5.1.4.1.1.2", ["1.2.3", classes.IMPLICIT_LE]) == (
        classes.IMPLICIT_LE
    )
    assert classes.choose_syntax("1.2.840.10008.5.1.4.1.1.2", ["1.2.840.10008.1.2.4.94"]) is None
