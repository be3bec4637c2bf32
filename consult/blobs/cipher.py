"""How a blob looks at rest: a header and AES-256-GCM chunks that open without each other.

    "LZBLOB" version=1 log2(chunk)=16 │ chunk 0 │ chunk 1 │ … │ last chunk

Each chunk is 64 KiB of plain bytes (the last: 0 to 64 KiB) and a tag of 16. The key is random and
used for this one blob, so the nonce may be a counter: eleven bytes of chunk index and one that says
whether this is the last chunk (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
2015). Thus no chunk can be moved, dropped or appended.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEADER: Final = b"LZBLOB\x01\x10"
CHUNK_BYTES: Final = 1 << 16
_TAG_BYTES: Final = 16
STORED_CHUNK_BYTES: Final = CHUNK_BYTES + _TAG_BYTES


class ChunkDamagedError(Exception):
    """A chunk does not open: changed, moved, cut, or another key."""


def last_chunk(size_bytes: int) -> int:
    """The index of the last chunk for this plain size; an empty blob has one empty chunk."""
    return max(size_bytes - 1, 0) // CHUNK_BYTES


def stored_size(size_bytes: int) -> int:
    """How many bytes a blob of this plain size takes at rest."""
    return len(HEADER) + size_bytes + (last_chunk(size_bytes) + 1) * _TAG_BYTES


def stored_offset(chunk: int) -> int:
    """Where a chunk begins at rest."""
    return len(HEADER) + chunk * STORED_CHUNK_BYTES


class Sealer:
    """Plain bytes in, stored bytes out, as they come; size and hash are of the plain ones."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._digest = hashlib.sha256()
        self._waiting = b""
        self._index = 0
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """The hash of the plain bytes so far."""
        return self._digest.hexdigest()

    def add(self, piece: bytes | bytearray | memoryview) -> Iterator[bytes]:
        """Seal what is full; a byte waits always, since the last chunk is sealed as such."""
        self._digest.update(piece)
        self.size_bytes += len(piece)
        view, start = memoryview(piece), 0
        if self._waiting:
            start = CHUNK_BYTES - len(self._waiting)
            self._waiting += view[:start]
            if len(view) <= start:
                return
            yield self._seal(memoryview(self._waiting), final=False)
        while len(view) - start > CHUNK_BYTES:
            yield self._seal(view[start : start + CHUNK_BYTES], final=False)
            start += CHUNK_BYTES
        self._waiting = bytes(view[start:])

    def finish(self) -> bytes:
        """The last chunk."""
        return self._seal(memoryview(self._waiting), final=True)

    def _seal(self, chunk: memoryview, *, final: bool) -> bytes:
        nonce = _nonce(self._index, final=final)
        self._index += 1
        return self._cipher.encrypt(nonce, chunk, HEADER)


class Sealing:
    """The stored form of plain bytes; afterwards `size_bytes` and `sha256` say what passed."""

    def __init__(self, key: bytes, plain: Iterable[bytes]) -> None:
        self._sealer, self._plain = Sealer(key), plain

    @property
    def sha256(self) -> str:
        """The hash of the plain bytes so far."""
        return self._sealer.sha256

    @property
    def size_bytes(self) -> int:
        """How many plain bytes passed so far."""
        return self._sealer.size_bytes

    def __iter__(self) -> Iterator[bytes]:
        yield HEADER
        for piece in self._plain:
            yield from self._sealer.add(piece)
        yield self._sealer.finish()


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens stored chunks of one blob whose plain size is known from its row."""

    cipher: AESGCM
    size_bytes: int

    def open_chunks(self, stored: bytes, *, first: int) -> Iterator[bytes]:
        """The plain chunks of stored bytes that begin with chunk `first`, or ChunkDamagedError."""
        final = last_chunk(self.size_bytes)
        for index, start in enumerate(range(0, len(stored), STORED_CHUNK_BYTES), first):
            chunk = stored[start : start + STORED_CHUNK_BYTES]
            try:
                yield self.cipher.decrypt(_nonce(index, final=index == final), chunk, HEADER)
            except InvalidTag:
                raise ChunkDamagedError from None

    def open_into(self, stored: bytes, out: memoryview, *, first: int, skip: int) -> None:
        """Fill `out` with plain bytes from `skip` on; what is stored begins with chunk `first`.

        Raises ChunkDamagedError: then nothing in `out` may be used.
        """
        final, at, view = last_chunk(self.size_bytes), -skip, memoryview(stored)
        for index, start in enumerate(range(0, len(stored), STORED_CHUNK_BYTES), first):
            chunk = view[start : start + STORED_CHUNK_BYTES]
            try:
                at = self._open_one(_nonce(index, final=index == final), chunk, out, at)
            except InvalidTag:
                raise ChunkDamagedError from None

    def _open_one(self, nonce: bytes, chunk: memoryview, out: memoryview, at: int) -> int:
        """Open a chunk to its place, where all of it is wanted without a copy; where it ends."""
        end = at + len(chunk) - _TAG_BYTES
        if 0 <= at < end <= len(out):
            self.cipher.decrypt_into(nonce, chunk, HEADER, out[at:end])
            return end
        plain = memoryview(self.cipher.decrypt(nonce, chunk, HEADER))
        wanted = plain[max(-at, 0) : max(len(out) - at, 0)]
        place = max(at, 0)
        out[place : place + len(wanted)] = wanted
        return end


def make_opening(key: bytes, *, size_bytes: int) -> Opening:
    """What opens a blob with this key."""
    return Opening(AESGCM(key), size_bytes)


def _nonce(index: int, *, final: bool) -> bytes:
    return index.to_bytes(11) + bytes([final])
