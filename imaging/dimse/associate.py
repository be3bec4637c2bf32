"""A-ASSOCIATE: what a peer proposes and what is answered (PS3.8 9.3.2 to 9.3.4, annex D)."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from imaging.dimse.errors import AbortReason, PeerError, Rejection
from imaging.dimse.reader import PduType

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
# 2.25 and a UUID (PS3.5 B.2), the same for every release; the version name tells them apart.
IMPLEMENTATION_UID: Final = "2.25.267195532117653843041790716403571164018"
IMPLEMENTATION_VERSION: Final = "LIANZHEN"
MOST_CONTEXTS: Final = 128
_MOST_ITEMS: Final = 1024
_FIXED: Final = struct.Struct(">H2x16s16s32x")
_LONGEST_UID: Final = 64
_LONGEST_WISH: Final = 16

_APPLICATION, _PROPOSED, _ANSWERED = 0x10, 0x20, 0x21
_ABSTRACT, _TRANSFER, _USER = 0x30, 0x40, 0x50
_MAX_LENGTH, _CLASS_UID, _ROLE, _VERSION_NAME, _EXTENDED = 0x51, 0x52, 0x54, 0x55, 0x56

ACCEPTED, ABSTRACT_REFUSED, TRANSFER_REFUSED = 0, 3, 4
"""Answers to a presentation context (table 9-18)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A presentation context as it is proposed."""

    id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """And as it is answered; the transfer syntax counts only where it is accepted."""

    id: int
    result: int
    transfer_syntax: str = ""


@dataclass(frozen=True, slots=True)
class Roles:
    """Who may send requests of a service class (annex D.3.3.4): the requestor as SCU, as SCP."""

    scu: bool
    scp: bool


@dataclass(frozen=True, slots=True)
class Associate:
    """A request, or its acceptance, taken apart; `longest_data` 0 means no limit of the peer.

    `extended` is what is wished or granted for a service class beside its syntax (PS3.7 D.3.3.5).
    """

    called: str
    calling: str
    protocol_version: int = 1
    application_context: str = APPLICATION_CONTEXT
    proposals: tuple[Proposal, ...] = ()
    answers: tuple[Answer, ...] = ()
    longest_data: int = 0
    roles: Mapping[str, Roles] = field(default_factory=dict)
    extended: Mapping[str, bytes] = field(default_factory=dict)


_User = tuple[int, dict[str, Roles], dict[str, bytes]]


def parse_associate(body: bytes) -> Associate:
    """Take the body of a request or an acceptance apart; raises PeerError."""
    if len(body) < _FIXED.size:
        raise PeerError(AbortReason.INVALID_PARAMETER)
    version, called, calling = _FIXED.unpack_from(body)
    context, proposals, answers = "", [], []
    user: _User = (0, {}, {})
    for kind, value in _items(body[_FIXED.size :]):
        if kind == _APPLICATION:
            context = _uid(value)
        elif kind == _PROPOSED:
            proposals.append(_proposal(value))
        elif kind == _ANSWERED:
            answers.append(_answer(value))
        elif kind == _USER:
            user = _user(value)
    if len(proposals) > MOST_CONTEXTS or len({each.id for each in proposals}) != len(proposals):
        raise PeerError(AbortReason.INVALID_PARAMETER)
    return Associate(
        called=_title(called),
        calling=_title(calling),
        protocol_version=version,
        application_context=context,
        proposals=tuple(proposals),
        answers=tuple(answers),
        longest_data=user[0],
        roles=user[1],
        extended=user[2],
    )


def format_request(associate: Associate, *, longest_data: int) -> bytes:
    """An A-ASSOCIATE-RQ."""
    items = b"".join(
        _item(
            _PROPOSED,
            bytes((each.id, 0, 0, 0))
            + _item(_ABSTRACT, each.abstract_syntax.encode())
            + b"".join(_item(_TRANSFER, uid.encode()) for uid in each.transfer_syntaxes),
        )
        for each in associate.proposals
    )
    return _format(PduType.ASSOCIATE_RQ, associate, items, longest_data)


def format_acceptance(
    request: Associate,
    answers: tuple[Answer, ...],
    *,
    longest_data: int,
) -> bytes:
    """An A-ASSOCIATE-AC; the titles are those of the request (9.3.3), the rest what is granted."""
    items = b"".join(
        _item(
            _ANSWERED,
            bytes((each.id, 0, each.result, 0)) + _item(_TRANSFER, each.transfer_syntax.encode()),
        )
        for each in answers
    )
    return _format(PduType.ASSOCIATE_AC, request, items, longest_data)


def format_rejection(rejection: Rejection) -> bytes:
    """An A-ASSOCIATE-RJ: result, source, reason."""
    return unit(PduType.ASSOCIATE_RJ, b"\0" + int(rejection).to_bytes(3))


def format_abort(reason: AbortReason | None = None) -> bytes:
    """An A-ABORT by the provider, or without a reason by the user (table 9-26)."""
    return unit(PduType.ABORT, bytes((0, 0, 0 if reason is None else 2, reason or 0)))


def unit(kind: PduType, body: bytes) -> bytes:
    """A protocol data unit."""
    return struct.pack(">BxI", kind, len(body)) + body


def _format(
    kind: PduType,
    associate: Associate,
    items: bytes,
    longest_data: int,
) -> bytes:
    user = _item(_MAX_LENGTH, longest_data.to_bytes(4))
    user += _item(_CLASS_UID, IMPLEMENTATION_UID.encode())
    for uid, allowed in associate.roles.items():
        roles = bytes((allowed.scu, allowed.scp))
        user += _item(_ROLE, len(uid).to_bytes(2) + uid.encode() + roles)
    for uid, told in associate.extended.items():
        user += _item(_EXTENDED, len(uid).to_bytes(2) + uid.encode() + told)
    user += _item(_VERSION_NAME, IMPLEMENTATION_VERSION.encode())
    called, calling = (
        title.encode("ascii", "replace").ljust(16)[:16]
        for title in (associate.called, associate.calling)
    )
    fixed = _FIXED.pack(1, called, calling)
    return unit(
        kind, fixed + _item(_APPLICATION, APPLICATION_CONTEXT.encode()) + items + _item(_USER, user)
    )


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MOST_ITEMS):
        if at == len(data):
            return
        length = int.from_bytes(data[at + 2 : at + 4])
        value = data[at + 4 : at + 4 + length]
        if at + 4 + length > len(data):
            raise PeerError(AbortReason.INVALID_PARAMETER)
        yield data[at], value
        at += 4 + length
    raise PeerError(AbortReason.INVALID_PARAMETER)


def _item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def _proposal(value: bytes) -> Proposal:
    number = _context_id(value)
    abstract, transfer = "", []
    for kind, part in _items(value[4:]):
        if kind == _ABSTRACT:
            abstract = _uid(part)
        elif kind == _TRANSFER:
            transfer.append(_uid(part))
    if not abstract or not transfer:
        raise PeerError(AbortReason.INVALID_PARAMETER)
    return Proposal(number, abstract, tuple(transfer))


def _answer(value: bytes) -> Answer:
    number = _context_id(value)
    syntaxes = [_uid(part) for kind, part in _items(value[4:]) if kind == _TRANSFER and part]
    return Answer(number, value[2], syntaxes[0] if syntaxes else "")


def _context_id(value: bytes) -> int:
    """Odd, from 1 to 255 (9.3.2.2)."""
    if len(value) < 4 or value[0] % 2 == 0:  # noqa: PLR2004 - id, reserved, result, reserved
        raise PeerError(AbortReason.INVALID_PARAMETER)
    return value[0]


def _user(value: bytes) -> _User:
    longest, roles, extended = 0, dict[str, Roles](), dict[str, bytes]()
    for kind, part in _items(value):
        if kind == _MAX_LENGTH and len(part) == 4:  # noqa: PLR2004 - D.1.1: four bytes
            longest = int.from_bytes(part)
        elif kind in {_ROLE, _EXTENDED} and len(part) > 4:  # noqa: PLR2004 - length, a UID, more
            end = 2 + int.from_bytes(part[:2])
            if len(part) < end or (kind == _ROLE and len(part) != end + 2):
                raise PeerError(AbortReason.INVALID_PARAMETER)
            uid, told = _uid(part[2:end]), part[end:]
            if kind == _ROLE:
                roles[uid] = Roles(scu=told[0] == 1, scp=told[1] == 1)
            else:
                extended[uid] = told[:_LONGEST_WISH]
    return longest, roles, extended


def _uid(value: bytes) -> str:
    text = value.rstrip(b"\0 ")
    is_plain = text.isascii() and text.replace(b".", b"").isdigit()
    if not is_plain or len(text) > _LONGEST_UID:
        raise PeerError(AbortReason.INVALID_PARAMETER)
    return text.decode("ascii")


def _title(value: bytes) -> str:
    """An AE title without its padding (PS3.5 6.2); bytes that none may hold become `?`."""
    text = value.decode("ascii", "replace").strip(" \0")
    return "".join(each if " " <= each <= "~" else "?" for each in text)
