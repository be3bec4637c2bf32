"""What goes over the jail's socket: length-prefixed JSON, and descriptors beside the first byte."""

import array
import errno
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

JsonValue: TypeAlias = (
    "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)

LONGEST_REQUEST: Final = 1 << 18
LONGEST_ANSWER: Final = 1 << 22
MOST_DESCRIPTORS: Final = 64
"""Sixteen objects looked at together; the kernel would pass on 253."""
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a child may say of the disk: that one has failed is the word of our own processes alone."""

_LENGTH: Final = struct.Struct(">I")
LENGTH_BYTES: Final = _LENGTH.size


class ProtocolError(Exception):
    """The other side does not speak this protocol, or has gone."""


def framed(value: Mapping[str, JsonValue], *, longest: int) -> bytes:
    """Return the message as bytes behind its length.

    Raises ProtocolError: the message is longer than allowed.
    """
    body = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    if len(body) > longest:
        raise ProtocolError
    return _LENGTH.pack(len(body)) + body


def parsed(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises ProtocolError: it is no JSON object.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError from error
    if not isinstance(value, dict):
        raise ProtocolError
    return value


def length_of(prefix: bytes, *, longest: int) -> int:
    """Return the length that a prefix announces.

    Raises ProtocolError: more than allowed.
    """
    (length,) = _LENGTH.unpack(prefix)
    if length > longest:
        raise ProtocolError
    return int(length)


def send_request(connection: socket.socket, message: bytes, descriptors: Sequence[int]) -> None:
    """Send a framed request with descriptors.

    Sending nothing more is no send: an empty one fails where the answer came and the line was cut.
    """
    sent = socket.send_fds(connection, [message], list(descriptors))
    if sent < len(message):
        connection.sendall(message[sent:])


def receive_some(connection: socket.socket, count: int) -> tuple[bytes, list[int]]:
    """Receive some bytes and the descriptors that came with them (SCM_RIGHTS, close-on-exec)."""
    descriptors = array.array("i")
    space = socket.CMSG_SPACE(MOST_DESCRIPTORS * descriptors.itemsize)
    data, ancillary, _flags, _address = connection.recvmsg(count, space, socket.MSG_CMSG_CLOEXEC)
    for level, kind, raw in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(raw[: len(raw) - len(raw) % descriptors.itemsize])
    return data, list(descriptors)


def receive_answer(connection: socket.socket) -> dict[str, Any]:
    """Receive one whole answer.

    Raises ProtocolError: the connection closed, or the answer is too long or no JSON object.
    """
    prefix = _exactly(connection, LENGTH_BYTES)
    return parsed(_exactly(connection, length_of(prefix, longest=LONGEST_ANSWER)))


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise ProtocolError
        parts += part
    return bytes(parts)
