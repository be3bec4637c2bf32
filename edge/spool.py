"""Files on their way to the server: encrypted, on the disk before they count, each once."""

import contextlib
import errno
import hashlib
import hmac
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from edge.cipher import Keys, open_pieces, seal_pieces
from edge.disk import PART, write_file
from edge.model import Item, NewItem, Sighting
from edge.store import Store

_ID_BYTES: Final = 16
_LEFT_FREE_BYTES: Final = 64 << 20
_NO_ROOM: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


class SpoolFullError(Exception):
    """The disk, or the room that was given, has no place for more."""


class ChangedError(Exception):
    """The file was written while it was read."""


class Spool:
    """The encrypted files and their memory."""

    def __init__(self, folder: Path, keys: Keys, store: Store, *, most_bytes: int) -> None:
        self._folder = folder / "spool"
        self._keys = keys
        self._store = store
        self._most_bytes = most_bytes
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def clear_leftovers(self) -> None:
        """At start: what a dead process had laid down and not counted is taken again."""
        counted = self._store.list_ids()
        for path in self._folder.iterdir():
            if path.name not in counted or path.name.endswith(PART):
                path.unlink(missing_ok=True)

    def take(
        self,
        pieces: Iterable[bytes],
        *,
        name: str,
        size: int,
        sighting: Sighting | None,
        first_seen_at: float,
        now: float,
    ) -> bool:
        """Lay a file down; True once it counts, False for bytes that were taken before.

        Raises SpoolFullError; ChangedError where it was written meanwhile.
        """
        self._require_room(size)
        item_id = secrets.token_hex(_ID_BYTES)
        reading = _Reading(pieces, self._keys.name)
        try:
            write_file(self._folder / item_id, seal_pieces(self._keys, reading))
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise SpoolFullError from error
            raise
        if reading.size != size:
            self.remove(item_id)
            raise ChangedError
        item = NewItem(
            id=item_id,
            content=reading.content,
            name=name,
            size=size,
            modified_ms=None if sighting is None else sighting.mtime_ns // 1_000_000,
            seen_at=first_seen_at,
            written_at=None if sighting is None else sighting.mtime_ns / 1e9,
        )
        is_new = self._store.take(sighting, item, now=now)
        if not is_new:
            self.remove(item_id)
        return is_new

    def read(self, item: Item, *, start: int) -> Iterator[bytes]:
        """The plain bytes from a place on; raises SpoolDamagedError."""
        with (self._folder / item.id).open("rb") as file:
            yield from open_pieces(self._keys, file, size=item.size, start=start)

    def remove(self, item_id: str) -> None:
        """Forget the bytes; a scanner that holds the file open on Windows only delays it."""
        with contextlib.suppress(FileNotFoundError, PermissionError):
            (self._folder / item_id).unlink()

    def _require_room(self, size: int) -> None:
        if self._store.depth().held_bytes + size > self._most_bytes:
            raise SpoolFullError
        if shutil.disk_usage(self._folder).free < size + _LEFT_FREE_BYTES:
            raise SpoolFullError


class _Reading:
    """A stream that is counted and hashed as it passes; the hash is keyed."""

    def __init__(self, pieces: Iterable[bytes], key: bytes) -> None:
        self._pieces = pieces
        self._digest = hmac.new(key, digestmod=hashlib.sha256)
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self.size += len(piece)
            yield piece

    @property
    def content(self) -> str:
        """Tells the same bytes from others, and nothing else."""
        return self._digest.hexdigest()
