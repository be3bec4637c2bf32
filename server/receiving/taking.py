"""One file on its way in: stored as it comes, judged by its head or by the jail."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from consult.blobs.store import BlobRef, Saving
from consult.studies.index.model import Indexed
from consult.studies.model import NOT_LOOKED_AT, Part, Received
from imaging.calm import OUTPUTS_EACH
from imaging.errors import JailRefusedError, Refusal
from imaging.fragments import Fragments
from imaging.glance import Glance, glance
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from imaging.walk import HEAD_BYTES
from server.images.imagery import IMAGERY
from server.images.imagestore import plain_file
from server.intake.file import captured_of, describe_dicom, uids_of
from server.intake.picture_check import check_of
from server.intake.spool import memory_files
from server.keys import JAIL
from server.looks.describing import read_indexed
from server.receiving.place import Place, begin_saving, save_picture, settle_names
from server.threads import in_thread

_BATCH_BYTES: Final = 1 << 20
_NOBODY_KNOWS: Final = 1 << 62
"""The size of an object that is still coming."""


class Taking:
    """One file on its way in; whoever begins one ends it by `finish` or `drop`."""

    def __init__(self, app: web.Application, place: Place) -> None:
        self._app, self._place = app, place
        self._pending: list[bytes | memoryview] = []
        self._pending_bytes = 0
        self._saving: Saving | None = None
        self._glance: Glance | None = None
        self._fragments: Fragments | None = None
        self.head = b""
        self.size_bytes = 0
        self.received_bytes = 0

    async def add(self, piece: bytes | memoryview) -> None:
        """Take the next bytes, which nobody changes any more."""
        self._pending.append(piece)
        self._pending_bytes += len(piece)
        self.received_bytes += len(piece)
        if self._pending_bytes >= _BATCH_BYTES:
            await in_thread(self._pass_all_on)

    async def finish(self, *, more_comes: bool = False) -> Received:
        """What it is, with its bytes stored.

        Where more comes at the same place, the names of blobs become durable together: with the
        last one, or when they are filed. Raises JailRefusedError when it is not taken, and every
        other JailError.
        """
        return await self._judge(await in_thread(self._finish, more_comes=more_comes))

    async def take_file(self, descriptor: int, size_bytes: int) -> Received:
        """The same for so many bytes of a file that is open."""
        return await self._judge(await in_thread(self._take_file, descriptor, size_bytes))

    async def drop(self) -> None:
        """Forget it; after `finish` nothing happens, and no thread is asked."""
        if self._saving is not None:
            await in_thread(self._saving.drop)

    def _take_file(self, descriptor: int, size_bytes: int) -> BlobRef:
        while left := size_bytes - self.size_bytes:
            batch = os.pread(descriptor, min(left, _BATCH_BYTES), self.size_bytes)
            if not batch:
                break
            self._pass_on(batch)
        return self._finish()

    async def _judge(self, blob: BlobRef) -> Received:
        if self._is_ordinary():
            return self._by_its_head(blob)
        if sniff(self.head[:SNIFF_BYTES]) is not Kind.DICOM:  # as the jail would say, without one
            raise JailRefusedError(Refusal.NO_DICOM_PREFIX, {})
        async with self._app[IMAGERY].intakes, plain_file(self._app, blob) as descriptor:
            return await look_into(self._app, self._place, descriptor, blob)

    def _pass_all_on(self) -> None:
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        if self._saving is None:
            pending = _with_whole_head(pending)
        for piece in pending:
            self._pass_on(piece)

    def _pass_on(self, piece: bytes | memoryview) -> None:
        if self._saving is None:
            self._saving = begin_saving(self._app, self._place)
        if not self.head:
            self._look_at_head(bytes(piece[:HEAD_BYTES]))
        if self._fragments is not None:
            self._fragments.pass_by(memoryview(piece), self.size_bytes)
        self._saving.add(piece)
        self.size_bytes += len(piece)

    def _look_at_head(self, head: bytes) -> None:
        self.head, self._glance = head, glance(head, total_bytes=_NOBODY_KNOWS)
        if self._glance is not None and self._glance.has_fragments:
            self._fragments = Fragments(self._glance.pixels.value_at)

    def _finish(self, *, more_comes: bool = False) -> BlobRef:
        if self._pending or self.size_bytes == 0:
            self._pass_all_on()
        if self._saving is None:
            raise LookupError("nothing was begun")
        unnamed = self._place.unnamed
        try:
            blob = self._saving.finish(names_later=more_comes or bool(unnamed))
        finally:
            self._saving.drop()
            self._saving = None
        if more_comes or unnamed:
            unnamed.append(blob.key)
        if not more_comes:
            settle_names(self._app, self._place)
        return blob

    def _is_ordinary(self) -> bool:
        if self._glance is None:
            return False
        if self._fragments is not None:
            return self._fragments.end_at(self.size_bytes)
        return self._glance.end_bytes == self.size_bytes

    def _by_its_head(self, blob: BlobRef) -> Received:
        if self._glance is None:
            raise LookupError("the head says nothing")
        facts = self._glance.facts
        captured = captured_of(facts, zone=self._place.zone)
        return Received(
            uids=uids_of(facts),
            source_sha256=blob.sha256,
            description=describe_dicom(facts, captured, NOT_LOOKED_AT),
            blobs={Part.ORIGINAL: blob},
            indexed=Indexed(self._glance.index),
        )


def _with_whole_head(pieces: list[bytes | memoryview]) -> list[bytes | memoryview]:
    """The same bytes, of which the first piece holds the head whole where there is so much."""
    if pieces and len(pieces[0]) >= HEAD_BYTES:
        return pieces
    head, count = b"", 0
    while count < len(pieces) and len(head) < HEAD_BYTES:
        head += pieces[count]
        count += 1
    return [head, *pieces[count:]]


async def look_into(app: web.Application, place: Place, descriptor: int, blob: BlobRef) -> Received:
    """What the jail says of a stored object; its pictures are stored as well.

    Raises JailRefusedError when it is not taken, and every other JailError.
    """
    with memory_files(OUTPUTS_EACH) as outputs:
        told = await app[JAIL].run("receive", {}, inputs=[descriptor], outputs=outputs)
        return await in_thread(receive_told, app, place, told, outputs, blob)


def receive_told(
    app: web.Application,
    place: Place,
    told: Mapping[str, Any],
    outputs: Sequence[int],
    blob: BlobRef,
) -> Received:
    """What the jail told and wrote of a stored object, its pictures stored; blocks."""
    facts: dict[str, Any] = told["facts"]
    blobs = {Part.ORIGINAL: blob}
    if told["verdict"] == "accepted":
        blobs[Part.PREVIEW] = save_picture(app, place, outputs[0])
        blobs[Part.THUMBNAIL] = save_picture(app, place, outputs[1])
    described = describe_dicom(facts, captured_of(facts, zone=place.zone), told["reason"])
    return Received(
        uids=uids_of(facts),
        source_sha256=blob.sha256,
        description=replace(described, quality=check_of(app, facts)),
        blobs=blobs,
        indexed=read_indexed(told, outputs[2]),
    )
