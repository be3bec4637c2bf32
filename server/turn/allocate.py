"""Asking a TURN server for a place as a browser would, and giving it back at once."""

import enum
import socket
import ssl
import time
from typing import Final

from server.turn import messages
from server.turn.address import TurnAddress, Way
from server.turn.credentials import Credential
from server.turn.messages import Answer, Key, MalformedError

_UNAUTHORIZED, _STALE_NONCE = 401, 438
_RESEND_S: Final = 0.5
_LONGEST: Final = 2048


class Outcome(enum.StrEnum):
    """What became of it."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNTRUSTED = "untrusted"
    SILENT = "silent"


class _Talk:
    """One connection, whose every wait ends at the same moment."""

    def __init__(self, line: socket.socket, until_s: float, *, is_stream: bool) -> None:
        self._line, self._until_s, self._is_stream = line, until_s, is_stream

    def ask(self, method: int, transaction: bytes, question: bytes) -> Answer:
        """The answer; raises OSError (TimeoutError) or MalformedError."""
        if self._is_stream:
            self._wait_s()
            self._line.sendall(question)
            return messages.read_answer(self._read_one(), method, transaction)
        while True:  # a datagram may be lost either way
            self._line.send(question)
            self._line.settimeout(min(_RESEND_S, self._left_s()))
            try:
                return messages.read_answer(self._line.recv(_LONGEST), method, transaction)
            except TimeoutError:
                self._left_s()

    def _read_one(self) -> bytes:
        head = self._read(messages.HEAD_BYTES)
        size = messages.body_bytes(head)
        if size > _LONGEST:
            raise MalformedError
        return head + self._read(size)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            self._wait_s()
            more = self._line.recv(size - len(data))
            if not more:
                raise MalformedError
            data += more
        return data

    def _wait_s(self) -> None:
        self._line.settimeout(self._left_s())

    def _left_s(self) -> float:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s


def try_allocate(
    address: TurnAddress, credential: Credential, *, trust: ssl.SSLContext, within_s: float
) -> Outcome:
    """Whether the server grants a relayed address; whatever it does, for `within_s` at most.

    Looking up its name takes as long as the system's resolver takes.
    """
    until_s = time.monotonic() + within_s
    try:
        with _connect(address, trust, within_s) as line:
            talk = _Talk(line, until_s, is_stream=address.way is not Way.UDP)
            return _allocate(talk, credential)
    except ssl.SSLCertVerificationError:
        return Outcome.UNTRUSTED
    except (OSError, MalformedError):
        return Outcome.SILENT


def _connect(address: TurnAddress, trust: ssl.SSLContext, within_s: float) -> socket.socket:
    place = (address.host, address.port)
    if address.way is Way.UDP:
        family, kind, protocol, _, found = socket.getaddrinfo(*place, type=socket.SOCK_DGRAM)[0]
        line = socket.socket(family, kind, protocol)
        line.connect(found)
        return line
    line = socket.create_connection(place, timeout=within_s)
    if address.way is Way.TCP:
        return line
    try:
        return trust.wrap_socket(line, server_hostname=address.host)
    except BaseException:
        line.close()
        raise


def _allocate(talk: _Talk, credential: Credential) -> Outcome:
    """The first question is refused with a realm and a nonce, with which the second is signed."""
    transaction = messages.make_transaction()
    first = talk.ask(messages.ALLOCATE, transaction, messages.make_allocate(transaction))
    if first.code != _UNAUTHORIZED:
        return Outcome.REFUSED  # a relay that lets strangers in is none of ours
    key = _key(credential, first)
    transaction = messages.make_transaction()
    answer = talk.ask(messages.ALLOCATE, transaction, messages.make_allocate(transaction, key))
    if answer.code == _STALE_NONCE:
        key, transaction = _key(credential, answer), messages.make_transaction()
        answer = talk.ask(messages.ALLOCATE, transaction, messages.make_allocate(transaction, key))
    if not answer.is_granted or messages.RELAYED not in answer.attributes:
        return Outcome.REFUSED
    transaction = messages.make_transaction()
    talk.ask(messages.REFRESH, transaction, messages.make_release(transaction, key))
    return Outcome.GRANTED


def _key(credential: Credential, told: Answer) -> Key:
    realm, nonce = (told.attributes.get(kind, b"") for kind in (messages.REALM, messages.NONCE))
    return Key(credential.username, realm, nonce, credential.password)
