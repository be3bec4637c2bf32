"""C-GET and C-MOVE: objects sent to whoever asks, or to a third party (PS3.4 C.4.2 and C.4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from imaging.dimse import classes
from imaging.dimse.association import Association, Message
from imaging.dimse.classes import EXPLICIT_LE
from imaging.dimse.command import DATA_SET, RESPONSE, Field, Status, Tag, answer_to
from imaging.dimse.errors import AbortReason, PeerError, PeerGoneError
from imaging.dimse.house import Guest, Held, HouseAwayError, Place, QuestionError
from imaging.dimse.identifier import format_identifier, parse_identifier
from imaging.dimse.incoming import ObjectName
from imaging.dimse.sending import Requestor, send_object

FAILED_LIST: Final = 0x00080058
_MOST_LISTED: Final = 1000
_MOST_CONTEXTS: Final = 64
_WARNING: Final = 0xB000


@dataclass(slots=True)
class _Count:
    """How far the sub-operations are (PS3.4 C.4.2.1.6 to .9)."""

    remaining: int
    completed: int = 0
    warning: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, held: Held, status: int | None) -> None:
        self.remaining -= 1
        if status == Status.SUCCESS:
            self.completed += 1
        elif status is not None and status & 0xF000 == _WARNING:
            self.warning += 1
        else:
            self.failed.append(held.name.sop_instance_uid)

    def values(self) -> dict[str, int]:
        return {
            "remaining": self.remaining,
            "completed": self.completed,
            "failed": len(self.failed),
            "warning": self.warning,
        }

    def status(self) -> int:
        if not self.failed:
            return Status.PARTLY_DONE if self.warning else Status.SUCCESS
        return Status.PARTLY_DONE if self.completed + self.warning else Status.NOTHING_SENT


async def get(association: Association, guest: Guest, message: Message) -> None:
    """Send what is asked for over the association on which it was asked."""
    held = await _list(association, guest, message)
    if held is None:
        return
    count = _Count(len(held))
    for number, each in enumerate(held, 1):
        if await association.is_cancelled(message):
            await _end(association, message, count, Status.CANCELLED)
            return
        count.add(each, await _give(association, guest, each, number))
        await _tell(association, message, count)
    await _end(association, message, count, count.status())


async def move(association: Association, guest: Guest, message: Message) -> None:
    """Send what is asked for to another peer of the same institution."""
    try:
        place = await association.house.find_place(guest, message.command.text(Tag.MOVE_TO))
    except HouseAwayError:
        place = None
    if place is None:
        await _refuse(association, message, Status.DESTINATION_UNKNOWN)
        return
    held = await _list(association, guest, message)
    if held is None:
        return
    count = _Count(len(held))
    for start in range(0, len(held), _MOST_CONTEXTS):
        part = held[start : start + _MOST_CONTEXTS]
        if await _move_part(association, guest, message, (place, part, count)):
            await _end(association, message, count, Status.CANCELLED)
            return
    await _end(association, message, count, count.status())


async def _move_part(
    association: Association,
    guest: Guest,
    message: Message,
    work: tuple[Place, Sequence[Held], _Count],
) -> bool:
    """Send some objects over one association; whether the peer cancelled meanwhile."""
    place, part, count = work
    kinds = {(each.name.sop_class_uid, each.name.transfer_syntax_uid) for each in part}
    kinds |= {(uid, EXPLICIT_LE) for uid, _ in kinds}
    try:
        there = await association.reach(place, sorted(kinds))
    except (PeerGoneError, PeerError):
        there = None
    try:
        for each in part:
            if await association.is_cancelled(message):
                return True
            count.add(each, await _carry(association, guest, there, (each, message)))
            await _tell(association, message, count)
    finally:
        if there is not None:
            await there.release()
    return False


async def _carry(
    association: Association,
    guest: Guest,
    there: Requestor | None,
    work: tuple[Held, Message],
) -> int | None:
    """Send one object to the third party: its status, or None where it did not arrive."""
    held, message = work
    if there is None:
        return None
    name = held.name
    taken = [syntax for uid, syntax in there.contexts if uid == name.sop_class_uid]
    syntax = _best(name, taken)
    if syntax is None:
        return None
    named = ObjectName(name.sop_class_uid, name.sop_instance_uid, syntax)
    origin: dict[Tag, int | str] = {
        Tag.MOVE_FROM: guest.title,
        Tag.MOVE_FROM_ID: message.command.message_id,
    }
    try:
        path = await association.house.fetch(guest, held, syntax)
        if path is None:
            return None
        try:
            return await there.store(path, named, origin)
        finally:
            path.unlink(missing_ok=True)
    except (HouseAwayError, PeerGoneError, PeerError):
        return None


async def _give(association: Association, guest: Guest, held: Held, number: int) -> int | None:
    """Send one object to whoever asked; raises PeerGoneError and PeerError, for it is its line."""
    name = held.name
    contexts = {
        each.transfer_syntax: each.id
        for each in association.contexts.values()
        if each.abstract_syntax == name.sop_class_uid
    }
    roles = association.roles.get(name.sop_class_uid)
    syntax = _best(name, list(contexts))
    if roles is None or not roles.scp or syntax is None:
        return None
    try:
        path = await association.house.fetch(guest, held, syntax)
    except HouseAwayError:
        path = None
    if path is None:
        return None
    named = ObjectName(name.sop_class_uid, name.sop_instance_uid, syntax)
    try:
        more = {Tag.MESSAGE_ID: number & 0xFFFF}
        await send_object(association.line, contexts[syntax], path, named, more)
    finally:
        path.unlink(missing_ok=True)
    answer = await association.receive_answer()
    if answer.command.field != Field.C_STORE | RESPONSE:
        raise PeerError(AbortReason.UNEXPECTED_PARAMETER)
    return answer.command.number(Tag.STATUS)


def _best(name: ObjectName, taken: Sequence[str]) -> str | None:
    """As it is stored, or decoded where the peer takes only that."""
    if name.transfer_syntax_uid in taken:
        return name.transfer_syntax_uid
    return EXPLICIT_LE if EXPLICIT_LE in taken else None


async def _list(association: Association, guest: Guest, message: Message) -> Sequence[Held] | None:
    """What is asked for, or None where the question was refused."""
    implicit = message.context.transfer_syntax == classes.IMPLICIT_LE
    question = parse_identifier(message.data, implicit=implicit)
    try:
        return await association.house.list_held(guest, message.context.abstract_syntax, question)
    except QuestionError as refused:
        await _refuse(association, message, refused.status)
    except HouseAwayError:
        await _refuse(association, message, Status.OUT_OF_RESOURCES)
    return None


async def _tell(association: Association, message: Message, count: _Count) -> None:
    if count.remaining:
        told = answer_to(message.command, Status.PENDING, **count.values())
        await association.line.send_message(message.context.id, told)


async def _end(association: Association, message: Message, count: _Count, status: int) -> None:
    values = count.values()
    if status != Status.CANCELLED:
        del values["remaining"]
    told = answer_to(message.command, status, **values)
    data = None
    if count.failed:
        told[Tag.DATA_SET_TYPE] = DATA_SET
        named = {FAILED_LIST: "\\".join(count.failed[:_MOST_LISTED])}
        implicit = message.context.transfer_syntax == classes.IMPLICIT_LE
        data = format_identifier(named, implicit=implicit, charset="")
    await association.line.send_message(message.context.id, told, data)


async def _refuse(association: Association, message: Message, status: int) -> None:
    await association.line.send_message(message.context.id, answer_to(message.command, status))
