"""Bytes between the blob store and the jail: encrypted at rest, plain only in memory files."""

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from typing import Final

from aiohttp import web

from consult.blobs.store import BlobRef, copy_to_fd, open_range, save_blob
from consult.kernel.errors import ConsultError, UnavailableError
from consult.kernel.ids import new_id
from consult.kernel.work import SYSTEM
from consult.people.organisations import service as organisations
from consult.reports.papers import service as papers
from consult.rooms.recordings import kept as recordings
from consult.studies import service as studies
from imaging.errors import ImagingError
from imaging.places import Place
from server.images.imagery import IMAGERY
from server.intake.spool import memory_files
from server.keys import BLOBS, UNITS, VAULT
from server.threads import in_thread
from server.transactions import as_system, read_as

_PIECE_BYTES: Final = 1 << 18
_MOST_IN_MEMORY_BYTES: Final = 16 << 20


async def wrapped_key_of(app: web.Application, institution_id: str) -> bytes:
    """The key of the institution that holds an image, wrapped by the master key."""
    institution = await read_as(app[UNITS], SYSTEM, organisations.get_institution, institution_id)
    return institution.wrapped_key


async def save_file(
    app: web.Application, descriptor: int, *, institution_id: str, wrapped_key: bytes, ledger: str
) -> BlobRef:
    """Encrypt and store a whole file durably; the ledger names it until a row does."""

    def step() -> BlobRef:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return save_blob(
            app[BLOBS],
            app[VAULT],
            institution_id=institution_id,
            institution_key=wrapped_key,
            source=descriptor,
            announce=lambda key: app[IMAGERY].spool.note_key(ledger, key),
        )

    return await in_thread(step)


async def close_ledger(app: web.Application, ledger: str) -> None:
    """Remove the bytes of a ledger that no row names, once nobody can name them any more."""
    spool = app[IMAGERY].spool
    keys = await in_thread(spool.noted_keys, ledger)
    if keys:
        unnamed = await as_system(app, studies.unnamed_keys, keys)
        unnamed -= await as_system(app, papers.named_keys, unnamed)
        unnamed -= await as_system(app, recordings.named_keys, unnamed)
        for key in sorted(unnamed):
            await in_thread(app[BLOBS].delete, key)
    await in_thread(spool.close_ledger, ledger)


@contextlib.asynccontextmanager
async def keeping_ledger(app: web.Application) -> AsyncIterator[str]:
    """A new ledger for one step: what a refused step stored is taken away with it.

    Where nobody can say what became of the unit, the ledger stays until it is old.
    """
    ledger = new_id()
    try:
        yield ledger
    except UnavailableError:
        raise
    except (ConsultError, ImagingError):
        await close_ledger(app, ledger)
        raise
    else:
        await close_ledger(app, ledger)


def _decipher(app: web.Application, blob: BlobRef, wrapped_key: bytes, descriptor: int) -> None:
    store, vault = app[BLOBS], app[VAULT]
    copy_to_fd(store, vault, blob, institution_key=wrapped_key, descriptor=descriptor)


@contextlib.asynccontextmanager
async def in_memory(
    app: web.Application, blob: BlobRef, *, wrapped_key: bytes | None = None
) -> AsyncIterator[int]:
    """The plain bytes in a file that no disk ever holds; nobody holds two large ones at a time.

    Raises JailUnavailableError where too much lies in memory already.
    """
    wrapped_key = wrapped_key or await wrapped_key_of(app, blob.institution_id)
    async with app[IMAGERY].plain.hold(blob.size_bytes):
        descriptor = os.memfd_create("instance", os.MFD_CLOEXEC)
        try:
            await in_thread(_decipher, app, blob, wrapped_key, descriptor)
            yield descriptor
        finally:
            os.close(descriptor)


@contextlib.asynccontextmanager
async def all_in_memory(
    app: web.Application, blobs: Sequence[BlobRef], *, wrapped_key: bytes
) -> AsyncIterator[list[int]]:
    """The same for a few small blobs of one institution, in files of their own."""
    with memory_files(len(blobs)) as descriptors:

        def step() -> None:
            for blob, descriptor in zip(blobs, descriptors, strict=True):
                _decipher(app, blob, wrapped_key, descriptor)

        async with app[IMAGERY].plain.hold(sum(blob.size_bytes for blob in blobs)):
            await in_thread(step)
            yield descriptors


@contextlib.asynccontextmanager
async def plain_file(app: web.Application, blob: BlobRef) -> AsyncIterator[int]:
    """The plain bytes for the jail: of a large object in a nameless file, not in memory."""
    if blob.size_bytes <= _MOST_IN_MEMORY_BYTES:
        async with in_memory(app, blob) as descriptor:
            yield descriptor
        return
    wrapped_key = await wrapped_key_of(app, blob.institution_id)
    descriptor = await in_thread(app[IMAGERY].spool.make_scratch)
    try:
        await in_thread(_decipher, app, blob, wrapped_key, descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


async def read_blob(
    app: web.Application,
    blob: BlobRef,
    *,
    wrapped_key: bytes | None = None,
    place: Place | None = None,
) -> bytes:
    """The plain bytes of a small blob, or of a small place in a large one."""
    start, length = (0, None) if place is None else place
    key = wrapped_key or await wrapped_key_of(app, blob.institution_id)

    def step() -> bytes:
        opened = open_range(
            app[BLOBS], app[VAULT], blob, institution_key=key, start=start, length=length
        )
        return b"".join(opened)

    return await in_thread(step)


def read_memory(descriptor: int) -> bytes:
    """The whole of a file in memory, by position."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


async def memory_pieces(descriptor: int, *, start: int, stop: int) -> AsyncIterator[bytes]:
    """A part of a file in memory, piece by piece, so that nothing holds it twice."""
    while start < stop and (piece := os.pread(descriptor, min(_PIECE_BYTES, stop - start), start)):
        yield piece
        start += len(piece)
