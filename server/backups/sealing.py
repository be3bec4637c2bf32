"""Files of a backup encrypted on their way in, and opened on their way out."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from consult.blobs.cipher import (
    HEADER,
    STORED_CHUNK_BYTES,
    ChunkDamagedError,
    Sealing,
    last_chunk,
    make_opening,
)
from consult.kernel.disk import write_all
from consult.kernel.keys import SealBrokenError, Vault, make_key
from server.backups.model import BackupFileChangedError, SealedFile

PIECE_BYTES: Final = 1 << 20
_CHUNKS_AT_ONCE: Final = 16


def seal_file(source: Path, target: Path, vault: Vault, *, name: str, size: int) -> SealedFile:
    """The first `size` bytes of a file, encrypted into a new one that only its owner reads."""
    key = make_key()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    descriptor = os.open(target, flags, 0o600)
    try:
        for piece in Sealing(key, _plain_pieces(source, size)):
            write_all(descriptor, piece)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return SealedFile(name, size, vault.wrap_institution_key(key, institution_id=_purpose(name)))


def open_file(source: Path, target: Path, vault: Vault, file: SealedFile) -> None:
    """The plain bytes again, for their owner only; raises BackupFileChangedError."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        key = vault.unwrap_institution_key(file.wrapped_key, institution_id=_purpose(file.id))
        with source.open("rb") as stored:
            for piece in _opened(stored, key, file):
                write_all(descriptor, piece)
        os.fsync(descriptor)
    except (ChunkDamagedError, SealBrokenError):
        raise BackupFileChangedError(source.name) from None
    finally:
        os.close(descriptor)


def _purpose(name: str) -> str:
    return f"spool:{name}"


def _plain_pieces(path: Path, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        rest = length
        while rest and (piece := file.read(min(rest, PIECE_BYTES))):
            rest -= len(piece)
            yield piece


def _opened(stored: BinaryIO, key: bytes, file: SealedFile) -> Iterator[bytes]:
    """Chunk by chunk, to the very last one: a file that was cut short does not pass."""
    if stored.read(len(HEADER)) != HEADER:
        raise ChunkDamagedError
    opening, chunks = make_opening(key, size_bytes=file.size_bytes), last_chunk(file.size_bytes) + 1
    first = 0
    while piece := stored.read(_CHUNKS_AT_ONCE * STORED_CHUNK_BYTES):
        for plain in opening.open_chunks(piece, first=first):
            first += 1
            yield plain
    if first != chunks:
        raise ChunkDamagedError
