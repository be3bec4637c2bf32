"""STUN and TURN messages as bytes (RFC 8489, RFC 8656): as many as asking for a relay takes."""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 20
_COOKIE: Final = 0x2112A442
_HEAD: Final = struct.Struct("!HHI12s")
_ATTRIBUTE: Final = struct.Struct("!HH")
ALLOCATE, REFRESH = 0x0003, 0x0004
_SUCCESS, _ERROR = 0x0100, 0x0110
USERNAME, INTEGRITY, ERROR_CODE, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
REALM, NONCE, RELAYED, TRANSPORT = 0x0014, 0x0015, 0x0016, 0x0019
_INTEGRITY_BYTES: Final = 20
_UDP: Final = bytes([17, 0, 0, 0])
_CODE_AT: Final = 2


class MalformedError(Exception):
    """What came is no answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Key:
    """How a message is signed: name, realm and nonce as the server told them, and the key."""

    username: str
    realm: bytes
    nonce: bytes
    password: str

    @property
    def secret(self) -> bytes:
        """The long-term key (RFC 8489 section 9.2.2)."""
        text = f"{self.username}:".encode() + self.realm + f":{self.password}".encode()
        return hashlib.md5(text, usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: whether it grants, the error's number otherwise, and its attributes."""

    is_granted: bool
    code: int
    attributes: Mapping[int, bytes]


def make_transaction() -> bytes:
    """A transaction's id, which nobody can guess."""
    return secrets.token_bytes(12)


def make_allocate(transaction: bytes, key: Key | None = None) -> bytes:
    """Ask for a relayed UDP address."""
    return _make(ALLOCATE, transaction, [(TRANSPORT, _UDP)], key)


def make_release(transaction: bytes, key: Key) -> bytes:
    """Give the relayed address back."""
    return _make(REFRESH, transaction, [(LIFETIME, bytes(4))], key)


def body_bytes(head: bytes) -> int:
    """How many bytes follow a message's head; raises MalformedError."""
    kind, length, cookie, _ = _HEAD.unpack(head[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"))
    if len(head) < HEAD_BYTES or kind & 0xC000 or cookie != _COOKIE or length % 4:
        raise MalformedError
    return int(length)


def read_answer(data: bytes, method: int, transaction: bytes) -> Answer:
    """An answer to this transaction; raises MalformedError."""
    if body_bytes(data) != len(data) - HEAD_BYTES:
        raise MalformedError
    kind, _, _, theirs = _HEAD.unpack_from(data)
    if theirs != transaction or kind not in {method | _SUCCESS, method | _ERROR}:
        raise MalformedError
    attributes = _read_attributes(data[HEAD_BYTES:])
    error = attributes.get(ERROR_CODE, b"").ljust(_CODE_AT + 2, b"\0")
    return Answer(
        kind == method | _SUCCESS, error[_CODE_AT] * 100 + error[_CODE_AT + 1], attributes
    )


def _make(
    method: int, transaction: bytes, attributes: list[tuple[int, bytes]], key: Key | None
) -> bytes:
    if key is not None:
        named = [(USERNAME, key.username.encode()), (REALM, key.realm), (NONCE, key.nonce)]
        attributes = [*attributes, *named]
    body = b"".join(_attribute(kind, value) for kind, value in attributes)
    if key is not None:
        signed = _ATTRIBUTE.size + _INTEGRITY_BYTES
        head = _HEAD.pack(method, len(body) + signed, _COOKIE, transaction)
        body += _attribute(INTEGRITY, hmac.digest(key.secret, head + body, hashlib.sha1))
    return _HEAD.pack(method, len(body), _COOKIE, transaction) + body


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _read_attributes(body: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while body:
        if len(body) < _ATTRIBUTE.size:
            raise MalformedError
        kind, length = _ATTRIBUTE.unpack_from(body)
        value = body[_ATTRIBUTE.size : _ATTRIBUTE.size + length]
        if len(value) < length:
            raise MalformedError
        found.setdefault(kind, value)
        body = body[_ATTRIBUTE.size + length + -length % 4 :]
    return found
