"""What each request of a peer is answered with (PS3.7 9 and 10, PS3.4 annexes A, B, C, J and K)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from imaging.dimse import classes, commitment, negotiating, retrieval
from imaging.dimse.association import Association, Message
from imaging.dimse.command import DATA_SET, RESPONSE, Field, Status, Tag, answer_to
from imaging.dimse.errors import AbortReason, PeerError
from imaging.dimse.house import Guest, HouseAwayError, QuestionError, Stored
from imaging.dimse.identifier import format_identifier, parse_identifier
from imaging.dimse.incoming import NoRoomError

_LONGEST_COMMENT: Final = 64  # LO, PS3.7 C
_Step = Callable[[Association, Guest, Message], Awaitable[None]]


async def serve(association: Association) -> None:
    """Answer one message after another until the peer releases; raises PeerError, PeerGoneError."""
    guest = await association.negotiate()
    while (message := await association.receive()) is not None:
        command = message.command
        if command.field == Field.N_EVENT_REPORT | RESPONSE:
            association.unheard.pop(command.number(Tag.ANSWERED_ID), None)
        if command.field & RESPONSE or command.field == Field.C_CANCEL:
            continue  # an answer to nothing, or too late to stop
        step = _STEPS.get(command.field)
        if step is None or not _belongs(command.field, message.context.abstract_syntax):
            raise PeerError(AbortReason.UNEXPECTED_PARAMETER)
        await step(association, guest, message)


def _belongs(field: int, abstract_syntax: str) -> bool:
    """Whether the class that was agreed on for a context has this service (PS3.7 7.4)."""
    kinds = _CLASSES.get(field)
    return classes.is_storage_class(abstract_syntax) if kinds is None else abstract_syntax in kinds


async def _echo(association: Association, _guest: Guest, message: Message) -> None:
    await association.line.send_message(
        message.context.id, answer_to(message.command, Status.SUCCESS)
    )


async def _store(association: Association, guest: Guest, message: Message) -> None:
    stored = await _take(association, guest, message)
    told = answer_to(message.command, stored.status)
    if stored.comment:
        told[Tag.COMMENT] = stored.comment[:_LONGEST_COMMENT]
    await association.line.send_message(message.context.id, told)


async def _take(association: Association, guest: Guest, message: Message) -> Stored:
    """The spool's file is removed here, or by whoever took it over."""
    incoming, context = message.incoming, message.context
    if incoming is None:
        raise PeerError(AbortReason.INVALID_PARAMETER)
    roles = association.roles.get(context.abstract_syntax)
    try:
        if not guest.may_store or (roles is not None and not roles.scu):
            return Stored(Status.NOT_AUTHORISED)
        if incoming.name.sop_class_uid != context.abstract_syntax:
            return Stored(Status.CLASS_MISMATCH)
        await incoming.finish()
        return await association.house.store(guest, incoming)
    except NoRoomError:
        return Stored(Status.OUT_OF_RESOURCES, "too-large")
    except HouseAwayError:
        return Stored(Status.OUT_OF_RESOURCES, "try-again")
    finally:
        await incoming.remove()


async def _find(association: Association, guest: Guest, message: Message) -> None:
    command, context = message.command, message.context
    implicit = context.transfer_syntax == classes.IMPLICIT_LE
    question = parse_identifier(message.data, implicit=implicit)
    status: int = Status.SUCCESS
    try:
        model = context.abstract_syntax
        combined = negotiating.is_combined(association.extended, model)
        found = await association.house.find(guest, model, question, is_combined=combined)
        for match in found:
            if await association.is_cancelled(message):
                status = Status.CANCELLED
                break
            pending = answer_to(command, Status.PENDING) | {Tag.DATA_SET_TYPE: DATA_SET}
            data = format_identifier(match, implicit=implicit, charset=guest.charset)
            await association.line.send_message(context.id, pending, data)
    except QuestionError as refused:
        status = refused.status
    except HouseAwayError:
        status = Status.OUT_OF_RESOURCES
    await association.line.send_message(context.id, answer_to(command, status))


_CLASSES: Final[Mapping[int, frozenset[str]]] = MappingProxyType(
    {
        Field.C_ECHO: frozenset({classes.VERIFICATION}),
        Field.C_FIND: classes.FIND,
        Field.C_GET: classes.GET,
        Field.C_MOVE: classes.MOVE,
        Field.N_ACTION: frozenset({classes.COMMITMENT}),
    }
)
"""The classes of each service; objects are stored in every other."""
_STEPS: Final[Mapping[int, _Step]] = MappingProxyType(
    {
        Field.C_ECHO: _echo,
        Field.C_STORE: _store,
        Field.C_FIND: _find,
        Field.C_GET: retrieval.get,
        Field.C_MOVE: retrieval.move,
        Field.N_ACTION: commitment.act,
    }
)
