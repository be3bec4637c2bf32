"""How a recording lies in the outbox: AES-256-GCM, one chunk a cluster, so that a cut file opens.

    "LZREC" version=1 │ salt of 32 bytes │ chunk │ chunk │ … │ last chunk, empty

A chunk is a head in clear, which is authenticated (length of the sealed bytes: 4; until when the
file goes after it, in milliseconds: 8), and the sealed bytes with their tag of 16. Every file has
a key of its own, by HMAC-SHA-256 of the recording's key over the salt; the nonce counts chunks and
says whether it is the last (STREAM, as `consult.blobs.cipher`). A file without its last chunk was
cut off, and holds what it says.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"LZREC\x01"
SALT_BYTES: Final = 32
KEY_BYTES: Final = 32
HEAD_BYTES: Final = len(MAGIC) + SALT_BYTES
_CHUNK_HEAD: Final = struct.Struct(">IQ")
_TAG_BYTES: Final = 16
LONGEST_CHUNK: Final = 64 << 20


class RecordingDamagedError(Exception):
    """A chunk does not open: changed, moved, or another key."""


class Sealer:
    """Chunks of one file, in their order; the salt must be random and used once."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        self.head = MAGIC + salt
        self._cipher = AESGCM(_file_key(key, salt))
        self._count = 0

    def seal(self, plain: bytes, ends_ms: int, *, final: bool = False) -> bytes:
        """One chunk as it is stored."""
        head = _CHUNK_HEAD.pack(len(plain) + _TAG_BYTES, ends_ms)
        nonce = _nonce(self._count, final=final)
        self._count += 1
        return head + self._cipher.encrypt(nonce, plain, self.head + head)


def open_sealed(read: Callable[[int], bytes], key: bytes, write: Callable[[bytes], object]) -> bool:
    """Open a stored file, chunk by chunk; whether its end was written, or it was cut off.

    Raises RecordingDamagedError, and what was written until then is not the whole.
    """
    head = read(HEAD_BYTES)
    if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
        raise RecordingDamagedError
    cipher, count = AESGCM(_file_key(key, head[len(MAGIC) :])), 0
    while len(chunk_head := read(_CHUNK_HEAD.size)) == _CHUNK_HEAD.size:
        size, _ = _CHUNK_HEAD.unpack(chunk_head)
        if not _TAG_BYTES <= size <= LONGEST_CHUNK:
            raise RecordingDamagedError
        sealed = read(size)
        if len(sealed) < size:
            return False
        final = size == _TAG_BYTES
        try:
            write(cipher.decrypt(_nonce(count, final=final), sealed, head + chunk_head))
        except InvalidTag:
            raise RecordingDamagedError from None
        if final:
            if read(1):
                raise RecordingDamagedError
            return True
        count += 1
    return False


def measure_stored(read: Callable[[int], bytes], skip: Callable[[int], bool]) -> tuple[int, int]:
    """How many bytes of a file are whole chunks, and until when they go, in milliseconds.

    Without the key: `skip` says whether so many bytes are there.
    """
    head = read(HEAD_BYTES)
    if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
        return 0, 0
    whole, ends_ms = HEAD_BYTES, 0
    while len(chunk_head := read(_CHUNK_HEAD.size)) == _CHUNK_HEAD.size:
        size, until_ms = _CHUNK_HEAD.unpack(chunk_head)
        if not _TAG_BYTES <= size <= LONGEST_CHUNK or not skip(size):
            break
        whole, ends_ms = whole + _CHUNK_HEAD.size + size, until_ms
    return whole, ends_ms


def _file_key(key: bytes, salt: bytes) -> bytes:
    return hmac.digest(key, b"recording\n" + salt, hashlib.sha256)


def _nonce(count: int, *, final: bool) -> bytes:
    return count.to_bytes(11) + bytes([final])
