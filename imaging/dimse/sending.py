"""Objects on their way out: over a line that a peer opened, or over one of ours (PS3.7 9.1.1)."""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from imaging.dimse.associate import (
    ACCEPTED,
    Associate,
    Proposal,
    Roles,
    format_request,
    parse_associate,
    unit,
)
from imaging.dimse.classes import VERIFICATION
from imaging.dimse.command import (
    DATA_SET,
    NO_DATA_SET,
    RESPONSE,
    Command,
    Field,
    Tag,
    Values,
    parse_command,
)
from imaging.dimse.errors import (
    AbortReason,
    PeerAbsentError,
    PeerError,
    PeerGoneError,
    PeerRefusesError,
    PeerUntrustedError,
)
from imaging.dimse.house import Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.line import READ_BYTES, Line, Patience
from imaging.dimse.reader import PduType, Whole
from imaging.elements import BytesSource
from imaging.walk import HEAD_BYTES, read_file_meta

_PIECE_BYTES: Final = 1 << 18
_RELEASE: Final = unit(PduType.RELEASE_RQ, bytes(4))


async def send_object(
    line: Line, context_id: int, path: Path, name: ObjectName, more: Values
) -> None:
    """Send a C-STORE request with the data set of this file."""
    values: dict[Tag, int | str] = {
        Tag.AFFECTED_CLASS: name.sop_class_uid,
        Tag.FIELD: Field.C_STORE,
        Tag.PRIORITY: 0,
        Tag.DATA_SET_TYPE: DATA_SET,
        Tag.AFFECTED_INSTANCE: name.sop_instance_uid,
        **more,
    }
    await line.send_message(context_id, values)
    size = (await asyncio.to_thread(path.stat)).st_size
    head = await asyncio.to_thread(_read, path, 0, HEAD_BYTES)
    at = read_file_meta(BytesSource(head)).data_set_at
    while at < size:
        piece = await asyncio.to_thread(_read, path, at, _PIECE_BYTES)
        at += len(piece)
        await line.send_pieces(context_id, piece, is_command=False, is_last=at >= size)


async def receive_command(line: Line) -> Command:
    """The next command; raises PeerGoneError where the peer leaves instead, and PeerError."""
    told = bytearray()
    while True:
        piece = await line.next()
        if isinstance(piece, Whole):
            raise PeerGoneError
        if not piece.is_command or len(told) > READ_BYTES:
            raise PeerError(AbortReason.INVALID_PARAMETER)
        told += piece.data
        if piece.ends:
            return parse_command(bytes(told))


@dataclass(frozen=True, slots=True)
class Outward:
    """How we go out: our patience, the longest unit, and by which TLS where a peer has it."""

    patience: Patience
    longest_data: int
    secure: ssl.SSLContext | None = None


class Requestor:
    """An association that we opened; `contexts` are the ids by class and transfer syntax."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.contexts: dict[tuple[str, str], int] = {}
        self._message_id = 0

    @classmethod
    async def connect(
        cls,
        place: Place,
        *,
        calling: str,
        proposals: Sequence[tuple[str, str]],
        outward: Outward,
        roles: Mapping[str, Roles] | None = None,
    ) -> Self:
        """Associate with a peer; raises PeerError, and PeerGoneError, whose kind tells why not.

        Where it must speak TLS, it has a certificate that we trust, with the name that we know.
        """
        patience, longest_data = outward.patience, outward.longest_data
        try:
            async with asyncio.timeout(patience.artim_s):
                streams = await _connect(place, outward.secure)
        except ssl.SSLError:
            raise PeerUntrustedError from None
        except (OSError, TimeoutError, UnicodeError):  # a name that is none
            raise PeerAbsentError from None
        made = cls(Line(streams, patience=patience, longest_data=longest_data))
        try:
            made._require(place)
            named = Associate(place.title, calling, roles=roles or {})
            await made._associate(named, proposals, longest_data)
        except BaseException:
            made.line.drop()
            raise
        return made

    def _require(self, place: Place) -> None:
        """Raises PeerUntrustedError where somebody else is there than we know."""
        if place.certificate and place.certificate.casefold() not in self.line.names:
            raise PeerUntrustedError

    async def store(self, path: Path, name: ObjectName, more: Values) -> int:
        """Send an object, and give the status of the answer."""
        context_id = self.contexts.get((name.sop_class_uid, name.transfer_syntax_uid))
        if context_id is None:
            raise LookupError("no context for this object")
        told: Values = {Tag.MESSAGE_ID: self._next_id(), **more}
        await send_object(self.line, context_id, path, name, told)
        return await self._status_of(Field.C_STORE)

    async def echo(self) -> int | None:
        """Verify the line (PS3.7 9.1.5): the status; None where the peer does not offer that."""
        found = [number for (uid, _), number in self.contexts.items() if uid == VERIFICATION]
        if not found:
            return None
        values: Values = {
            Tag.AFFECTED_CLASS: VERIFICATION,
            Tag.FIELD: Field.C_ECHO,
            Tag.MESSAGE_ID: self._next_id(),
            Tag.DATA_SET_TYPE: NO_DATA_SET,
        }
        await self.line.send_message(found[0], values)
        return await self._status_of(Field.C_ECHO)

    def _next_id(self) -> int:
        self._message_id = self._message_id % 0xFFFF + 1
        return self._message_id

    async def _status_of(self, field: Field) -> int:
        answer = await receive_command(self.line)
        if answer.field != field | RESPONSE:
            raise PeerError(AbortReason.UNEXPECTED_PARAMETER)
        return answer.number(Tag.STATUS)

    async def release(self) -> None:
        """Leave as the standard says; a peer that has gone already is no fault."""
        with contextlib.suppress(PeerGoneError, PeerError):
            await self.line.send(_RELEASE)
            await self.line.next()
        self.line.drop()

    async def _associate(
        self, named: Associate, proposals: Sequence[tuple[str, str]], longest_data: int
    ) -> None:
        wanted = dict(zip(range(1, 256, 2), proposals, strict=False))
        asked = Associate(
            named.called,
            named.calling,
            roles=named.roles,
            proposals=tuple(
                Proposal(number, each[0], (each[1],)) for number, each in wanted.items()
            ),
        )
        await self.line.send(format_request(asked, longest_data=longest_data))
        answer = await self.line.next()
        if isinstance(answer, Whole) and answer.type is PduType.ASSOCIATE_RJ:
            raise PeerRefusesError(int.from_bytes(answer.body[1:4]))
        if not isinstance(answer, Whole) or answer.type is not PduType.ASSOCIATE_AC:
            raise PeerGoneError
        taken = parse_associate(answer.body)
        self.line.limit_out(taken.longest_data)
        for each in taken.answers:
            if each.result == ACCEPTED and each.id in wanted:
                self.contexts[wanted[each.id]] = each.id


async def _connect(
    place: Place, secure: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises PeerUntrustedError where a peer must speak TLS, and we have nothing to know it by."""
    if place.over_tls and secure is None:
        raise PeerUntrustedError
    tls = secure if place.over_tls else None
    return await asyncio.open_connection(place.host, place.port, limit=READ_BYTES, ssl=tls)


def _read(path: Path, at: int, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(count)
