"""An object of the DICOM network on its way in: the same way as by DICOMweb, with other words."""

import os
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Actor, Work
from consult.people.organisations import service as organisations
from consult.studies import ingest
from consult.studies.ingest import Same
from consult.studies.model import Received, Verdict
from consult.studies.peers.model import Peer
from consult.studies.quotas import service as quotas
from consult.studies.quotas.errors import QuotaFullError
from imaging.dimse.command import Status
from imaging.dimse.house import Stored
from imaging.errors import (
    JailError,
    JailRefusedError,
    JailUnavailableError,
)
from server.imagery import IMAGERY
from server.imagestore import close_ledger
from server.keys import SETTINGS, UNITS
from server.receiving import file_all, look_at, make_place
from server.spool import sha256_of
from server.threads import in_thread
from server.transactions import read_as

WAY: Final = "dimse"
_TOO_LARGE: Final = frozenset({"too-large"})
_ANSWERS: Final = MappingProxyType(
    {
        Verdict.STORED: Stored(Status.SUCCESS),
        Verdict.KNOWN: Stored(Status.SUCCESS),
        Verdict.CONFLICT: Stored(Status.DUPLICATE, "other-bytes"),
    }
)


def actor_of(peer: Peer) -> Actor:
    """Who acts when a machine does: itself, for its institution, in no role."""
    return Actor(None, peer.institution_id, machine_id=peer.id)


async def take_object(app: web.Application, peer: Peer, asked: dict[str, Any]) -> Stored:
    """Take a file of the spool; what is answered with success is durable.

    Other bytes under a UID that is stored already are kept beside it for a person, who may decide
    against them: the sender is told so (PS3.7 C.5.6), and does not let its own copy go.
    """
    try:
        descriptor = await in_thread(open_file, app, str(asked["file"]), os.O_RDONLY)
    except FileNotFoundError:
        return Stored(Status.OUT_OF_RESOURCES, "try-again")
    ledger = new_id()
    try:
        return await _take(app, peer, descriptor, (ledger, asked))
    except (JailError, QuotaFullError) as refused:
        return _refused(refused)
    finally:
        os.close(descriptor)
        await close_ledger(app, ledger)


def _refused(error: JailError | QuotaFullError) -> Stored:
    """What the sender is told of an object that was not taken (PS3.4 B.2.3)."""
    match error:
        case QuotaFullError():
            return Stored(Status.OUT_OF_RESOURCES, error.code)
        case JailRefusedError():
            is_large = error.reason in _TOO_LARGE
            status = Status.OUT_OF_RESOURCES if is_large else Status.NOT_UNDERSTOOD
            return Stored(status, error.reason)
        case JailUnavailableError():
            return Stored(Status.OUT_OF_RESOURCES, "try-again")
        case _:
            return Stored(Status.NOT_UNDERSTOOD, "decoder-crashed")


async def _take(
    app: web.Application, peer: Peer, descriptor: int, work: tuple[str, dict[str, Any]]
) -> Stored:
    ledger, asked = work
    actor, institution_id = actor_of(peer), peer.institution_id
    async with app[IMAGERY].intakes:
        same = Same(asked["sop_instance_uid"], await in_thread(sha256_of, descriptor))
        known = await read_as(app[UNITS], actor, ingest.recall, same, institution_id=institution_id)
        if known is not None:
            return _ANSWERS[known]
        size_bytes = os.fstat(descriptor).st_size
        zone = await read_as(app[UNITS], actor, _zone_of, institution_id, size_bytes=size_bytes)
        place = await make_place(app, institution_id=institution_id, zone=zone, ledger=ledger)
        received = await look_at(app, descriptor, place)
        if _is_other(received, asked):
            return Stored(Status.CLASS_MISMATCH, "other-object")
        source = f"{peer.title} {asked['address']}"
        filed = await file_all(
            app, actor, [received], institution_id=institution_id, way=WAY, source=source
        )
    return _ANSWERS[filed[0].verdict]


def _zone_of(work: Work, institution_id: InstitutionId, *, size_bytes: int) -> str:
    """Its zone, read from the system's tables here, where that may take its time.

    Raises QuotaFullError before anybody looks at an object that cannot be kept.
    """
    quotas.require_room(work, institution_id, size_bytes=size_bytes)
    institution = organisations.get_institution(work, institution_id)
    institution.local_day(work.now)
    return institution.zone


def _is_other(received: Received, asked: dict[str, Any]) -> bool:
    """Whether the data set is not what the command named (PS3.4 B.2.3, A9xx)."""
    named = (asked["sop_class_uid"], asked["sop_instance_uid"])
    return named != (received.description.sop_class_uid, received.uids.sop_instance_uid)


def open_file(app: web.Application, file: str, flags: int) -> int:
    """Names in the folder are the DICOM process's own; nothing else is opened, or made.

    Raises FileNotFoundError.
    """
    if "/" in file or file.startswith("."):
        raise FileNotFoundError
    path = app[SETTINGS].dicom_folder / file
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW)
