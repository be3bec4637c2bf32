"""Two stores behind one face: what is new lies in the first, what is old in the second, colder one.

Nothing says where a blob lies but the stores themselves: a reader asks the first and then the
second. A blob is moved by copying, reading the copy back, and only then deleting the first; dying
at any point leaves it in one of them, or in both, which reads the same.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.blobs.store import BlobStore, BlobWriter

_PIECE_BYTES: Final = 1 << 20


class TieredStore:
    """Writes go to the first store, reads to whichever has the blob."""

    def __init__(self, warm: BlobStore, cold: BlobStore) -> None:
        self._warm, self._cold = warm, cold

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store a blob where the new ones lie."""
        self._warm.put(key, pieces)

    def settle(self, keys: Collection[str]) -> None:
        """Have the names of new blobs durable."""
        self._warm.settle(keys)

    def begin(self, key: str) -> BlobWriter:
        """Store a blob that comes piece by piece where the new ones lie."""
        return self._warm.begin(key)

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """The stored bytes of this range; a blob that is being moved is in one of both."""
        try:
            return self._warm.read(key, start=start, length=length)
        except BlobMissingError:
            return self._cold.read(key, start=start, length=length)

    def size(self, key: str) -> int:
        """How many bytes are stored."""
        try:
            return self._warm.size(key)
        except BlobMissingError:
            return self._cold.size(key)

    def delete(self, key: str) -> None:
        """Remove a blob wherever it lies."""
        self._warm.delete(key)
        self._cold.delete(key)

    def list_keys(self) -> Iterator[str]:
        """The keys of both; one that is being moved is named twice."""
        yield from self._warm.list_keys()
        yield from self._cold.list_keys()

    def sweep(self) -> int:
        """Remove what writers that died left behind in either."""
        return self._warm.sweep() + self._cold.sweep()

    def make_cold(self, key: str) -> bool:
        """Move a blob to the second store; False where it is there already.

        Raises BlobDamagedError where the copy does not read back as what was copied; the first
        stays then.
        """
        try:
            size = self._warm.size(key)
        except BlobMissingError:
            return False
        digest = hashlib.sha256()
        self._cold.put(key, _told(_pieces(self._warm, key, size), digest))
        copied = hashlib.sha256()
        for piece in _pieces(self._cold, key, size):
            copied.update(piece)
        if self._cold.size(key) != size or copied.digest() != digest.digest():
            self._cold.delete(key)
            raise BlobDamagedError(key)
        self._warm.delete(key)
        return True


def _told(pieces: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _pieces(store: BlobStore, key: str, size: int) -> Iterator[bytes]:
    for start in range(0, size, _PIECE_BYTES):
        yield store.read(key, start=start, length=_PIECE_BYTES)
