"""From one received DICOM file to a filed instance without a case: for STOW-RS and the network.

The bytes are looked at in the jail, encrypted and durable before the unit that files them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from consult.blobs.store import BlobRef
from consult.kernel.ids import InstitutionId
from consult.kernel.work import Actor, Work
from consult.studies import ingest
from consult.studies.errors import InstanceRacedError
from consult.studies.model import Ingested, Part, Received
from server.describing import indexed_of
from server.imagestore import read_memory, save_file, wrapped_key_of
from server.intake_file import captured_of, describe_dicom, uids_of
from server.keys import JAIL, UNITS
from server.spool import memory_files, sha256_of
from server.threads import in_thread
from server.transactions import write_as

_RACES: Final = 5
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """The institution that receives, and the ledger that names its new bytes until rows do."""

    institution_id: InstitutionId
    zone: str
    wrapped_key: bytes
    ledger: str


async def make_place(
    app: web.Application, *, institution_id: InstitutionId, zone: str, ledger: str
) -> Place:
    """Where a request's files go; `ledger` is a new id, closed by `close_ledger` at the end."""
    wrapped_key = await wrapped_key_of(app, institution_id)
    return Place(institution_id, zone, wrapped_key, ledger)


async def look_at(app: web.Application, descriptor: int, place: Place) -> Received:
    """What the file is, with its bytes stored.

    Raises JailRefusedError when it is not taken, and every other JailError.
    """
    with memory_files(3) as outputs:
        told = await app[JAIL].run("receive", {}, inputs=[descriptor], outputs=outputs)
        facts: dict[str, Any] = told["facts"]
        packed = await in_thread(read_memory, outputs[2])
        blobs = {Part.ORIGINAL: await _save(app, descriptor, place)}
        if told["verdict"] == "accepted":
            blobs[Part.PREVIEW] = await _save(app, outputs[0], place)
            blobs[Part.THUMBNAIL] = await _save(app, outputs[1], place)
    return Received(
        uids=uids_of(facts),
        source_sha256=await in_thread(sha256_of, descriptor),
        description=describe_dicom(facts, captured_of(facts, zone=place.zone), told["reason"]),
        blobs=blobs,
        indexed=indexed_of(told, packed),
    )


async def file_all(
    app: web.Application,
    actor: Actor,
    received: Sequence[Received],
    *,
    institution_id: InstitutionId,
    way: str,
    source: str,
) -> list[Ingested]:
    """File them in few units, in their order; the answer comes after the COMMIT."""
    found: list[Ingested] = []
    for start in range(0, len(received), _AT_ONCE):
        some = received[start : start + _AT_ONCE]
        for attempt in range(_RACES):
            try:
                found += await write_as(
                    app[UNITS],
                    actor,
                    _file,
                    some,
                    institution_id=institution_id,
                    way=way,
                    source=source,
                )
            except InstanceRacedError:
                if attempt == _RACES - 1:
                    raise
            else:
                break
    return found


def _file(
    work: Work,
    received: Sequence[Received],
    *,
    institution_id: InstitutionId,
    way: str,
    source: str,
) -> list[Ingested]:
    return [
        ingest.receive(work, each, institution_id=institution_id, way=way, source=source)
        for each in received
    ]


async def _save(app: web.Application, descriptor: int, place: Place) -> BlobRef:
    return await save_file(
        app,
        descriptor,
        institution_id=place.institution_id,
        wrapped_key=place.wrapped_key,
        ledger=place.ledger,
    )
