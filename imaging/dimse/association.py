"""One association as its acceptor: negotiated, served, released (PS3.8 7, 9.2; PS3.7 7)."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from imaging.dimse import classes, negotiating
from imaging.dimse.associate import (
    ACCEPTED,
    APPLICATION_CONTEXT,
    Associate,
    Roles,
    format_abort,
    format_acceptance,
    format_rejection,
    parse_associate,
    unit,
)
from imaging.dimse.command import LONGEST_COMMAND_BYTES, Command, Field, Tag, parse_command
from imaging.dimse.data_set import DataSet
from imaging.dimse.errors import (
    AbortReason,
    PeerError,
    PeerGoneError,
    RefusedAssociationError,
    Rejection,
)
from imaging.dimse.house import Guest, House, Place
from imaging.dimse.identifier import LONGEST_IDENTIFIER_BYTES, Attributes
from imaging.dimse.incoming import Incoming, ObjectName
from imaging.dimse.line import Line, Patience
from imaging.dimse.reader import PduType, Whole
from imaging.dimse.sending import Outward, Requestor

_RELEASED: Final = unit(PduType.RELEASE_RP, bytes(4))


@dataclass(frozen=True, slots=True)
class Context:
    """An accepted presentation context."""

    id: int
    abstract_syntax: str
    transfer_syntax: str


@dataclass(frozen=True, slots=True)
class Message:
    """A command with what came behind it: a small data set, or an object in the spool."""

    context: Context
    command: Command
    data: bytes = b""
    incoming: Incoming | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large an object may be, and how much data one unit may hold."""

    longest_object_bytes: int
    longest_data: int
    patience: Patience

    def outward(self, secure: ssl.SSLContext | None) -> Outward:
        """The same for associations that we open."""
        return Outward(self.patience, self.longest_data, secure)


@dataclass(frozen=True, slots=True)
class Report:
    """What a peer is told of objects that it asked to be kept: the event, and its data set."""

    event: int
    told: Attributes


class Association:
    """A peer that has connected to us."""

    guest: Guest | None = None

    def __init__(
        self,
        line: Line,
        house: House,
        bounds: Bounds,
        *,
        gate: Callable[[Associate], None],
        secure: ssl.SSLContext | None = None,
    ) -> None:
        self.line = line
        self.house = house
        self.called = ""
        self.contexts: dict[int, Context] = {}
        self.roles: Mapping[str, Roles] = {}
        self.extended: Mapping[str, bytes] = {}
        self.unheard: dict[int, Report] = {}
        self._bounds = bounds
        self.outward = bounds.outward(secure)
        self._gate = gate
        self._ahead: list[Message | None] = []
        self._cancelled: int | None = None
        self._incoming: Incoming | None = None

    async def negotiate(self) -> Guest:
        """Answer the proposal, which must come within ARTIM.

        Raises PeerError, PeerGoneError, RefusedAssociationError.
        """
        try:
            async with asyncio.timeout(self._bounds.patience.artim_s):
                first = await self.line.next()
        except TimeoutError:
            raise PeerGoneError from None
        if not isinstance(first, Whole) or first.type is not PduType.ASSOCIATE_RQ:
            raise PeerError(AbortReason.UNEXPECTED_PDU)
        asked = parse_associate(first.body)
        if not asked.protocol_version & 1:
            raise RefusedAssociationError(Rejection.PROTOCOL_VERSION)
        if asked.application_context != APPLICATION_CONTEXT:
            raise RefusedAssociationError(Rejection.CONTEXT_NAME)
        self.called = asked.called
        guest = await self.house.admit(asked, self.line.address, self.line.names)
        self._gate(asked)  # a place is taken by whoever a title belongs to, not by its claim
        self.guest = guest
        await self._accept(asked, guest)
        return guest

    async def receive(self) -> Message | None:
        """The next message, or None when the peer has released."""
        self._cancelled = None
        return self._ahead.pop() if self._ahead else await self._receive(is_busy=False)

    async def receive_answer(self) -> Message:
        """The answer to what we sent; a C-CANCEL on the way is kept for `is_cancelled`.

        Raises PeerGoneError where the peer releases instead, and PeerError.
        """
        while True:
            message = await self._receive(is_busy=True)
            if message is None:
                raise PeerGoneError
            if message.command.field != Field.C_CANCEL:
                return message
            self._cancelled = message.command.number(Tag.ANSWERED_ID)

    async def is_cancelled(self, message: Message) -> bool:
        """Whether the peer has asked to stop this; any other message waits for `receive`."""
        if not self._ahead and await self.line.has_next():
            came = await self._receive(is_busy=True)
            if came is not None and came.command.field == Field.C_CANCEL:
                self._cancelled = came.command.number(Tag.ANSWERED_ID)
            else:
                self._ahead.append(came)
        return self._cancelled == message.command.message_id or None in self._ahead

    async def reach(self, place: Place, proposals: Sequence[tuple[str, str]]) -> Requestor:
        """Open an association of our own; raises PeerGoneError and PeerError."""
        return await Requestor.connect(
            place, calling=self.called, proposals=proposals, outward=self.outward
        )

    async def end(self, failure: BaseException | None = None) -> None:
        """Leave, with the word that the failure deserves."""
        if isinstance(failure, PeerError):
            await self.line.close(format_abort(failure.reason))
        elif isinstance(failure, RefusedAssociationError):
            await self.line.close(format_rejection(failure.rejection))
        elif failure is None:
            await self.line.close(_RELEASED)
        else:
            self.line.drop()

    async def forget(self) -> None:
        """Remove what a peer began to send and nobody took over."""
        if self._incoming is not None:
            await self._incoming.remove()

    async def _accept(self, asked: Associate, guest: Guest) -> None:
        self.roles = negotiating.agree_roles(asked, guest)
        self.extended = negotiating.agree_matching(asked)
        answers = tuple(negotiating.answer_to(each, guest, self.roles) for each in asked.proposals)
        for each, answer in zip(asked.proposals, answers, strict=True):
            if answer.result == ACCEPTED:
                context = Context(each.id, each.abstract_syntax, answer.transfer_syntax)
                self.contexts[each.id] = context
        self.line.limit_out(asked.longest_data)
        longest = self._bounds.longest_data
        granted = replace(asked, roles=self.roles, extended=self.extended)
        await self.line.send(format_acceptance(granted, answers, longest_data=longest))

    async def _receive(self, *, is_busy: bool) -> Message | None:
        told = bytearray()
        while True:
            piece = await self.line.next()
            if isinstance(piece, Whole):
                if piece.type is PduType.RELEASE_RQ and not told:
                    return None
                if piece.type is PduType.ABORT:
                    raise PeerGoneError
                raise PeerError(AbortReason.UNEXPECTED_PDU)
            if not piece.is_command or len(told) + len(piece.data) > LONGEST_COMMAND_BYTES:
                raise PeerError(AbortReason.INVALID_PARAMETER)
            told += piece.data
            if piece.ends:
                command = parse_command(bytes(told))
                if is_busy and command.field == Field.C_STORE:  # one operation at a time (D.3.3.3)
                    raise PeerError(AbortReason.UNEXPECTED_PARAMETER)
                return await self._complete(piece.context_id, command)

    async def _complete(self, context_id: int, command: Command) -> Message:
        context = self.contexts.get(context_id)
        if context is None:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        if command.field == Field.C_STORE:
            return Message(context, command, incoming=await self._receive_object(context, command))
        if not command.has_data_set:
            return Message(context, command)
        data = bytearray()
        async for piece in DataSet(self.line, context_id):
            data += piece.data
            if len(data) > LONGEST_IDENTIFIER_BYTES:
                raise PeerError(AbortReason.INVALID_PARAMETER)
        return Message(context, command, bytes(data))

    async def _receive_object(self, context: Context, command: Command) -> Incoming:
        if context.abstract_syntax in classes.SERVICES or not command.has_data_set:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        name = ObjectName(command.sop_class_uid, command.sop_instance_uid, context.transfer_syntax)
        longest = self._bounds.longest_object_bytes
        incoming = self._incoming = Incoming(self.house.folder, name, longest_bytes=longest)
        async for piece in DataSet(self.line, context.id):
            await incoming.add(piece.data)
        return incoming
