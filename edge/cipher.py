"""Authenticated encryption of the spool from the standard library alone (decision 0150).

A file is a head (magic, nonce) and chunks of 64 KiB, each followed by its tag. The keystream of a
chunk is SHAKE-256 over key, nonce and its number; its tag is HMAC-SHA-256 over nonce, number,
whether it is the last, and the ciphertext. Nothing is given out before its tag is checked.
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

KEY_BYTES: Final = 32
CHUNK_BYTES: Final = 1 << 16
_MAGIC: Final = b"LZEDGE1\n"
_NONCE_BYTES: Final = 32
_TAG_BYTES: Final = 32
HEAD_BYTES: Final = len(_MAGIC) + _NONCE_BYTES
_FULL: Final = CHUNK_BYTES + _TAG_BYTES


class SpoolDamagedError(Exception):
    """A byte of the spool is not as it was written, or the key is another one."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What is derived from the user's key: one for each use."""

    stream: bytes = field(repr=False)
    tag: bytes = field(repr=False)
    name: bytes = field(repr=False)

    def blind(self, text: str | bytes) -> str:
        """A keyed hash: tells the same from another, and nothing else."""
        raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return hmac.new(self.name, raw, hashlib.sha256).hexdigest()


def derive_keys(key: bytes) -> Keys:
    """The keys of a spool."""
    made = (hmac.new(key, word, hashlib.sha256).digest() for word in (b"stream", b"tag", b"name"))
    return Keys(*made)


def seal_pieces(keys: Keys, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Encrypt a stream; the head comes first."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    yield _MAGIC + nonce
    number, held = 0, bytearray()
    for piece in pieces:
        held += piece
        while len(held) > CHUNK_BYTES:
            yield _seal(keys, nonce, number, bytes(held[:CHUNK_BYTES]), is_last=False)
            del held[:CHUNK_BYTES]
            number += 1
    yield _seal(keys, nonce, number, bytes(held), is_last=True)


def open_pieces(keys: Keys, file: BinaryIO, *, size: int, start: int = 0) -> Iterator[bytes]:
    """The plain bytes of a file of `size` plain bytes from a place on; raises SpoolDamagedError."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if len(head) != HEAD_BYTES or not head.startswith(_MAGIC):
        raise SpoolDamagedError
    nonce = head[len(_MAGIC) :]
    last = max(size - 1, 0) // CHUNK_BYTES
    first = min(start // CHUNK_BYTES, last)
    file.seek(HEAD_BYTES + first * _FULL)
    for number in range(first, last + 1):
        plain = _open(keys, nonce, number, file.read(_FULL), is_last=number == last)
        expected = size - last * CHUNK_BYTES if number == last else CHUNK_BYTES
        if len(plain) != expected:
            raise SpoolDamagedError
        yield plain[max(start - number * CHUNK_BYTES, 0) :]


def seal_text(keys: Keys, text: str) -> bytes:
    """Encrypt a short text, such as a file's name."""
    return b"".join(seal_pieces(keys, [text.encode("utf-8", "surrogatepass")]))


def open_text(keys: Keys, sealed: bytes) -> str:
    """The text again; raises SpoolDamagedError."""
    nonce = sealed[len(_MAGIC) : HEAD_BYTES]
    if not sealed.startswith(_MAGIC):
        raise SpoolDamagedError
    plain = _open(keys, nonce, 0, sealed[HEAD_BYTES:], is_last=True)
    return plain.decode("utf-8", "surrogatepass")


def _seal(keys: Keys, nonce: bytes, number: int, plain: bytes, *, is_last: bool) -> bytes:
    masked = _mask(keys, nonce, number, plain)
    return masked + _tag(keys, nonce, number, masked, is_last=is_last)


def _open(keys: Keys, nonce: bytes, number: int, sealed: bytes, *, is_last: bool) -> bytes:
    masked, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(keys, nonce, number, masked, is_last=is_last)):
        raise SpoolDamagedError
    return _mask(keys, nonce, number, masked)


def _mask(keys: Keys, nonce: bytes, number: int, data: bytes) -> bytes:
    stream = hashlib.shake_256(keys.stream + nonce + struct.pack(">Q", number)).digest(len(data))
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")
    return mixed.to_bytes(len(data), "little")


def _tag(keys: Keys, nonce: bytes, number: int, masked: bytes, *, is_last: bool) -> bytes:
    place = nonce + struct.pack(">Q?", number, is_last)
    return hmac.new(keys.tag, place + masked, hashlib.sha256).digest()
