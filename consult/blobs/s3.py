"""Blobs in any store that speaks S3: an object is there whole or not at all.

A large blob goes up in parts that become an object with the last word; a writer that fails takes
its parts back. Parts of a writer that died are not objects; the bucket's own rule ends them.
"""

import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from consult.blobs.errors import BlobMissingError, BlobsAwayError
from consult.blobs.names import parse_key

_REGION: Final = "us-east-1"
_CONNECT_S: Final = 3
_TRIES: Final = 2
_IN_MEMORY_BYTES: Final = 1 << 20
_PIECE_BYTES: Final = 1 << 20
# what is missing has Python's own error; on writing, that is the bucket
_FAILURES: Final = (BaseError, FileNotFoundError)


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the bucket is, and who may write there."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    prefix: str | None = None
    region: str = _REGION
    patience_s: float = 20.0


class S3Store:
    """A store in one bucket: `<prefix>/<institution>/<id>`."""

    def __init__(self, place: S3Place) -> None:
        patience = timedelta(seconds=place.patience_s)
        self._bucket = Bucket(
            place.bucket,
            prefix=place.prefix,
            config={
                "access_key_id": place.access_key_id,
                "secret_access_key": place.secret_access_key,
                "region": place.region,
                "checksum_algorithm": "SHA256",  # the store compares what it got
                "endpoint": place.endpoint,
                "skip_signature": False,
            },
            client_options={
                "allow_http": place.endpoint.startswith("http:"),
                "timeout": patience,
                "connect_timeout": timedelta(seconds=min(_CONNECT_S, place.patience_s)),
            },
            retry_config={"max_retries": _TRIES, "retry_timeout": patience},
        )

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store a blob; it is durable when the store has acknowledged it."""
        parse_key(key)
        try:
            obstore.put(self._bucket, key, iter(pieces))
        except _FAILURES:  # a failure of `pieces` passes as it is
            raise BlobsAwayError from None

    def settle(self, keys: Collection[str]) -> None:
        """A service names what it has stored."""

    def begin(self, key: str) -> "S3Writer":
        """A blob whose bytes come one after the other."""
        parse_key(key)
        return S3Writer(self, key)

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """The stored bytes of this range, fewer where the blob ends earlier."""
        parse_key(key)
        try:
            return bytes(obstore.get_range(self._bucket, key, start=start, length=length))
        except FileNotFoundError:
            raise BlobMissingError(key) from None
        except _FAILURES:
            if self.size(key) <= start:  # RFC 9110 section 15.5.17
                return b""
            raise BlobsAwayError from None

    def size(self, key: str) -> int:
        """How many bytes are stored."""
        parse_key(key)
        try:
            return obstore.head(self._bucket, key)["size"]
        except FileNotFoundError:
            raise BlobMissingError(key) from None
        except _FAILURES:
            raise BlobsAwayError from None

    def delete(self, key: str) -> None:
        """Remove a blob; one that is gone already is no fault."""
        parse_key(key)
        try:
            obstore.delete(self._bucket, key)
        except FileNotFoundError:
            return
        except _FAILURES:
            raise BlobsAwayError from None

    def list_keys(self) -> Iterator[str]:
        """The keys of every blob that is stored, in order."""
        try:
            for some in obstore.list(self._bucket):
                yield from (found["path"] for found in some)
        except _FAILURES:
            raise BlobsAwayError from None

    def sweep(self) -> int:
        """A writer that died left no object."""
        return 0


class S3Writer:
    """Keeps encrypted bytes until they are whole, a few in memory and more in a nameless file."""

    def __init__(self, store: S3Store, key: str) -> None:
        self._store, self._key = store, key
        self._kept = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by its end

    def write(self, *pieces: bytes) -> None:
        """Take the next bytes."""
        self._kept.writelines(pieces)

    def commit(self, *, names_later: bool = False) -> None:  # noqa: ARG002 - a service names at once
        """Send all of it."""
        self._kept.seek(0)
        self._store.put(self._key, iter(partial(self._kept.read, _PIECE_BYTES), b""))
        self._kept.close()

    def abort(self) -> None:
        """Forget what was kept."""
        self._kept.close()
