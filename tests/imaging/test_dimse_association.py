"""What a peer may ask on a context, and what an association leaves behind."""

import asyncio
from pathlib import Path

import pytest

from imaging.dimse import classes
from imaging.dimse.associate import Associate, Proposal, Roles, format_request
from imaging.dimse.command import (
    DATA_SET,
    NO_DATA_SET,
    Field,
    Status,
    Tag,
    Values,
    answer_to,
)
from imaging.dimse.errors import PeerError, PeerGoneError
from imaging.dimse.house import Held
from imaging.dimse.identifier import format_identifier
from imaging.dimse.incoming import ObjectName, file_meta
from imaging.dimse.line import Line
from imaging.dimse.reader import Piece, Whole
from imaging.dimse.sending import Requestor, receive_command
from tests.makers.open_door import PATIENCE, Door, OpenHouse, open_plain_door

PLAIN = classes.IMPLICIT_LE
CT = "1.2.840.10008.5.1.4.1.1.2"
QUESTION = format_identifier({0x00080052: "STUDY"}, implicit=True, charset="")


def _asked(kind: str, field: Field, **more: int | str) -> Values:
    values: dict[Tag, int | str] = {
        Tag.AFFECTED_CLASS: kind,
        Tag.FIELD: field,
        Tag.MESSAGE_ID: 1,
        Tag.PRIORITY: 0,
        Tag.DATA_SET_TYPE: DATA_SET,
    }
    return values | {Tag[name.upper()]: value for name, value in more.items()}


async def _status(there: Requestor) -> int | None:
    """The status of the answer; None where the door ends the association instead."""
    try:
        return (await receive_command(there.line)).number(Tag.STATUS)
    except (PeerGoneError, PeerError):
        return None


@pytest.mark.parametrize(
    ("context", "kind", "field"),
    [
        (classes.VERIFICATION, classes.STUDY_FIND, Field.C_FIND),
        (classes.VERIFICATION, classes.STUDY_GET, Field.C_GET),
        (classes.VERIFICATION, classes.STUDY_MOVE, Field.C_MOVE),
        (CT, classes.STUDY_FIND, Field.C_FIND),
        (classes.COMMITMENT, classes.STUDY_FIND, Field.C_FIND),
    ],
)
async def test_a_service_is_asked_for_on_its_own_context_alone(
    tmp_path: Path, context: str, kind: str, field: Field
) -> None:
    house = OpenHouse(tmp_path, may_query=False)
    async with open_plain_door(house) as door:
        there = await door.connect((context, PLAIN))
        assert there.contexts
        await there.line.send_message(1, _asked(kind, field), QUESTION)
        assert await _status(there) is None
        there.line.drop()
    assert house.questions == 0


async def test_whoever_may_ask_is_answered(tmp_path: Path) -> None:
    house = OpenHouse(tmp_path)
    async with open_plain_door(house) as door:
        there = await door.connect((classes.STUDY_FIND, PLAIN))
        values = _asked(classes.STUDY_FIND, Field.C_FIND)
        await there.line.send_message(1, values, QUESTION)
        assert await _status(there) == Status.SUCCESS
        await there.release()
    assert house.questions == 1


async def test_an_object_in_the_midst_of_another_operation_ends_it_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    async with open_plain_door(_holding(tmp_path, 2)) as door:
        there = await _begin_get(door)
        assert (await receive_command(there.line)).field == Field.C_STORE
        await _skip_data(there)
        await there.line.send_message(3, _asked(CT, Field.C_STORE, affected_instance="1.9"), b"x")
        assert await _status(there) is None
        there.line.drop()
        await _until_ended(door)
    assert _files_in(tmp_path) == []


async def test_a_fetch_that_is_cancelled_ends_with_its_counts(tmp_path: Path) -> None:
    async with open_plain_door(_holding(tmp_path, 3)) as door:
        there = await _begin_get(door)
        stored = await receive_command(there.line)
        await _skip_data(there)
        for number in (6, 7):  # the first is another operation's
            cancel: Values = {
                Tag.FIELD: Field.C_CANCEL,
                Tag.ANSWERED_ID: number,
                Tag.DATA_SET_TYPE: NO_DATA_SET,
            }
            await there.line.send_message(1, cancel)
        await there.line.send_message(3, answer_to(stored, Status.SUCCESS))
        pending, last = [await receive_command(there.line) for _ in range(2)]
        assert pending.number(Tag.STATUS) == Status.PENDING
        assert [last.number(tag) for tag in (Tag.STATUS, Tag.COMPLETED, Tag.REMAINING)] == [
            Status.CANCELLED,
            1,
            2,
        ]
        await there.release()
        await _until_ended(door)
    assert [each.code for each in door.ended] == ["released"]


def _files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _holding(folder: Path, count: int) -> OpenHouse:
    names = [ObjectName(CT, f"1.2.{number}", PLAIN) for number in range(count)]
    held = [(Held(each.sop_instance_uid, each), file_meta(each) + QUESTION) for each in names]
    return OpenHouse(folder, held=held)


async def _begin_get(door: Door) -> Requestor:
    """Ask for everything, as number 7, over an association that takes objects."""
    asked = Associate(
        "LIANZHEN",
        "CAMERA",
        proposals=(Proposal(1, classes.STUDY_GET, (PLAIN,)), Proposal(3, CT, (PLAIN,))),
        roles={CT: Roles(scu=True, scp=True)},
    )
    streams = await asyncio.open_connection("127.0.0.1", door.port)
    there = Requestor(Line(streams, patience=PATIENCE, longest_data=1 << 17))
    await there.line.send(format_request(asked, longest_data=1 << 17))
    assert isinstance(await there.line.next(), Whole)
    values = _asked(classes.STUDY_GET, Field.C_GET, message_id=7)
    await there.line.send_message(1, values, QUESTION)
    return there


async def _skip_data(there: Requestor) -> None:
    while not isinstance(piece := await there.line.next(), Piece) or not piece.ends:
        pass


async def _until_ended(door: Door) -> None:
    async with asyncio.timeout(60):
        while not door.ended:  # noqa: ASYNC110 - the door's own tasks end it
            await asyncio.sleep(0.01)
