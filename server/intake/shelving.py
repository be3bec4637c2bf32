"""A camera's file that is nobody's yet, until a person takes it into a case.

A DICOM object is filed as any that comes without a case; a photograph is laid by, encrypted.
"""

import os
from collections.abc import Mapping

from aiohttp import web

from consult.blobs.store import BlobRef
from consult.kernel.work import Actor
from consult.studies.deliveries import service as deliveries
from consult.studies.deliveries.model import Delivery
from consult.studies.model import Part, Verdict
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import FileResult, FileVerdict, Upload
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, save_file, wrapped_key_of
from server.intake.spool import SpoolFullError, memory_files, write_at
from server.keys import JAIL, UNITS
from server.receiving.filing import file_all
from server.receiving.place import find_place, receiving
from server.receiving.taking import look_into
from server.threads import in_thread
from server.transactions import as_system, read_as

_PIECE_BYTES = 1 << 20
_VERDICTS = {
    Verdict.STORED: FileVerdict.STORED,
    Verdict.KNOWN: FileVerdict.KNOWN,
    Verdict.CONFLICT: FileVerdict.CONFLICT,
}


async def shelve(app: web.Application, upload: Upload, descriptor: int) -> None:
    """Keep a machine's file until a person says whose it is; what is no image is refused."""
    delivery = await as_system(app, deliveries.find_delivery, upload.id)
    if delivery is None:
        raise LookupError(upload.id)
    actor = _actor_of(delivery)
    held = await read_as(app[UNITS], actor, deliveries.blobs_of, upload.id)
    try:
        if held:
            await as_system(app, deliveries.keep_waiting, upload.id, {})
        elif sniff(await in_thread(os.pread, descriptor, SNIFF_BYTES, 0)) is Kind.DICOM:
            await _file(app, upload, descriptor, delivery)
        else:
            blobs = await _lay_by(app, upload, descriptor)
            await as_system(app, deliveries.keep_waiting, upload.id, blobs)
    except JailRefusedError as error:
        await _finish(app, upload, FileVerdict.REFUSED, str(error.reason))
    except JailCrashedError:
        await _finish(app, upload, FileVerdict.REFUSED, "decoder-crashed")
    except JailTimedOutError:
        await _finish(app, upload, FileVerdict.REFUSED, "decoder-timed-out")


async def bring_back(app: web.Application, upload: Upload) -> None:
    """Put the bytes of a picture that waited into the spool again."""
    actor = Actor(None, upload.institution_id)
    blobs = await read_as(app[UNITS], actor, deliveries.blobs_of, upload.id)
    original = blobs.get(Part.ORIGINAL)
    if original is None:
        return
    spool = app[IMAGERY].spool
    async with in_memory(app, original) as plain:
        await in_thread(spool.remove, upload.id)  # what a dead process had begun
        await in_thread(spool.create, upload.id)
        written = await in_thread(spool.open, upload.id)
        try:
            await in_thread(_copy, plain, written)
        except (OSError, SpoolFullError):
            await in_thread(spool.remove, upload.id)
            raise
        finally:
            os.close(written)


async def _lay_by(app: web.Application, upload: Upload, descriptor: int) -> Mapping[Part, BlobRef]:
    """The photograph and its small picture, encrypted; raises every JailError."""
    with memory_files(2) as small:
        told = await app[JAIL].run(
            "inspect", {"filename": upload.file_name}, inputs=[descriptor], outputs=small
        )
        kept = {Part.ORIGINAL: descriptor}
        if told["verdict"] == "accepted":
            kept |= {Part.PREVIEW: small[0], Part.THUMBNAIL: small[1]}
        wrapped_key = await wrapped_key_of(app, upload.institution_id)
        return {
            part: await save_file(
                app,
                each,
                institution_id=upload.institution_id,
                wrapped_key=wrapped_key,
                ledger=upload.id,
            )
            for part, each in kept.items()
        }


async def _file(app: web.Application, upload: Upload, descriptor: int, delivery: Delivery) -> None:
    """A DICOM object is the institution's at once, searched and retrieved as from any device."""
    place = await find_place(app, upload.institution_id)
    async with receiving(app, place):
        blob = await save_file(
            app,
            descriptor,
            institution_id=upload.institution_id,
            wrapped_key=place.wrapped_key,
            ledger=upload.id,
        )
        received = await look_into(app, place, descriptor, blob)
        filed = await file_all(
            app, _actor_of(delivery), place, [received], way="edge", source=delivery.machine_id
        )
    await _finish(app, upload, _VERDICTS[filed[0].verdict], "")


async def _finish(app: web.Application, upload: Upload, verdict: FileVerdict, code: str) -> None:
    result = FileResult(upload.file_name, verdict, code)
    await as_system(app, uploads.finish_upload, upload.id, results=[result])


def _actor_of(delivery: Delivery) -> Actor:
    machine_id = delivery.machine_id
    return Actor(
        None,
        delivery.institution_id,
        session_id=f"machine:{machine_id}",
        machine_id=machine_id,
    )


def _copy(source: int, target: int) -> None:
    offset = 0
    while piece := os.pread(source, _PIECE_BYTES, offset):
        write_at(target, piece, offset)
        offset += len(piece)
    os.fdatasync(target)
