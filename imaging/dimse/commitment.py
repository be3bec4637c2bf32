"""Storage commitment, push model: which objects are safely kept (PS3.4 annex J)."""

from collections.abc import Sequence
from typing import Final

from imaging.dimse import classes
from imaging.dimse.associate import Roles
from imaging.dimse.association import Association, Message, Report
from imaging.dimse.command import (
    DATA_SET,
    RESPONSE,
    Command,
    Field,
    Status,
    Tag,
    answer_to,
)
from imaging.dimse.errors import AbortReason, PeerError
from imaging.dimse.house import Guest, House, HouseAwayError, Reference
from imaging.dimse.identifier import Attributes, format_identifier, parse_identifier
from imaging.dimse.line import Line
from imaging.dimse.sending import Outward, Requestor, receive_command

REQUEST: Final = 1
ALL_KEPT, SOME_FAILED = 1, 2
"""Types of action (J.3.2) and of event (J.3.3)."""

_TRANSACTION, _KEPT, _FAILED = 0x00081195, 0x00081199, 0x00081198
_CLASS, _INSTANCE, _REASON = 0x00081150, 0x00081155, 0x00081197


async def act(association: Association, guest: Guest, message: Message) -> None:
    """Answer the request, then report on the same association what is kept.

    Whoever releases it before the report is called back (`deliver`).
    """
    command = message.command
    status = _status_of(command, guest)
    implicit = message.context.transfer_syntax == classes.IMPLICIT_LE
    question = parse_identifier(message.data, implicit=implicit)
    transaction, asked = question.get(_TRANSACTION), _references(question)
    if status == Status.SUCCESS and not (isinstance(transaction, str) and transaction and asked):
        status = Status.INVALID_ARGUMENT
    kept: Sequence[Reference] = ()
    if status == Status.SUCCESS:
        try:
            kept = await association.house.list_kept(guest, asked)
        except HouseAwayError:
            status = Status.PROCESSING_FAILURE
    told = answer_to(command, status, action_type=REQUEST)
    await association.line.send_message(message.context.id, told)
    if status == Status.SUCCESS and isinstance(transaction, str):
        number = command.message_id
        report = association.unheard[number] = _outcome(transaction, asked, kept)
        implicit = message.context.transfer_syntax == classes.IMPLICIT_LE
        await _send(association.line, message.context.id, report, (number, implicit))


async def deliver(house: House, guest: Guest, report: Report, *, way: tuple[str, Outward]) -> bool:
    """Report on an association of our own, where the peer has left its own before (J.3.3).

    True where it was heard, or where there is no address at which it could be. Raises
    HouseAwayError, PeerGoneError and PeerError: it may be tried again.
    """
    calling, outward = way
    place = await house.find_home(guest)
    if place is None:
        return True
    there = await Requestor.connect(
        place,
        calling=calling,
        proposals=[(classes.COMMITMENT, syntax) for syntax in classes.PLAIN],
        outward=outward,
        roles={classes.COMMITMENT: Roles(scu=False, scp=True)},
    )
    try:
        context = next(iter(there.contexts.items()), None)
        if context is None:
            return False
        (_, syntax), number = context
        await _send(there.line, number, report, (1, syntax == classes.IMPLICIT_LE))
        return (await receive_command(there.line)).field == Field.N_EVENT_REPORT | RESPONSE
    finally:
        await there.release()


def _status_of(command: Command, guest: Guest) -> int:
    if command.sop_class_uid != classes.COMMITMENT:
        return Status.NO_SUCH_CLASS
    if command.sop_instance_uid != classes.COMMITMENT_INSTANCE:
        return Status.NO_SUCH_INSTANCE
    if command.number(Tag.ACTION_TYPE) != REQUEST:
        return Status.NO_SUCH_ACTION
    return Status.SUCCESS if guest.may_store else Status.NOT_AUTHORISED


def _references(question: Attributes) -> list[Reference]:
    items = question.get(_KEPT, ())
    if isinstance(items, str):
        raise PeerError(AbortReason.INVALID_PARAMETER)
    found = [(item.get(_CLASS, ""), item.get(_INSTANCE, "")) for item in items]
    return [
        Reference(kind, uid)
        for kind, uid in found
        if isinstance(kind, str) and isinstance(uid, str) and uid
    ]


def _outcome(transaction: str, asked: Sequence[Reference], kept: Sequence[Reference]) -> Report:
    """The event and its data set: everything is kept, or what is not and why (J.3.3.1)."""
    known = set(kept)
    good = [_item(each) for each in asked if each in known]
    bad = [
        {**_item(each), _REASON: str(int(Status.NO_SUCH_INSTANCE))}
        for each in asked
        if each not in known
    ]
    told: dict[int, str | Sequence[Attributes]] = {_TRANSACTION: transaction}
    if good:
        told[_KEPT] = good
    if bad:
        told[_FAILED] = bad
    return Report(SOME_FAILED if bad else ALL_KEPT, told)


def _item(each: Reference) -> dict[int, str | Sequence[Attributes]]:
    return {_CLASS: each.sop_class_uid, _INSTANCE: each.sop_instance_uid}


async def _send(line: Line, context_id: int, report: Report, how: tuple[int, bool]) -> None:
    """Send the event under this number; its answer says that it was heard (PS3.7 10.1.1)."""
    number, implicit = how
    values: dict[Tag, int | str] = {
        Tag.AFFECTED_CLASS: classes.COMMITMENT,
        Tag.FIELD: Field.N_EVENT_REPORT,
        Tag.MESSAGE_ID: number,
        Tag.DATA_SET_TYPE: DATA_SET,
        Tag.AFFECTED_INSTANCE: classes.COMMITMENT_INSTANCE,
        Tag.EVENT_TYPE: report.event,
    }
    data = format_identifier(report.told, implicit=implicit, charset="")
    await line.send_message(context_id, values, data)
