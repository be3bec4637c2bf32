"""An object of the DICOM network on its way in: the same way as by DICOMweb, with other words."""

from typing import Any, Final

from aiohttp import web

from consult.kernel.work import Actor
from consult.studies.model import Received, Verdict
from consult.studies.peers.model import Peer
from consult.studies.quotas.errors import QuotaFullError
from imaging.dimse.command import Status
from imaging.dimse.house import Stored
from imaging.errors import (
    JailError,
    JailRefusedError,
    JailUnavailableError,
)
from server.dimse.wire import HANDED
from server.receiving.filing import file_all
from server.receiving.place import find_place, receiving
from server.receiving.taking import Taking

WAY: Final = "dimse"
_TOO_LARGE: Final = frozenset({"too-large"})


def actor_of(peer: Peer) -> Actor:
    """Who acts when a machine does: itself, for its institution, in no role."""
    return Actor(None, peer.institution_id, machine_id=peer.id)


async def take_object(app: web.Application, peer: Peer, asked: dict[str, Any]) -> Stored:
    """Take a file that was handed over; what is answered with success is durable.

    Other bytes under a UID that is stored already are kept beside it for a person, who may decide
    against them: the sender is told so (PS3.7 C.5.6), and does not let its own copy go.
    """
    try:
        return await _take(app, peer, asked)
    except (JailError, QuotaFullError) as refused:
        return _refused(refused)


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


async def _take(app: web.Application, peer: Peer, asked: dict[str, Any]) -> Stored:
    async with receiving(app, await find_place(app, peer.institution_id)) as place:
        taking = Taking(app, place)
        try:
            received = await taking.take_file(asked[HANDED].fileno(), int(asked["size_bytes"]))
        finally:
            await taking.drop()
        if _is_other(received, asked):
            return Stored(Status.CLASS_MISMATCH, "other-object")
        source = f"{peer.title} {asked['address']}"
        filed = await file_all(app, actor_of(peer), place, [received], way=WAY, source=source)
    if filed[0].verdict is Verdict.CONFLICT:
        return Stored(Status.DUPLICATE, "other-bytes")
    return Stored(Status.SUCCESS)


def _is_other(received: Received, asked: dict[str, Any]) -> bool:
    """Whether the data set is not what the command named (PS3.4 B.2.3, A9xx)."""
    named = (asked["sop_class_uid"], asked["sop_instance_uid"])
    return named != (received.description.sop_class_uid, received.uids.sop_instance_uid)
