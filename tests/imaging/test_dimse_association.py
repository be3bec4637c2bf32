"""What a peer may ask on a context, and what an association leaves behind."""

from pathlib import Path

import pytest

from imaging.dimse import classes
from imaging.dimse.command import DATA_SET, Field, Status, Tag, Values
from imaging.dimse.errors import PeerError, PeerGoneError
from imaging.dimse.identifier import format_identifier
from imaging.dimse.sending import Requestor, receive_command
from tests.makers.open_door import OpenHouse, open_plain_door

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
