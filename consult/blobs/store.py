"""Encrypted blobs in any store: save a stream, open a range, hand all to a descriptor, verify.

Everything here is synchronous and streams; the server calls it in threads. Nothing is acknowledged
before `put` returns, and an error of the disk is raised as it is.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Protocol

from consult.blobs import cipher
from consult.blobs.errors import BlobDamagedError
from consult.kernel.disk import write_all
from consult.kernel.ids import new_id
from consult.kernel.keys import SealBrokenError, Vault, make_key, unwrap_key, wrap_key

_CHUNKS_A_READ: Final = 16  # 1 MiB: few requests to a far store, little memory
_CHUNKS_A_WRITE: Final = 16


class BlobWriter(Protocol):
    """A blob that grows; nobody sees it before `commit` has returned."""

    def write(self, *pieces: bytes) -> None:
        """Take the next bytes."""

    def commit(self, *, names_later: bool = False) -> None:
        """Store it durably, whole; with `names_later` it counts only once `settle` has returned."""

    def abort(self) -> None:
        """Forget it; after a commit nothing happens."""


class BlobStore(Protocol):
    """Where stored bytes lie: a folder, or a service that speaks S3."""

    def begin(self, key: str) -> BlobWriter:
        """A blob whose bytes come one after the other."""

    def settle(self, keys: Collection[str]) -> None:
        """Have the names of these blobs durable, of which only the bytes are."""

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store a blob durably, whole or not at all."""

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """The stored bytes of this range, fewer where the blob ends; raises BlobMissingError."""

    def size(self, key: str) -> int:
        """How many bytes are stored; raises BlobMissingError."""

    def delete(self, key: str) -> None:
        """Remove a blob; one that is gone already is no fault."""

    def list_keys(self) -> Iterator[str]:
        """The keys of every blob that is stored."""

    def sweep(self) -> int:
        """Remove what writers that died left behind; how many pieces that were."""


@dataclass(frozen=True, slots=True)
class BlobRef:
    """What a row keeps of a blob; size and hash are those of the plain bytes."""

    key: str
    size_bytes: int
    sha256: str
    wrapped_key: bytes = field(repr=False)

    @property
    def institution_id(self) -> str:
        """The custodian, under whose key the blob lies."""
        return self.key.partition("/")[0]


def save_blob(
    store: BlobStore,
    vault: Vault,
    *,
    institution_id: str,
    institution_key: bytes,
    source: BinaryIO | int,
    announce: Callable[[str], None] | None = None,
) -> BlobRef:
    """Encrypt a stream under its own key and store it; `institution_key` is the wrapped one.

    `announce` is told the key before a byte is stored, so that no death leaves bytes unnamed.
    """
    key = f"{institution_id}/{new_id()}"
    if announce is not None:
        announce(key)
    blob_key = make_key()
    institution_plain = vault.unwrap_institution_key(institution_key, institution_id=institution_id)
    sealing = cipher.Sealing(blob_key, _pieces(source))
    store.put(key, sealing)
    wrapped_key = wrap_key(blob_key, by=institution_plain, purpose=f"blob:{key}")
    return BlobRef(key, sealing.size_bytes, sealing.sha256, wrapped_key)


class Saving:
    """One blob on its way: encrypted as its bytes come, so that no plain one is written.

    Whoever begins one ends it by `finish` or `drop`; its key is announced before.
    """

    def __init__(self, store: BlobStore, vault: Vault, *, key: str, institution_key: bytes) -> None:
        self.key = key
        self._blob_key = make_key()
        self._by = vault.unwrap_institution_key(
            institution_key, institution_id=key.partition("/")[0]
        )
        self._sealer = cipher.Sealer(self._blob_key)
        self._writer = store.begin(key)
        self._sealed = [cipher.HEADER]

    def add(self, piece: bytes | bytearray | memoryview) -> None:
        """Take the next plain bytes."""
        for chunk in self._sealer.add(piece):
            self._sealed.append(chunk)
            if len(self._sealed) > _CHUNKS_A_WRITE:
                self._write()

    def finish(self, *, names_later: bool = False) -> BlobRef:
        """Have all of it durable; with `names_later` only once the store settles its key."""
        self._sealed.append(self._sealer.finish())
        self._write()
        self._writer.commit(names_later=names_later)
        wrapped_key = wrap_key(self._blob_key, by=self._by, purpose=f"blob:{self.key}")
        return BlobRef(self.key, self._sealer.size_bytes, self._sealer.sha256, wrapped_key)

    def drop(self) -> None:
        """Forget it; a finished one stays."""
        self._writer.abort()

    def _write(self) -> None:
        self._writer.write(*self._sealed)
        self._sealed = []


def open_range(
    store: BlobStore,
    vault: Vault,
    ref: BlobRef,
    *,
    institution_key: bytes,
    start: int = 0,
    length: int | None = None,
) -> Iterator[bytearray]:
    """The plain bytes from `start`, at most `length`, each piece checked before it is given out.

    A piece has a megabyte at most and is the caller's own.
    """
    stop = ref.size_bytes if length is None else min(start + length, ref.size_bytes)
    opening = cipher.make_opening(
        _blob_key(vault, ref, institution_key=institution_key), size_bytes=ref.size_bytes
    )
    return _open_pieces(store, ref, opening, start=start, stop=stop)


def copy_to_fd(
    store: BlobStore, vault: Vault, ref: BlobRef, *, institution_key: bytes, descriptor: int
) -> None:
    """Write the whole plain blob to a descriptor, such as a file in memory that the jail reads."""
    for piece in open_range(store, vault, ref, institution_key=institution_key):
        write_all(descriptor, piece)


def verify_blob(store: BlobStore, vault: Vault, ref: BlobRef, *, institution_key: bytes) -> None:
    """Read all back; raises BlobDamagedError or BlobMissingError unless it is what was saved."""
    for _ in verify_pieces(store, vault, ref, institution_key=institution_key):
        pass


def verify_pieces(
    store: BlobStore, vault: Vault, ref: BlobRef, *, institution_key: bytes
) -> Iterator[int]:
    """The same a piece at a time, for whoever must not take the whole disk: the size of each."""
    if store.size(ref.key) != cipher.stored_size(ref.size_bytes):
        raise BlobDamagedError(ref.key)
    if store.read(ref.key, start=0, length=len(cipher.HEADER)) != cipher.HEADER:
        raise BlobDamagedError(ref.key)
    digest = hashlib.sha256()
    for piece in open_range(store, vault, ref, institution_key=institution_key):
        digest.update(piece)
        yield len(piece)
    if digest.hexdigest() != ref.sha256:
        raise BlobDamagedError(ref.key)


def _blob_key(vault: Vault, ref: BlobRef, *, institution_key: bytes) -> bytes:
    try:
        institution_plain = vault.unwrap_institution_key(
            institution_key, institution_id=ref.institution_id
        )
        return unwrap_key(ref.wrapped_key, by=institution_plain, purpose=f"blob:{ref.key}")
    except SealBrokenError:
        raise BlobDamagedError(ref.key) from None


def _open_pieces(
    store: BlobStore, ref: BlobRef, opening: cipher.Opening, *, start: int, stop: int
) -> Iterator[bytearray]:
    """The range piece by piece; an empty blob has one empty chunk to check."""
    final = cipher.last_chunk(ref.size_bytes)
    chunk = min(start // cipher.CHUNK_BYTES, final)
    last = min(max(stop - 1, 0) // cipher.CHUNK_BYTES, final)
    while chunk <= last:
        following = min(chunk + _CHUNKS_A_READ, last + 1)
        begin = max(start, chunk * cipher.CHUNK_BYTES)
        end = min(stop, following * cipher.CHUNK_BYTES)
        piece = bytearray(max(end - begin, 0))
        _open_chunks(store, ref, opening, (chunk, following), begin, piece)
        if piece:
            yield piece
        chunk = following


def _open_chunks(
    store: BlobStore,
    ref: BlobRef,
    opening: cipher.Opening,
    chunks: tuple[int, int],
    begin: int,
    piece: bytearray,
) -> None:
    """Fill a piece that begins there from the chunks that cover it, or BlobDamagedError."""
    first, following = chunks
    offset = cipher.stored_offset(first)
    end = min(cipher.stored_offset(following), cipher.stored_size(ref.size_bytes))
    stored = store.read(ref.key, start=offset, length=end - offset)
    if len(stored) != end - offset:
        raise BlobDamagedError(ref.key)
    skip = begin - first * cipher.CHUNK_BYTES
    try:
        opening.open_into(stored, memoryview(piece), first=first, skip=skip)
    except cipher.ChunkDamagedError:
        raise BlobDamagedError(ref.key) from None


def _pieces(source: BinaryIO | int) -> Iterator[bytes]:
    """What the source holds from where it stands, piece by piece."""
    while piece := (
        os.read(source, cipher.CHUNK_BYTES)
        if isinstance(source, int)
        else source.read(cipher.CHUNK_BYTES)
    ):
        yield piece
